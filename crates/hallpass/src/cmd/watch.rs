//! `hallpass watch`

use std::convert::Infallible;

use anyhow::Result;
use jiff::tz::TimeZone;

use crate::{
    access::Access,
    args::{self, With},
    changes::Change,
    context::Context,
    exit::Exit,
    output::Live,
    problem::OrAbout,
    signal::{interrupted, reader_gone},
    watch::{News, Picture, Wanted, Watch},
};

pub(super) async fn run(typed: &args::Watch, context: Context) -> Result<Exit> {
    let context = context.lasting();
    // Boxed, since it is large: unoptimised, it is moved from frame to frame of the stack.
    let watch = Box::pin(watch(typed, &context));
    tokio::select! {
        // Whatever happens first, a signal is listened for.
        biased;
        ended = interrupted() => ended?,
        () = reader_gone() => {}
        ended = watch => match ended.or_about("watch", &typed.device)? {},
    }
    Ok(Exit::Done)
}

async fn watch(typed: &args::Watch, context: &Context) -> Result<Infallible> {
    let access = Access::open(context, &typed.device, &With::default()).await?;
    let wanted = Wanted { every: typed.every, daylight: typed.daylight };
    let mut teller = Teller::new(context, typed.all);
    Watch::new(context, access, wanted).run(|news| teller.tell(news)).await
}

/// Who tells a person or a program what there is to tell.
struct Teller<'a> {
    context: &'a Context,
    /// Every reading, changed or not.
    all: bool,
    /// Only where one can be drawn.
    picture: Option<Picture>,
}

impl<'a> Teller<'a> {
    fn new(context: &'a Context, all: bool) -> Self {
        let output = context.output;
        let picture = output.is_live().then(|| Picture::new(Live::new(output)));
        Self { context, all, picture }
    }

    fn tell(&mut self, news: &News<'_>) -> Result<()> {
        let (output, now) = (&self.context.output, self.context.clock.now());
        if let Some(picture) = &mut self.picture {
            picture.draw(news, now)?;
        } else if let News::Reading { report, is_change, .. } = news
            && (*is_change || self.all)
        {
            output.document(report)?;
        }
        // A picture says it, too; a line beside it on the same terminal would break it.
        if self.picture.is_some() && self.context.terminals.stderr {
            return Ok(());
        }
        let words = || news.words(now, &TimeZone::system());
        match news {
            News::Reading { .. } => {}
            News::Lost { .. }
            | News::Overdue { .. }
            | News::Changed { change: Change::Role { .. } | Change::FirstKey(_), .. } => {
                output.warning(words());
            }
            News::Back { .. }
            | News::Changed { .. }
            | News::Asleep { .. }
            | News::Slowed { .. } => output.note(words()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
