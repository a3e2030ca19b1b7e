//! Secrets from where a person put them: a file, standard input, or the prompt. Never from an
//! argument or the environment, where others could read them.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use hallpass_credential::Secret;
use tokio::task;
use zeroize::Zeroizing;

use crate::{
    args::{Passphrase, Route, With},
    context::Context,
    mask::{MASKED, is_mask},
    output::Output,
    problem::Problem,
    prompt,
};

/// What a person brings along to log in with.
pub(crate) enum Brought {
    Nothing,
    Username(String),
    Password { username: Option<String>, password: Secret },
    Token(Pasted),
}

/// The text of a token that nobody has looked at yet.
pub(crate) struct Pasted(Zeroizing<String>);

impl Pasted {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl Brought {
    /// Reads what was typed, and the files that it names.
    ///
    /// # Errors
    /// A usage [`Problem`] for what does not fit together or cannot be read.
    pub(crate) async fn read(with: &With, context: &Context) -> Result<Self> {
        let output = &context.output;
        if let Some(source) = Source::of(with.token_file.as_ref(), with.token_stdin) {
            if with.route.is_some_and(|route| route != Route::Paste) {
                let text = "this --route obtains a token; it takes a password, not a token";
                return Err(Problem::usage(text).hint("leave --route out, or the token").into());
            }
            return Ok(Self::Token(Pasted(source.read(output).await?)));
        }
        let username = with.username.clone();
        if let Some(source) = Source::of(with.password_file.as_ref(), with.password_stdin) {
            if with.route == Some(Route::Paste) {
                return Err(Problem::usage("--route paste takes a token, not a password").into());
            }
            let password = source.read_password(output).await?;
            return Ok(Self::Password { username, password });
        }
        if with.route == Some(Route::Paste) {
            return pasted(context).await.map(Self::Token);
        }
        Ok(username.map_or(Self::Nothing, Self::Username))
    }
}

/// The password in the file that the environment names.
pub(crate) async fn password_file(context: &Context) -> Result<Option<Secret>> {
    match &context.password_file {
        Some(path) => Ok(Some(Source::File(path.clone()).read_password(&context.output).await?)),
        None => Ok(None),
    }
}

/// The passphrase in a file or on standard input; none where neither was typed.
pub(crate) async fn passphrase(
    typed: &Passphrase,
    output: &Output,
) -> Result<Option<Zeroizing<String>>> {
    match Source::of(typed.passphrase_file.as_ref(), typed.passphrase_stdin) {
        Some(source) => source.read(output).await.map(Some),
        None => Ok(None),
    }
}

async fn pasted(context: &Context) -> Result<Pasted> {
    if !context.terminals.can_ask() {
        let text = "--route paste: there is no terminal to paste a token into";
        return Err(Problem::usage(text).hint("give --token-file or --token-stdin").into());
    }
    prompt::token("Token (from https://entrez.enphaseenergy.com):").await.map(Pasted)
}

/// Where a secret is.
enum Source {
    File(PathBuf),
    Stdin,
}

impl Source {
    fn of(file: Option<&PathBuf>, stdin: bool) -> Option<Self> {
        file.cloned().map(Self::File).or_else(|| stdin.then_some(Self::Stdin))
    }

    async fn read_password(self, output: &Output) -> Result<Secret> {
        let place = self.words();
        let text = self.read(output).await?;
        if text.is_empty() {
            return Err(Problem::usage(format!("{place} holds no password")).into());
        }
        Ok(Secret::from(text.as_str()))
    }

    async fn read(self, output: &Output) -> Result<Zeroizing<String>> {
        let (place, output) = (self.words(), *output);
        let unreadable = Problem::usage(format!("{place} cannot be read as a secret"));
        let read = task::spawn_blocking(move || match self {
            Self::File(path) => {
                warn_if_open(&path, &output);
                text_of(File::open(path)?)
            }
            Self::Stdin => text_of(io::stdin().lock()),
        });
        let text = read.await?.context(unreadable)?;
        if is_mask(&text) {
            let hint = "bring the secret itself; what was stored is kept, and nothing was sent";
            return Err(Problem::usage(format!("{place}: {MASKED}")).hint(hint).into());
        }
        Ok(text)
    }

    fn words(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "standard input".to_owned(),
        }
    }
}

/// The text up to its one line end. What follows a secret that is too long to be one is an error.
fn text_of(source: impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(TEXT_LIMIT + 1));
    source.take(TEXT_LIMIT as u64 + 1).read_to_string(&mut text)?;
    if text.len() > TEXT_LIMIT {
        return Err(io::Error::other("it is longer than any secret"));
    }
    let line = text
        .strip_suffix('\n')
        .map_or(text.len(), |line| line.strip_suffix('\r').unwrap_or(line).len());
    text.truncate(line);
    Ok(text)
}

fn warn_if_open(path: &Path, output: &Output) {
    let Ok(metadata) = path.metadata() else { return };
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_file() && mode & 0o044 != 0 {
        let name = path.display();
        output.warning(format!("other users can read {name} (mode {mode:04o}): chmod 600 {name}"));
    }
}

/// A token has about 500 characters, and is refused beyond 16 KiB.
const TEXT_LIMIT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::text_of;

    #[test]
    fn one_line_end_is_cut() {
        let check =
            |text: &str, expect: &str| assert_eq!(*text_of(text.as_bytes()).unwrap(), expect);
        check("secret", "secret");
        check("secret\n", "secret");
        check("secret\r\n", "secret");
        check("secret\n\n", "secret\n");
        check(" sécret%&+= \n", " sécret%&+= ");
        check("", "");
    }

    #[test]
    fn what_is_no_text_or_too_long_is_refused() {
        assert!(text_of(&b"\xff\xfe"[..]).is_err());
        assert!(text_of("x".repeat(70_000).as_bytes()).is_err());
    }
}
