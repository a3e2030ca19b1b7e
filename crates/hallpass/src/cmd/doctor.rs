//! `hallpass doctor`

mod device;
mod finding;
mod repair;
mod state;

use anyhow::Result;
use hallpass_enphase::{ENLIGHTEN_URL, ENTREZ_URL};
use serde::Serialize;

use crate::{
    args::{Doctor, Global},
    config::Config,
    context::{Context, Environment},
    exit::Exit,
    output::Output,
    problem::Problem,
};
use finding::Finding;

pub(super) async fn run(
    typed: &Doctor,
    global: &Global,
    environment: &Environment,
    output: Output,
) -> Result<Exit> {
    let mut findings = Vec::new();
    if typed.repair {
        findings.extend(repair::repair(typed, global, environment, output).await?);
    }
    findings.extend(configuration(global, environment));
    let state = state::examine(global, environment);
    findings.extend(state.findings);
    if state.is_usable && !findings.iter().any(Finding::is_problem) {
        let context = Context::new(global, environment, output)?;
        findings.extend(device::examine(typed.device.as_deref(), &context).await?);
    }
    tell(&findings, output)
}

/// The document of `doctor --json`.
#[derive(Serialize)]
struct Document<'a> {
    findings: &'a [Finding],
}

fn tell(findings: &[Finding], output: Output) -> Result<Exit> {
    if output.is_json() {
        output.document(&Document { findings })?;
    } else {
        let lines: Vec<_> = findings.iter().map(Finding::text).collect();
        output.line(lines.join("\n"))?;
    }
    let problems = findings.iter().filter(|finding| finding.is_problem()).count();
    let text = match problems {
        0 => return Ok(Exit::Done),
        1 => "there is a problem".to_owned(),
        more => format!("there are {more} problems"),
    };
    Err(Problem::new(Exit::Failed, text).hint("do what the list says, from its top").into())
}

fn configuration(global: &Global, environment: &Environment) -> Vec<Finding> {
    let typed = global.config.as_deref();
    match environment.config(typed) {
        Err(error) => vec![Finding::failed(CONFIGURATION, &error)],
        Ok(config) => {
            let file = environment.config_file(typed);
            let words = match file {
                Some(file) => format!("{}, every key of it is known", file.display()),
                None => "there is no file, which is fine".to_owned(),
            };
            vec![Finding::ok(CONFIGURATION, words), clouds(&config)]
        }
    }
}

/// They are not asked: that would cost a login, or tell them of us.
fn clouds(config: &Config) -> Finding {
    let url = |configured: &Option<_>, usual: &str| {
        configured.as_ref().map_or_else(|| usual.to_owned(), ToString::to_string)
    };
    let enlighten = url(&config.enlighten, ENLIGHTEN_URL);
    let entrez = url(&config.entrez, ENTREZ_URL);
    let whose = match (&config.enlighten, &config.entrez) {
        (None, None) => "Enphase's own",
        _ => "as configured",
    };
    let words =
        format!("accounts log in at {enlighten}, tokens come from {entrez} ({whose}; not asked)");
    Finding::ok("clouds", words)
}

const CONFIGURATION: &str = "configuration";
