//! One-time codes: from the login that wants one to the person at the terminal, and back.

use std::{future::Future, pin::pin};

use anyhow::Result;
use futures_util::future::{BoxFuture, FutureExt};
use hallpass_credential::Secret;
use hallpass_enphase::{CodeAnswer, CodeWanted, Person};
use tokio::sync::{mpsc, oneshot};

use crate::{context::Context, hint::local, prompt};

/// The person at the terminal, for a login that goes on in the background.
#[derive(Debug)]
pub(super) struct AtTerminal(mpsc::UnboundedSender<Question>);

/// What a login wants to know, for whoever holds the terminal.
#[derive(Debug)]
pub(crate) struct Questions(mpsc::UnboundedReceiver<Question>);

#[derive(Debug)]
struct Question {
    why: CodeWanted,
    answer: oneshot::Sender<CodeAnswer>,
}

/// Both ends of the way to the person. Where the first is dropped, nothing is ever asked.
pub(super) fn way() -> (AtTerminal, Questions) {
    let (questions, asked) = mpsc::unbounded_channel();
    (AtTerminal(questions), Questions(asked))
}

impl Person for AtTerminal {
    fn one_time_code(&self, why: CodeWanted) -> BoxFuture<'_, CodeAnswer> {
        let (answer, answered) = oneshot::channel();
        // Nobody holds the terminal any more: the answer is that there is none.
        let _ = self.0.send(Question { why, answer });
        async { answered.await.unwrap_or(CodeAnswer::GiveUp) }.boxed()
    }
}

impl Questions {
    /// Runs `work`, and asks the person what it wants to know meanwhile. A person who waits longer
    /// than a second sees `what` for.
    ///
    /// # Errors
    /// A terminal that cannot be asked.
    pub(crate) async fn attend<T>(
        mut self,
        context: &Context,
        what: &str,
        work: impl Future<Output = T>,
    ) -> Result<T> {
        let mut work = pin!(work);
        loop {
            let step = async {
                tokio::select! {
                    done = &mut work => Step::Done(done),
                    Some(question) = self.0.recv() => Step::Asked(question),
                }
            };
            match context.output.waiting(what, step).await {
                Step::Done(done) => return Ok(done),
                Step::Asked(question) => question.put(context).await?,
            }
        }
    }
}

enum Step<T> {
    Done(T),
    Asked(Question),
}

impl Question {
    async fn put(self, context: &Context) -> Result<()> {
        context.output.note(words(self.why));
        let typed = prompt::code("One-time code (empty: send another one):").await?;
        // A login that has ended meanwhile wants none.
        let _ = self.answer.send(understand(typed));
        Ok(())
    }
}

fn words(why: CodeWanted) -> String {
    match why {
        CodeWanted::SentAgain => "Another one-time code is on its way.".to_owned(),
        CodeWanted::NotSent => {
            "The cloud did not send another code; the last one may still do.".to_owned()
        }
        CodeWanted::TooSoon { until } => {
            format!("Another code can be sent from {} on; the last one still does.", local(until))
        }
        CodeWanted::Wrong { left: 1 } => "The code is wrong; one more may be tried.".to_owned(),
        CodeWanted::Wrong { left } => format!("The code is wrong; {left} more may be tried."),
        _ => "The cloud has sent you a one-time code, by e-mail or text message.".to_owned(),
    }
}

fn understand(typed: Option<Secret>) -> CodeAnswer {
    match typed {
        None => CodeAnswer::GiveUp,
        Some(typed) if typed.is_empty() => CodeAnswer::SendAgain,
        Some(typed) => CodeAnswer::Code(typed),
    }
}

#[cfg(test)]
mod tests;
