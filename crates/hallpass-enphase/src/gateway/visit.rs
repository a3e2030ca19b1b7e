//! A visit to a gateway: the turn is taken once, and it is asked all that a survey wants to know.

use std::{error::Error as _, mem, sync::atomic::Ordering, time::Duration};

use hallpass_credential::{
    Error, ErrorKind, Result, later,
    store::{Record, Revise, Space},
};
use http::header::ACCEPT;
use jiff::Timestamp;

use super::{Door, Gateway, refused_user};
use crate::{
    Answer, Build, Endpoint, Info, Memory, Pace, Plan, Snapshot, Survey, Surveyed,
    equipment::Equipment,
    reading::{Family, Problem},
};

/// What the last survey left.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Once it was loaded or made in this process.
    pub(super) plan: Option<Plan>,
    pub(super) memory: Memory,
    /// Once it was loaded or made in this process.
    pub(super) equipment: Option<Equipment>,
}

impl Gateway {
    /// Reads everything, or one family.
    pub(super) async fn survey(&self, only: Option<Family>) -> Result<Snapshot> {
        let begun = self.clock.now();
        let info = self.info().await?;
        if let Door::Token { session, .. } = &self.door
            && let Err(error) = session.get().await
        {
            self.identity.doubt().await;
            return Err(error);
        }
        self.door.renew_if_due().await;
        let mut left = self.left.lock().await;
        let plan = self.known_plan(&left).await?;
        self.link.hold().await?;
        let survey = Survey::new(&info, plan.clone(), self.clock.now());
        let mut survey = survey.remembering(mem::take(&mut left.memory)).only(only);
        let cause = self.walk(&mut survey).await;
        self.link.let_go().await;
        let Surveyed { snapshot, plan: next, memory, is_news } = survey.finish(self.clock.now());
        let let_in = self.let_in_since(begun).await;
        let next = if let_in { next } else { next.without_new_refusals(plan.as_ref()) };
        left.memory = memory;
        if snapshot.complaints.iter().any(|complaint| !complaint.problem.is_lasting()) {
            self.identity.doubt().await;
        }
        if snapshot.readings.is_empty() || (!is_news && !snapshot.complaints.is_empty()) {
            match (cause, only) {
                (Some(cause), _) => return Err(cause),
                (None, None) => return Err(self.why_nothing(&snapshot, let_in)),
                // It does not have the family, or refuses it: both are remembered.
                (None, Some(_)) => {}
            }
        }
        if only.is_none() && (left.equipment.is_none() || plan.as_ref() != Some(&next)) {
            self.take_stock(&mut left, &info, &next).await;
        }
        if plan.as_ref() != Some(&next) {
            left.plan = Some(next.clone());
            self.keep_plan(next).await;
        }
        Ok(snapshot)
    }

    /// Whether the gateway has let us in since `begun`, so that a refusal is about what was asked
    /// for. A session that is younger than a minute is not proven anew when it is refused.
    async fn let_in_since(&self, begun: Timestamp) -> bool {
        match &self.door {
            Door::Token { session, .. } => {
                session.get().await.is_ok_and(|held| held.validity.issued_at >= begun)
            }
            Door::Digest(_) => true,
        }
    }

    /// Asks what the survey wants to know; what went wrong, if anything did. A lost answer, or an
    /// error of the gateway's own, costs only its readings; after two in a row the gateway must say
    /// who it is, or is taken to be gone.
    async fn walk(&self, survey: &mut Survey) -> Option<Error> {
        let end = later(self.clock.now(), CYCLE);
        let mut cause = None;
        let mut lost_in_a_row = 0;
        self.requests.store(0, Ordering::Relaxed);
        while let Some(endpoint) = survey.next() {
            if endpoint.facts().pace == Pace::EachPoll {
                self.requests.fetch_add(1, Ordering::Relaxed);
            }
            if self.clock.now() >= end {
                let context = "the gateway is too slow to be read within a cycle";
                return cause.or_else(|| Some(Error::new(ErrorKind::Unreachable, context)));
            }
            let begun = self.clock.now();
            let answer = match self.ask(endpoint).await {
                Ok((answer, took)) => {
                    survey.took(endpoint, took);
                    answer
                }
                Err(error) if error.kind().is_one_answer_lost() => {
                    if is_timeout(&error) {
                        survey.took(endpoint, self.since(begun));
                    }
                    let failed = Answer::Failed(error.to_string());
                    cause = cause.or(Some(error));
                    failed
                }
                Err(error) => return Some(error),
            };
            lost_in_a_row = if answer.is_lost() { lost_in_a_row + 1 } else { 0 };
            survey.answer(endpoint, answer);
            if lost_in_a_row == 2 && self.recognise().await.is_err() {
                return cause.or_else(|| Some(not_ready()));
            }
        }
        cause
    }

