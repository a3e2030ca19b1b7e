//! Prints `docs/faults.md`: the catalogue of faults, what plays each one, and what came of it. A test compares the two.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hallpass_sim::{Action, Scenario, Step};

/// Faults that a timeline cannot play, by the tests that do. The founder's list: a name must be that of a test.
const PROGRAM_TESTS: &[(&str, &str)] = &[
    ("G11", "what_is_not_a_get_is_sent_once"),
    ("A2", "fifty_callers_share_a_session_a_token_and_a_login"),
    ("A3", "twenty_refusals_of_one_generation_issue_once"),
];

#[expect(clippy::print_stdout, reason = "the document")]
fn main() -> io::Result<()> {
    print!("{}", document()?);
    Ok(())
}

pub(crate) fn document() -> io::Result<String> {
    let mut rows = Vec::new();
    for file in files(&root().join("crates/hallpass-sim/scenarios"), "txt")? {
        rows.extend(of_scenario(&file)?);
    }
    let sources = sources()?;
    for (code, test) in PROGRAM_TESTS {
        rows.push(of_test(code, test, &sources)?);
    }
    rows.sort_by_key(|row| (place(&row.code), row.player.clone()));
    let rows: String = rows.iter().map(Row::to_string).collect();
    Ok(format!("{INTRODUCTION}{rows}"))
}

struct Row {
    code: String,
    faults: String,
    player: String,
    summary: String,
    expected: String,
    result: String,
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, faults, player, summary, expected, result } = self;
        writeln!(f, "| {code} | {faults} | {player} | {summary} | {expected} | {result} |")
    }
}

/// A row for each code of a scenario.
fn of_scenario(file: &Path) -> io::Result<Vec<Row>> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let wrong = |error| io::Error::other(format!("{name}, {error}"));
    let scenario = Scenario::parse(&fs::read_to_string(file)?).map_err(wrong)?;
    let quoted = |names: Vec<&str>| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ")
    };
    let expected: Vec<_> = scenario.steps.iter().filter_map(|s| expected(s, &scenario)).collect();
    let row = |code: &String| Row {
        code: code.clone(),
        faults: quoted(scenario.faults()),
        player: format!("[{name}](../crates/hallpass-sim/scenarios/{name})"),
        summary: scenario.summary.clone(),
        expected: expected.join("; "),
        result: match &scenario.not_yet {
            None => "kept".to_owned(),
            Some(reason) => format!("**not yet**: {reason}"),
        },
    };
    Ok(scenario.codes.iter().map(row).collect())
}

/// What is expected at a step, with the time where it is not the end.
fn expected(step: &Step, scenario: &Scenario) -> Option<String> {
    let Action::Expect(expectation) = &step.action else { return None };
    let words = expectation.to_string();
    let written = step.to_string();
    let time = written.strip_suffix(&format!(" expect {words}")).unwrap_or_default();
    let time = if step.at == scenario.length { String::new() } else { format!("{time} ") };
    Some(format!("{time}{words}"))
}

fn of_test(code: &str, test: &str, sources: &str) -> io::Result<Row> {
    if !sources.contains(&format!("fn {test}(")) {
        return Err(io::Error::other(format!("no test is called {test}")));
    }
    Ok(Row {
        code: code.to_owned(),
        faults: String::new(),
        player: format!("test `{test}`"),
        summary: test.replace('_', " "),
        expected: String::new(),
        result: "kept".to_owned(),
    })
}

/// All Rust text of the crates.
fn sources() -> io::Result<String> {
    let texts = files(&root().join("crates"), "rs")?.into_iter().map(fs::read_to_string);
    texts.collect()
}

/// The files below a folder whose names end so, sorted.
fn files(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|other| other == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Groups in the order of the catalogue, then by number.
fn place(code: &str) -> (usize, u32) {
    let (group, number) = code.split_at(1.min(code.len()));
    (GROUPS.find(group).unwrap_or(GROUPS.len()), number.parse().unwrap_or(u32::MAX))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Gateway, credentials, clouds, network, clocks, data, storage, proxy, HEM.
const GROUPS: &str = "GACNKDSPH";

const INTRODUCTION: &str = "\
# Faults

Made by `cargo xtask docs` from the scenarios in `crates/hallpass-sim/scenarios` and a list of tests for what a timeline cannot
play. [scenarios.md](scenarios.md) explains the words.

Each scenario is played by the tests with the whole client, under virtual time. Besides what is listed, the simulator's own
verdict must be good in each: nothing secret at a wrong place, no budget for gateways and clouds exceeded. **Not yet** marks
what the client does not keep so far; such a scenario must fail, so that the mark cannot stay longer than it is true.

| code | fault | played by | what happens | what is expected | result |
|---|---|---|---|---|---|
";
