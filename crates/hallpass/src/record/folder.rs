//! Where a recording is written to.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{exit::Exit, problem::Problem};

/// A directory that was empty or not there, so that nothing is ever overwritten.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    is_new: bool,
}

impl Folder {
    /// Makes the directory, unless it is there and empty.
    ///
    /// # Errors
    /// A usage [`Problem`] where something is in it already; another where it cannot be made.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        let is_new = match fs::read_dir(path) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let problem = Problem::usage(format!("the directory {name} is not empty"));
                    return Err(problem
                        .hint("name one that is empty or does not exist yet")
                        .into());
                }
                false
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir(path).with_context(|| {
                    Problem::usage(format!("the directory {name} cannot be made"))
                        .hint("name one in a directory that exists and is yours")
                })?;
                true
            }
            Err(error) => {
                let problem = Problem::usage(format!("{name} is no directory that can be used"));
                let problem = problem.hint("name one that is empty or does not exist yet");
                return Err(anyhow::Error::from(error).context(problem));
            }
        };
        Ok(Self { path: path.to_owned(), is_new })
    }

    /// Writes all of `files`, or leaves none.
    ///
    /// # Errors
    /// Where one cannot be written: which, and why.
    pub(crate) fn write(self, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
        for (index, (name, contents)) in files.iter().enumerate() {
            let path = self.path.join(name);
            if let Err(error) = write_new(&path, contents) {
                let text = format!("{} cannot be written", path.display());
                let problem = Problem::new(Exit::Failed, text);
                self.clear(files.keys().take(index));
                return Err(anyhow::Error::from(error)
                    .context(problem.hint("see whether the disk is full; nothing was kept")));
            }
        }
        Ok(())
    }

    /// Takes the directory away again, if it was made here.
    pub(crate) fn discard(self) {
        self.clear([].iter());
    }

    fn clear<'a>(self, names: impl Iterator<Item = &'a String>) {
        // What cannot be removed now is in nobody's way but the person's, who is told anyway.
        names.for_each(|name| drop(fs::remove_file(self.path.join(name))));
        if self.is_new {
            let _ = fs::remove_dir(&self.path);
        }
    }
}

fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    let written = File::create_new(path)?.write_all(contents);
    written.inspect_err(|_| drop(fs::remove_file(path)))
}

#[cfg(test)]
mod tests;
