//! A scenario played on real sockets, for a client in another process.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use hallpass_sim::{Action, Expectation, Play, Scenario, Sim, Step, Verdict};
use serde::Serialize;

use crate::{exit::Exit, output::Output, problem::Problem};

/// Reads a scenario's file.
pub(super) fn read(file: &Path) -> Result<Scenario> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| {
        let text = format!("the scenario {shown} cannot be read");
        Problem::usage(text).hint("scenarios are files, as in crates/hallpass-sim/scenarios")
    })?;
    let wrong = |error| {
        let text = format!("{shown} is no scenario: {error}");
        Problem::usage(text).hint("docs/scenarios.md has all words of one")
    };
    Ok(Scenario::parse(&text).map_err(wrong)?)
}

/// Plays a scenario to its end, and says whether what is expected came of it.
pub(super) async fn play(sim: Sim, scenario: &Scenario, output: Output) -> Result<Exit> {
    output.note(format_args!("Scenario: {}", scenario.summary));
    let mut play = Play::new(sim.clone(), scenario);
    let mut judged = Vec::new();
    while let Some(step) = play.next().await? {
        match &step.action {
            Action::Expect(expectation) => {
                let seen = play.seen(expectation);
                judged.push(Judged::new(&step, expectation, seen));
            }
            Action::Client(_) => output.note(format_args!("{step}: that is yours to do")),
            _ => output.note(&step),
        }
    }
    let outcome = Outcome::new(sim.control().verdict(), judged);
    outcome.tell(output)?;
    if outcome.kept {
        return Ok(Exit::Done);
    }
    let problem = Problem::new(Exit::Failed, "not everything came of it that should have");
    Err(problem.hint("the lines that begin with `not kept` say what did not").into())
}

/// The last line of `sim --scenario FILE --json`.
#[derive(Serialize)]
struct Outcome {
    /// Whether nothing that the simulator could judge was otherwise than expected.
    kept: bool,
    expectations: Vec<Judged>,
    verdict: Verdict,
}

#[derive(Serialize)]
struct Judged {
    line: usize,
    expects: String,
    /// A number, or seconds; null where only the client's side knows.
    seen: Option<f64>,
    holds: Option<bool>,
}

impl Judged {
    fn new(step: &Step, expectation: &Expectation, seen: Option<f64>) -> Self {
        let holds = seen.map(|seen| expectation.holds(seen));
        Self { line: step.line, expects: expectation.to_string(), seen, holds }
    }

    fn words(&self) -> String {
        let Self { line, expects, seen, holds } = self;
        match (seen, holds) {
            (Some(_), Some(true)) => format!("kept      {expects}"),
            (Some(seen), _) => format!("not kept  {expects}: it is {seen} (line {line})"),
            (None, _) => format!("unseen    {expects}: only the client's side knows"),
        }
    }
}

impl Outcome {
    fn new(verdict: Verdict, expectations: Vec<Judged>) -> Self {
        let is_broken = |judged: &Judged| judged.holds == Some(false);
        let kept = verdict.ok && !expectations.iter().any(is_broken);
        Self { kept, expectations, verdict }
    }

    fn tell(&self, output: Output) -> Result<()> {
        if output.is_json() {
            return Ok(output.document(self)?);
        }
        for judged in &self.expectations {
            output.line(judged.words())?;
        }
        for violation in &self.verdict.violations {
            output.line(format_args!("not kept  {violation}"))?;
        }
        Ok(())
    }
}
