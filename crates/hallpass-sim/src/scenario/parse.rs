//! From text to a scenario, line by line.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;

use super::{
    Action, ClientStep, Comparison, Expectation, Measure, Scenario, ScenarioError,
    ScenarioErrorKind as Kind, Step, Telling, moment,
};
use crate::{AccountKind, FaultError, Options, arguments, event::Event, fault::Faults};

pub(super) fn scenario(text: &str) -> Result<Scenario, ScenarioError> {
    let first = text.lines().next().unwrap_or_default();
    let summary = first.strip_prefix("# ").filter(|summary| !summary.trim().is_empty());
    let summary = summary.ok_or(ScenarioError { line: 1, kind: Kind::NoSummary })?;
    let mut reader = Reader::new(summary.trim());
    let mut last = 1;
    for (number, line) in (1..).zip(text.lines()) {
        last = number;
        reader.line(number, line.trim()).map_err(|kind| ScenarioError { line: number, kind })?;
    }
    reader.finish().map_err(|kind| ScenarioError { line: last, kind })
}

/// What was read so far.
struct Reader {
    scenario: Scenario,
    /// What must come of it all.
    finally: Vec<(usize, Expectation)>,
    end: Option<Duration>,
}

impl Reader {
    fn new(summary: &str) -> Self {
        let usual = Options::default();
        let scenario = Scenario {
            summary: summary.to_owned(),
            codes: Vec::new(),
            not_yet: None,
            begin: super::LATE_MORNING,
            firmware: Vec::new(),
            inverters: None,
            account: usual.account.kind,
            seed: usual.seed,
            every: MINUTE,
            steps: Vec::new(),
            length: Duration::ZERO,
        };
        Self { scenario, finally: Vec::new(), end: None }
    }

    fn line(&mut self, number: usize, line: &str) -> Result<(), Kind> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (word, rest) = split(line);
        match word {
            "at" => self.at(number, rest),
            "expect" => {
                self.finally.push((number, expectation(rest)?));
                Ok(())
            }
            _ => self.header(word, rest),
        }
    }

    fn header(&mut self, word: &str, rest: &str) -> Result<(), Kind> {
        if !HEADERS.contains(&word) {
            let known = HEADERS.iter().chain(&["at", "expect"]).copied();
            return Err(Kind::unknown("line", word, known));
        }
        if !self.scenario.steps.is_empty() || self.end.is_some() {
            return Err(Kind::Late);
        }
        let scenario = &mut self.scenario;
        match word {
            "codes" => scenario.codes.extend(rest.split_whitespace().map(str::to_owned)),
            "not-yet" => scenario.not_yet = Some(value(rest, "reason", |_| Some(rest.to_owned()))?),
            "begin" => scenario.begin = value(rest, "time (2026-06-21T09:30:00Z)", parsed)?,
            "firmware" => scenario.firmware.push(value(rest, "version (7.6.175)", version)?),
            "inverters" => scenario.inverters = Some(value(rest, "number", parsed)?),
            "account" => scenario.account = account(rest)?,
            "seed" => scenario.seed = value(rest, "number", parsed)?,
            _ => scenario.every = value(rest, TIME, moment::parse)?,
        }
        Ok(())
    }

    fn at(&mut self, line: usize, rest: &str) -> Result<(), Kind> {
        let (time, rest) = split(rest);
        let at = value(time, TIME, moment::parse)?;
        if self.end.is_some() {
            return Err(Kind::Ended);
        }
        if self.scenario.steps.last().is_some_and(|last| at < last.at) {
            return Err(Kind::Disorder);
        }
        if rest == "end" {
            self.end = Some(at);
            return Ok(());
        }
        self.scenario.steps.push(Step { at, line, action: action(rest)? });
        Ok(())
    }

    fn finish(self) -> Result<Scenario, Kind> {
        let Self { mut scenario, finally, end } = self;
        let at = end.ok_or(Kind::NoEnd)?;
        if scenario.firmware.is_empty() {
            scenario.firmware.push(USUAL_FIRMWARE.to_owned());
        }
        let finally = finally.into_iter();
        scenario.steps.extend(finally.map(|(line, expected)| Step {
            at,
            line,
            action: Action::Expect(expected),
        }));
        let since = scenario.expectations().filter_map(|expectation| expectation.since);
        let mut marks: Vec<_> =
            since.map(|at| Step { at, line: 0, action: Action::Mark }).collect();
        marks.append(&mut scenario.steps);
        // Stable: what happens at the same time keeps its order, after the marks.
        marks.sort_by_key(|step| step.at);
        marks.dedup_by(|one, other| one.action == Action::Mark && one == other);
        Ok(Scenario { steps: marks, length: at, ..scenario })
    }
}

fn action(text: &str) -> Result<Action, Kind> {
    let (word, rest) = split(text);
    Ok(match word {
        "fault" => {
            let (name, arguments) = named(rest)?;
            // A dry run: what is wrong with it is told now, with the line.
            Faults::default().set(&name, &arguments, super::LATE_MORNING, 0)?;
            Action::Fault { name, arguments }
        }
        "clear" => {
            Faults::default().clear(rest)?;
            Action::Clear { name: rest.to_owned() }
        }
        "event" => {
            let (name, arguments) = named(rest)?;
            Event::parse(&name, &arguments)?;
            Action::Event { name, arguments }
        }
        "client" => Action::Client(client(rest)?),
        "expect" => Action::Expect(expectation(rest)?),
        _ => return Err(Kind::unknown("step", word, STEPS.into_iter())),
    })
}

