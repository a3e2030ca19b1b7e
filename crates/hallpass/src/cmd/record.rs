//! `hallpass record`

mod interview;

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use hallpass_credential::{Secret, peek};
use hallpass_enphase::{Account, Info, Session, default_password, session_name};
use hallpass_store::Device;
use serde::Serialize;

use crate::{
    access::Access,
    aftermath::settle,
    args::Record,
    context::Context,
    exit::Exit,
    means::held_token,
    problem::OrAbout,
    record::{Answer, Folder, Kind, Owner, Recording, Subject, in_words},
};
use interview::Interview;

pub(super) async fn run(typed: Record, context: &Context) -> Result<Exit> {
    let folder = Folder::open(&typed.directory)?;
    match record(&typed, context).await.or_about("record", &typed.device) {
        Ok((interview, recording)) => {
            folder.write(&recording.files)?;
            let report = Report::new(&typed.directory, &interview, &recording);
            report.print(context)?;
            Ok(Exit::Done)
        }
        Err(error) => {
            folder.discard();
            Err(error)
        }
    }
}

async fn record(typed: &Record, context: &Context) -> Result<(Interview, Recording)> {
    let (access, account) = Access::open_with_account(context, &typed.device, &typed.with).await?;
    let Access { device, gateway } = access;
    let interview = Interview::hold(&gateway, context).await;
    // Its connection is not kept open while others are in the line (B3).
    drop(gateway);
    let interview = settle(context, &device, interview).await?;
    let owner = owner(context, &device, account).await?;
    let subject = subject(context, &device, &interview);
    let recording = Recording::new(&interview.answers, owner, &subject)?;
    Ok((interview, recording))
}

/// Everything by which hallpass knows whose gateway it is, and what opens it.
async fn owner(context: &Context, device: &Device, account: Option<Account>) -> Result<Owner> {
    let (records, serial_number) = (&context.state.records, device.serial_number().to_owned());
    let mut secrets: Vec<Secret> = Vec::new();
    secrets.extend(held_token(context, device).await?.map(|held| held.credential.text().clone()));
    let session = peek::<Session>(records, &session_name(&serial_number)).await?;
    secrets.extend(session.iter().flat_map(|held| held.credential.secrets().cloned()));
    let username = account.as_ref().map(|account| &account.username).or(device.account.as_ref());
    // The users of a gateway itself are called the same everywhere.
    secrets.extend(username.filter(|name| name.contains('@')).map(|name| name.as_str().into()));
    if let Some(Account { username, password }) = account {
        // What is computed of the serial number is gone with it, and may be a number elsewhere.
        let computed = default_password(&username, &serial_number);
        if computed.is_none_or(|computed| computed.mark() != password.mark()) {
            secrets.push(password);
        }
    }
    Ok(Owner { serial_number, secrets })
}

/// By what the gateway said of itself just now, or else before.
fn subject(context: &Context, device: &Device, interview: &Interview) -> Subject {
    let info = interview.answers.first().and_then(|info| Info::parse(&info.body).ok());
    let firmware = info.as_ref().map(|info| info.firmware.to_string());
    let part_number = info.and_then(|info| info.part_number);
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
    Subject {
        firmware: or_unknown(firmware.or_else(|| device.firmware.clone())),
        part_number: or_unknown(part_number.or_else(|| device.part_number.clone())),
        taken_at: context.clock.now(),
        lost: interview.lost.clone(),
    }
}

/// What was recorded, for a person or a program.
#[derive(Debug, Serialize)]
struct Report<'a> {
    directory: &'a Path,
    /// How many.
    files: usize,
    endpoints: Vec<Recorded<'a>>,
    replaced: &'a BTreeMap<Kind, usize>,
}

#[derive(Debug, Serialize)]
struct Recorded<'a> {
    path: &'a str,
    /// None where there was no answer.
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn new(directory: &'a Path, interview: &'a Interview, recording: &'a Recording) -> Self {
        let answered = interview.answers.iter().map(|Answer { question, status, .. }| Recorded {
            path: question.path,
            status: Some(*status),
            problem: None,
        });
        let lost = interview.lost.iter().map(|(question, why)| Recorded {
            path: question.path,
            status: None,
            problem: Some(why),
        });
        Self {
            directory,
            files: recording.files.len(),
            endpoints: answered.chain(lost).collect(),
            replaced: &recording.replaced,
        }
    }

    fn print(&self, context: &Context) -> Result<()> {
        for Recorded { path, problem, .. } in &self.endpoints {
            if let Some(problem) = problem {
                context.output.warning(format_args!("{path} is not recorded: {problem}"));
            }
        }
        if context.output.is_json() {
            return Ok(context.output.document(self)?);
        }
        let Self { directory, files, endpoints, replaced } = self;
        let answers = endpoints.iter().filter(|endpoint| endpoint.status.is_some()).count();
        let (asked, directory) = (endpoints.len(), directory.display());
        context.output.line(format_args!(
            "Recorded {answers} of {asked} endpoints in {directory} ({files} files).\n\
             Replaced by made-up text: {}.\n\
             What was measured, times and the time zone are as they were. Look through it before \
             you give it away.",
            in_words(replaced)
        ))?;
        Ok(())
    }
}
