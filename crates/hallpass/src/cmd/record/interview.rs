//! The questions and answers of one recording.

use std::time::Duration;

use hallpass_credential::{Error, ErrorKind, Result};
use hallpass_enphase::Gateway;
use tokio::time::Instant;

use crate::{
    context::Context,
    hint::local,
    output::chain,
    record::{Answer, Question},
};

/// What was answered, and what was not.
#[derive(Debug, Default)]
pub(super) struct Interview {
    /// In the order of the questions; the first says who the gateway is.
    pub(super) answers: Vec<Answer>,
    /// With the reason.
    pub(super) lost: Vec<(Question, String)>,
    lost_in_a_row: usize,
    /// Why no more was asked.
    end: Option<Error>,
}

impl Interview {
    /// Asks everything, one after the other, as often as the gateway bears. A question that is not
    /// answered costs only its answer.
    ///
    /// # Errors
    /// Where not even two answers came: the cause. [`ErrorKind::IdentityChanged`] at any time.
    pub(super) async fn hold(gateway: &Gateway, context: &Context) -> Result<Self> {
        let (questions, rest) = (Question::all(), rest(context));
        let (many, seconds) = (questions.len(), rest.as_secs_f64());
        context.output.note(format_args!(
            "Asking {many} questions, one each {seconds} s, as the gateway bears it."
        ));
        let progress = context.output.progress(many);
        let mut interview = Self::default();
        for question in questions {
            if !interview.answers.is_empty() && interview.end.is_none() {
                context.clock.sleep(rest).await;
            }
            progress.set_message(question.path);
            interview.ask(question, gateway, context).await;
            progress.inc(1);
        }
        progress.finish_and_clear();
        interview.judged()
    }

    async fn ask(&mut self, question: Question, gateway: &Gateway, context: &Context) {
        if self.end.is_some() {
            return self.lost.push((question, "not asked any more".to_owned()));
        }
        match patiently(question, gateway, context).await {
            Ok(answer) => {
                self.lost_in_a_row = 0;
                self.end = if self.answers.is_empty() { no_gateway(&answer) } else { None };
                self.answers.push(answer);
            }
            Err(error) => {
                self.lost_in_a_row += 1;
                self.lost.push((question, chain(&error.clone().into())));
                let goes_on = !self.answers.is_empty() && self.lost_in_a_row < GONE;
                self.end = (!goes_on || !error.kind().is_one_answer_lost()).then_some(error);
            }
        }
    }

    fn judged(self) -> Result<Self> {
        match self.end {
            Some(error) if self.answers.len() < 2 || error.kind() == ErrorKind::IdentityChanged => {
                Err(error)
            }
            _ => Ok(self),
        }
    }
}

/// Asks once, and once more where others use up what the gateway bears.
async fn patiently(question: Question, gateway: &Gateway, context: &Context) -> Result<Answer> {
    let held = match once(question, gateway).await {
        Err(error) if error.kind() == ErrorKind::Held => error,
        answered => return answered,
    };
    let now = context.clock.now();
    let wait = held.retry_at().and_then(|at| Duration::try_from(now.duration_until(at)).ok());
    let Some(wait) = wait.filter(|wait| *wait <= MINUTE) else { return Err(held) };
    context.output.note(format_args!("{held}; going on at {}", local(now + wait)));
    context.clock.sleep(wait).await;
    once(question, gateway).await
}

async fn once(question: Question, gateway: &Gateway) -> Result<Answer> {
    let asked_at = Instant::now();
    let reply = gateway.forward(question.request()).await?;
    Ok(Answer::new(question, reply, asked_at.elapsed()))
}

/// Between two requests: so long that the rate never has to hold one back, and what is measured is
/// how long the gateway takes.
fn rest(context: &Context) -> Duration {
    MINUTE / u32::try_from(context.rate.per_minute).unwrap_or(u32::MAX)
}

/// The first answer is worth going on for only if it is that of a gateway which is ready.
fn no_gateway(info: &Answer) -> Option<Error> {
    let status = info.status;
    match status {
        200 => None,
        500.. => {
            let context = format!("the gateway is not ready: it answers {status}");
            Some(Error::new(ErrorKind::Unreachable, context))
        }
        _ => {
            let context = format!("what answers there is no gateway: {status} for /info");
            Some(Error::new(ErrorKind::NotADevice, context))
        }
    }
}

/// So many answers lost one after the other, and the gateway is taken for gone.
const GONE: usize = 3;

/// The budget of requests is one of a minute (B3).
const MINUTE: Duration = Duration::from_secs(60);