/// A name, and `key=value` as often as there is more.
fn named(text: &str) -> Result<(String, Value), FaultError> {
    let (name, rest) = split(text);
    let pairs: Vec<_> = rest.split_whitespace().collect();
    Ok((name.to_owned(), arguments::parse(name, &pairs.join("&"))?))
}

fn client(text: &str) -> Result<ClientStep, Kind> {
    if let Some((_, step)) = ClientStep::PHRASES.iter().find(|(words, _)| *words == text) {
        return Ok(*step);
    }
    if let Some(length) = text.strip_prefix(ClientStep::SLEEPS) {
        return Ok(ClientStep::Sleeps(value(length.trim(), TIME, moment::parse)?));
    }
    if let Some(by) = text.strip_prefix(ClientStep::CLOCK_STEPS) {
        let by = value(by.trim(), "step of a clock (+2y, -1h)", step_of_clock)?;
        return Ok(ClientStep::ClockSteps(by));
    }
    let phrases = ClientStep::PHRASES.iter().map(|(words, _)| *words);
    let known = phrases.chain([ClientStep::SLEEPS, ClientStep::CLOCK_STEPS]);
    Err(Kind::unknown("step of a client", text, known))
}

fn step_of_clock(text: &str) -> Option<SignedDuration> {
    let length = |text| SignedDuration::try_from(moment::parse(text)?).ok();
    match text.strip_prefix('-') {
        Some(back) => length(back)?.checked_neg(),
        None => length(text.strip_prefix('+')?),
    }
}

/// `MEASURE COMPARISON LIMIT [since TIME]`
fn expectation(text: &str) -> Result<Expectation, Kind> {
    let (measure, rest) = measure(text)?;
    let (sign, rest) = split(rest);
    let comparison = known("comparison", sign, &Comparison::SIGNS)?;
    let (limit, rest) = split(rest);
    let limit = match measure.is_time() {
        true => value(limit, TIME, moment::parse)?.as_secs_f64(),
        false => value(limit, "number", |text| text.parse::<u32>().ok())?.into(),
    };
    let since = match split(rest) {
        ("", _) => None,
        ("since", time) if measure.is_count() => Some(value(time, TIME, moment::parse)?),
        (word, _) if measure.is_count() => return Err(Kind::value("`since TIME`", word)),
        (word, _) => return Err(Kind::value("end of the line", word)),
    };
    Ok(Expectation { measure, comparison, limit, since })
}

/// The measure, and what follows it.
fn measure(text: &str) -> Result<(Measure, &str), Kind> {
    let (word, rest) = split(text);
    match word {
        Measure::REQUESTS => requests(rest),
        Measure::TOLD => {
            let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
            let (words, rest) = quoted.ok_or_else(|| Kind::value("text in quotes", rest))?;
            Ok((Measure::Told(Telling::Words(words.to_owned())), rest.trim_start()))
        }
        _ => {
            let words = Measure::WORDS.iter().map(|(word, _)| *word);
            let found = Measure::WORDS.iter().find(|(known, _)| *known == word);
            let more = words.chain([Measure::REQUESTS, Measure::TOLD]);
            let (_, measure) = found.ok_or_else(|| Kind::unknown("measure", word, more))?;
            Ok((measure.clone(), rest))
        }
    }
}

fn requests(text: &str) -> Result<(Measure, &str), Kind> {
    let (path, after) = split(text);
    let is_path = |path: &str| path == "*" || path.starts_with('/');
    let path =
        value(path, "path (/info, or * for all)", |path| is_path(path).then(|| path.to_owned()))?;
    let (status, rest) = split(after);
    Ok(match status.parse() {
        Ok(status) => (Measure::Requests { path, status: Some(status) }, rest),
        Err(_) => (Measure::Requests { path, status: None }, after),
    })
}

fn account(text: &str) -> Result<AccountKind, Kind> {
    known("account", text, &ACCOUNTS)
}

fn known<T: Copy>(kind: &'static str, word: &str, all: &[(&'static str, T)]) -> Result<T, Kind> {
    let found = all.iter().find(|(known, _)| *known == word).map(|(_, thing)| *thing);
    found.ok_or_else(|| Kind::unknown(kind, word, all.iter().map(|(word, _)| *word)))
}

fn value<T>(
    text: &str,
    wanted: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Kind> {
    let found = Some(text).filter(|text| !text.is_empty()).and_then(read);
    found.ok_or_else(|| Kind::value(wanted, text))
}

fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn version(text: &str) -> Option<String> {
    let is_version = text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.contains('.');
    is_version.then(|| text.to_owned())
}

/// The first word, and the rest without the space between.
fn split(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

const HEADERS: [&str; 8] =
    ["codes", "not-yet", "begin", "firmware", "inverters", "account", "seed", "every"];
const STEPS: [&str; 6] = ["fault", "clear", "event", "client", "expect", "end"];
const ACCOUNTS: [(&str, AccountKind); 3] = [
    ("owner", AccountKind::Owner),
    ("self-installer", AccountKind::SelfInstaller),
    ("installer", AccountKind::Installer),
];

const TIME: &str = "time (90s, 1h30m, 7d)";
const USUAL_FIRMWARE: &str = "7.6.175";
const MINUTE: Duration = Duration::from_secs(60);
