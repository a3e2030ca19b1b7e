//! Lets a scenario happen.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

use super::{Action, ClientStep, Expectation, Scenario, Step, expectation::Books};
use crate::{Control, FaultError, Sim, clock::signed};

/// A scenario that is being played in a world.
pub struct Play {
    sim: Sim,
    begin: Timestamp,
    steps: Vec<Step>,
    done: usize,
    /// What had been counted at the times from which on expectations count.
    marks: BTreeMap<Duration, Books>,
}

impl Play {
    /// A scenario that begins now in this world.
    #[must_use]
    pub fn new(sim: Sim, scenario: &Scenario) -> Self {
        let begin = sim.control().now();
        Self { sim, begin, steps: scenario.steps.clone(), done: 0, marks: BTreeMap::new() }
    }

    /// Waits for the next step, by simulated time, and does what is the world's in it. The client's part in it, and what
    /// is expected, are left to the caller. None at the end.
    ///
    /// # Errors
    /// A fault or event that is for a gateway which is not there.
    ///
    /// # Cancellation
    /// Nothing is lost: the step is still the next one.
    pub async fn next(&mut self) -> Result<Option<Step>, FaultError> {
        while let Some(step) = self.steps.get(self.done).cloned() {
            self.wait_until(step.at).await;
            self.done += 1;
            if step.action == Action::Mark {
                self.marks.insert(step.at, Books::of(&self.control()));
                continue;
            }
            self.happen(&step.action)?;
            return Ok(Some(step));
        }
        Ok(None)
    }

    /// What the simulator saw by now of what is expected; none where only the client's side knows.
    #[must_use]
    pub fn seen(&self, expectation: &Expectation) -> Option<f64> {
        let measure = &expectation.measure;
        let mark = expectation.since.and_then(|since| self.marks.get(&since));
        let before = mark.and_then(|books| measure.seen(books)).unwrap_or(0.0);
        Some(measure.seen(&Books::of(&self.control()))? - before)
    }

    /// How long it has been played.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Duration::try_from(self.control().now().duration_since(self.begin)).unwrap_or_default()
    }

    async fn wait_until(&self, moment: Duration) {
        let due = self.begin + signed(moment);
        // Time that is moved ahead wakes nobody.
        while let Ok(left) = Duration::try_from(due.duration_since(self.control().now()))
            && !left.is_zero()
        {
            self.sim.inner.stage.clock.wait(left.max(TICK)).await;
        }
    }

    fn happen(&self, action: &Action) -> Result<(), FaultError> {
        match action {
            Action::Fault { name, arguments } => self.control().set_fault(name, arguments),
            Action::Clear { name } => self.control().clear_fault(name).map(|_| ()),
            Action::Event { name, arguments } => self.control().event(name, arguments),
            // From now on the new key is the gateway's own.
            Action::Client(ClientStep::AcceptsKey) => {
                self.control().event("trust-certificate", &Value::Null)
            }
            Action::Client(_) | Action::Expect(_) | Action::Mark => Ok(()),
        }
    }

    fn control(&self) -> Control {
        self.sim.control()
    }
}

/// Timers are no finer than this.
const TICK: Duration = Duration::from_millis(1);
