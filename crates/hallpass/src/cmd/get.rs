//! `hallpass get`

use std::fmt::Write;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use hallpass_credential::Error;
use hallpass_store::Device;
use hallpass_transport::Reply;
use http::{
    Method, Request, Uri,
    header::{CONTENT_TYPE, SET_COOKIE},
};
use serde_json::Value;
use tokio::fs;

use crate::{
    access::Access,
    aftermath::settle,
    again::once_more,
    args::Get,
    context::Context,
    exit::Exit,
    problem::{OrAbout, Problem},
    prompt,
};

pub(super) async fn run(typed: Get, context: &Context) -> Result<Exit> {
    let request = request(&typed)?;
    let asking = once_more(context, &typed.device, || ask(&typed, &request, context));
    let reply = asking.await?;
    print(&typed, &reply, context).await?;
    judge(&reply)
}

async fn ask(typed: &Get, request: &Request<Bytes>, context: &Context) -> Result<Reply> {
    let access = Access::open(context, &typed.device, &typed.with).await;
    let Access { device, gateway } = access.or_about("reach", &typed.device)?;
    require_consent(typed, request, context).await?;
    let forwarding = gateway.forward(request.clone());
    let reply = context.output.waiting("asking the gateway", forwarding).await;
    // Its connection is not kept open while others are in the line (B3).
    drop(gateway);
    note(&device, reply, context).await.or_about("ask", &typed.device)
}

/// What to send, checked before anything is.
fn request(typed: &Get) -> Result<Request<Bytes>> {
    let path = &typed.path;
    let wrong = || {
        Problem::usage(format!("`{path}` is no path on the gateway"))
            .hint("write it from the root, as in /production.json?details=1")
    };
    let uri = path.parse::<Uri>().ok().filter(|_| path.starts_with('/')).ok_or_else(wrong)?;
    let usual = if typed.body.is_some() { Method::POST } else { Method::GET };
    let mut request = Request::new(typed.body.clone().unwrap_or_default().into());
    *request.method_mut() = typed.method.clone().unwrap_or(usual);
    *request.uri_mut() = uri;
    if let Some(body) = &typed.body {
        let is_json = serde_json::from_str::<Value>(body).is_ok();
        let kind = if is_json { "application/json" } else { "application/x-www-form-urlencoded" };
        request.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(kind));
    }
    Ok(request)
}

/// A gateway that is not ready has not shown itself.
async fn note(device: &Device, reply: Result<Reply, Error>, context: &Context) -> Result<Reply> {
    match reply {
        Ok(reply) if reply.status.is_server_error() => Ok(reply),
        reply => settle(context, device, reply).await,
    }
}

/// What is not a GET may change the device.
async fn require_consent(typed: &Get, request: &Request<Bytes>, context: &Context) -> Result<()> {
    if typed.yes || request.method() == Method::GET {
        return Ok(());
    }
    let what = format!("{} {} to {}", request.method(), request.uri(), typed.device);
    if !context.terminals.can_ask() {
        let text = format!("{what} may change the device, and there is no terminal to ask");
        return Err(Problem::usage(text).hint("add --yes if that is meant").into());
    }
    if prompt::confirm(format!("Send {what}? It may change the device.")).await? {
        return Ok(());
    }
    Err(Problem::new(Exit::Failed, "not sent").hint("nothing was changed").into())
}

async fn print(typed: &Get, reply: &Reply, context: &Context) -> Result<()> {
    if typed.include {
        context.output.bytes(head(reply).as_bytes())?;
    }
    match &typed.output {
        Some(path) => fs::write(path, &reply.body)
            .await
            .with_context(|| format!("the answer cannot be written to {}", path.display())),
        None => Ok(context.output.bytes(&reply.body)?),
    }
}

/// Status and headers as they came, but for what opens the gateway.
fn head(reply: &Reply) -> String {
    let mut head = format!("HTTP/1.1 {}\r\n", reply.status);
    for (name, value) in &reply.headers {
        let text = String::from_utf8_lossy(value.as_bytes());
        let shown = if name == SET_COOKIE { "[secret]" } else { &*text };
        // Writing to a String cannot fail.
        let _ = write!(head, "{name}: {shown}\r\n");
    }
    head + "\r\n"
}

fn judge(reply: &Reply) -> Result<Exit> {
    let exit = Exit::of_answer(reply.status);
    let hint = match exit {
        Exit::Done => return Ok(exit),
        Exit::Forbidden => "it takes a token of another role, such as installer",
        _ if reply.status.is_redirection() => "it points elsewhere; hallpass follows no redirects",
        _ if reply.status.is_server_error() => "the gateway may be busy or starting; try again",
        _ => "check the path; not every firmware has every endpoint",
    };
    Err(Problem::new(exit, format!("the gateway answers {}", reply.status)).hint(hint).into())
}

#[cfg(test)]
mod tests;
