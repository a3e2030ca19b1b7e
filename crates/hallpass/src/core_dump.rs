//! The memory of this process, which has secrets in it: in no core dump, and no other program's to read.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Closes the memory of this process to all but root, and keeps it out of core dumps.
///
/// The limit goes over to the command that `exec` runs, which has a token in its memory too; that
/// one may raise it again (`ulimit -c`), since only the soft limit is lowered.
pub(crate) fn forbid() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior::NotDumpable, set_dumpable_behavior};
        tell(set_dumpable_behavior(NotDumpable));
    }
    let maximum = getrlimit(Resource::Core).maximum;
    tell(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum }));
}

/// Neither is refused by Linux; where a sandbox does, work goes on without.
fn tell(done: rustix::io::Result<()>) {
    if let Err(error) = done {
        tracing::debug!(%error, "core dumps are not switched off");
    }
}