    fn since(&self, begun: Timestamp) -> Duration {
        Duration::try_from(begun.duration_until(self.clock.now())).unwrap_or_default()
    }

    /// The answer, and how long the gateway took for it.
    pub(super) async fn ask(&self, endpoint: Endpoint) -> Result<(Answer, Duration)> {
        let mut request = endpoint.request();
        request.headers_mut().insert(ACCEPT, http::HeaderValue::from_static("application/json"));
        let reply = self.door.send(&self.link, &request).await?;
        self.note_use(&reply);
        Ok((Answer::Body { status: reply.status.as_u16(), bytes: reply.body }, reply.took))
    }

    fn why_nothing(&self, snapshot: &Snapshot, let_in: bool) -> Error {
        let is_any = |is_so: fn(&Problem) -> bool| {
            snapshot.complaints.iter().any(|complaint| is_so(&complaint.problem))
        };
        let is_refused = is_any(|problem| matches!(problem, Problem::Refused(_)));
        match &self.door {
            Door::Digest(_) if is_refused => refused_user(),
            Door::Token { .. } if is_refused && !let_in => {
                let context = "the gateway refuses everything, shortly after it let us in";
                let later = later(self.clock.now(), SESSION_IS_YOUNG);
                Error::new(ErrorKind::NeedsLogin, context).until(later)
            }
            Door::Token { .. } if is_refused => {
                let context = "the gateway refuses all that it has to this role";
                Error::new(ErrorKind::Forbidden, context)
            }
            _ if is_any(|problem| matches!(problem, Problem::Status(500..))) => not_ready(),
            _ => Error::new(ErrorKind::NotUnderstood, "the gateway has no readings"),
        }
    }

    async fn known_plan(&self, left: &Left) -> Result<Option<Plan>> {
        match &left.plan {
            Some(plan) => Ok(Some(plan.clone())),
            None => Ok(self.records.load(self.identity.serial_number()).await?),
        }
    }

    /// Takes in what a survey found, and with it whether the gateway was updated.
    async fn take_stock(&self, left: &mut Left, info: &Info, plan: &Plan) {
        let (build, contents) = (Build::from(info), plan.contents());
        if left.equipment.as_ref().is_some_and(|known| known.is(&build, &contents)) {
            return;
        }
        let (name, now) = (Equipment::name(self.identity.serial_number()), self.clock.now());
        let noted = self.records.update(&name, move |known: Option<Equipment>| {
            let known = Equipment::after(known, build, contents, now);
            (Revise::Put(known.clone()), known)
        });
        match noted.await {
            Ok(equipment) => left.equipment = Some(equipment),
            Err(error) => tracing::warn!(%error, "what the gateway is and has is not written down"),
        }
    }

    async fn keep_plan(&self, plan: Plan) {
        let put = |_: Option<Plan>| (Revise::Put(plan), ());
        if let Err(error) = self.records.update(self.identity.serial_number(), put).await {
            tracing::warn!(%error, "what the gateway has is not written down");
        }
    }
}

impl Record for Plan {
    const SPACE: Space = Space::Plan;
    const SCHEMA: u32 = 1;
}

/// Whether nothing came in time, rather than something wrong.
fn is_timeout(error: &Error) -> bool {
    let below = error.source().and_then(|below| below.downcast_ref::<hallpass_transport::Error>());
    below.is_some_and(|below| below.kind() == hallpass_transport::ErrorKind::TimedOut)
}

fn not_ready() -> Error {
    Error::new(ErrorKind::Unreachable, "the gateway is not ready")
}

/// How long a new session is not proven anew when it is refused (B4).
const SESSION_IS_YOUNG: Duration = Duration::from_secs(60);

/// The longest that a read goes on asking (B3).
const CYCLE: Duration = Duration::from_secs(150);
