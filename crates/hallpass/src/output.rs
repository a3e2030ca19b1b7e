//! What a person or a script sees: data on standard output, everything else on standard error.

use std::{
    error::Error as StdError,
    fmt::{self, Display},
    future::Future,
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anstyle::{AnsiColor, Style};
use anyhow::Error;
use hallpass_credential::Clock;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time;

use crate::{
    args::Global,
    context::Terminals,
    exit::Exit,
    hint::{self, USAGE},
};

/// The two streams, and how much of what is said on them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    terminals: Terminals,
}

impl Output {
    pub(crate) fn new(typed: &Global, terminals: Terminals) -> Self {
        Self { json: typed.json, quiet: typed.quiet, terminals }
    }

    /// Whether documents are wanted rather than text.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether text is drawn where it can be drawn over again.
    pub(crate) fn is_live(&self) -> bool {
        self.terminals.stdout && !self.json
    }

    /// Data: text, and a line end.
    pub(crate) fn line(&self, text: impl Display) -> Result<(), OutputClosed> {
        let mut stdout = anstream::stdout().lock();
        writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(OutputClosed)
    }

    /// Data: bytes as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), OutputClosed> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(OutputClosed)
    }

    /// Data: one document on one line.
    pub(crate) fn document(&self, document: &impl Serialize) -> Result<(), OutputClosed> {
        let text = serde_json::to_string(document);
        self.line(text.map_err(|error| OutputClosed(error.into()))?)
    }

    /// Something worth knowing that is no data.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            say(format_args!("{text}"));
        }
    }

    /// Something that may become a problem.
    pub(crate) fn warning(&self, text: impl Display) {
        if !self.quiet {
            say(format_args!("{YELLOW}warning{YELLOW:#}: {text}"));
        }
    }

    /// Why it did not work, and what to do; nothing where it did.
    pub(crate) fn failure(&self, error: &Error) -> Exit {
        let exit = Exit::of(error);
        if exit != Exit::Done {
            say(format_args!("{RED}error{RED:#}: {}", chain(error)));
            say(format_args!("{BLUE}hint{BLUE:#}: {}", hint::of(error)));
        }
        exit
    }

    /// Counts steps of something long, for a person.
    pub(crate) fn progress(&self, steps: usize) -> ProgressBar {
        let is_seen = self.terminals.stderr && !self.quiet;
        let target =
            if is_seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
        ProgressBar::with_draw_target(Some(steps as u64), target)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }

    /// Runs `work`; a person who waits longer than a second sees what for.
    pub(crate) async fn waiting<T>(&self, what: &str, work: impl Future<Output = T>) -> T {
        tracing::info!("{what}");
        if !self.terminals.stderr || self.quiet {
            return work.await;
        }
        let mut work = std::pin::pin!(work);
        if let Ok(done) = time::timeout(PATIENCE, &mut work).await {
            return done;
        }
        let _spinner = Spinner::turning(what.to_owned());
        work.await
    }

    /// Waits until `moment`, and shows a person why and how long still.
    pub(crate) async fn count_down(&self, why: &str, clock: &dyn Clock, moment: Timestamp) {
        let words = |left: Duration| format!("waiting {} s: {why}", left.as_secs() + 1);
        let left = || Duration::try_from(clock.now().duration_until(moment)).unwrap_or_default();
        let spinner = (!self.quiet).then(|| Spinner::turning(words(left())));
        while !left().is_zero() {
            if let Some(spinner) = &spinner {
                spinner.0.set_message(words(left()));
            }
            clock.sleep(left().min(SECOND)).await;
        }
    }
}

/// What turns on standard error while something is waited for. There is one at a time.
struct Spinner(ProgressBar);

impl Spinner {
    fn turning(words: String) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        if bar.is_hidden() {
            // Such as a terminal of which nothing is known: a line tells it.
            say(format_args!("{words}"));
            return Self(bar);
        }
        bar.set_message(words);
        bar.enable_steady_tick(TICK);
        *lock(&TURNING) = Some(bar.clone());
        Self(bar)
    }
}

/// Also where the work was given up.
impl Drop for Spinner {
    fn drop(&mut self) {
        *lock(&TURNING) = None;
        self.0.finish_and_clear();
    }
}

/// Standard error, above the spinner where one turns.
pub(crate) struct Above;

impl Write for Above {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match &*lock(&TURNING) {
            Some(bar) => bar.println(String::from_utf8_lossy(text).trim_end()),
            None => io::stderr().write_all(text)?,
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

static TURNING: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Text on standard output that is drawn over again.
#[derive(Debug)]
pub(crate) struct Live {
    output: Output,
    height: usize,
}

impl Live {
    pub(crate) fn new(output: Output) -> Self {
        Self { output, height: 0 }
    }

    /// Draws `text` in the place of the last one.
    pub(crate) fn draw(&mut self, text: &str) -> Result<(), OutputClosed> {
        let back = match self.height {
            0 => String::new(),
            height => format!("\x1b[{height}F\x1b[J"),
        };
        self.height = text.lines().count();
        self.output.line(format_args!("{back}{text}"))
    }
}

/// Tells that the command line is wrong, or what was asked about it (`--help`, `--version`).
pub(crate) fn usage(error: &clap::Error) -> Exit {
    let printed = error.print();
    if !error.use_stderr() {
        return if printed.is_ok() { Exit::Done } else { Exit::Failed };
    }
    say(format_args!("{BLUE}hint{BLUE:#}: {USAGE}"));
    Exit::Usage
}

/// Nobody reads our standard output any more, or it cannot take more.
#[derive(Debug)]
pub(crate) struct OutputClosed(pub(crate) io::Error);

impl OutputClosed {
    /// Whether the reader went away, as `head` does, rather than a disk being full.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

impl Display for OutputClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard output cannot be written")
    }
}

impl StdError for OutputClosed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

/// The causes from the outermost to the innermost, each said once: libraries repeat the detail of
/// the error below theirs.
pub(crate) fn chain(error: &Error) -> String {
    let mut said = String::new();
    for clause in error.chain().map(ToString::to_string) {
        let detail = clause.split_once(": ").map_or(&*clause, |(_, detail)| detail);
        if said.is_empty() {
            said = clause;
        } else if !said.contains(detail) {
            said = format!("{said}: {clause}");
        }
    }
    said
}

/// There is nobody left to be told that standard error is closed.
fn say(text: fmt::Arguments<'_>) {
    if let Some(bar) = &*lock(&TURNING) {
        return bar.println(text.to_string());
    }
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const BLUE: Style = AnsiColor::Cyan.on_default().bold();

/// How long a person waits before asking what is going on.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);
const SECOND: Duration = Duration::from_secs(1);
