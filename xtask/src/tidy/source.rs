//! What may stand in which source file.

use std::path::Path;

/// Where a secret may be exposed: at the lines that write a request, derive a key, read a token,
/// seal a record, or hand a token to the person.
const MAY_EXPOSE: &[&str] = &[
    "crates/hallpass-credential/src/secret.rs",
    "crates/hallpass-credential/src/jwt.rs",
    "crates/hallpass-encedo/src/bearer.rs",
    "crates/hallpass-encedo/src/kdf.rs",
    "crates/hallpass-encedo/src/words.rs",
    "crates/hallpass-enphase/src/auth/",
    "crates/hallpass-enphase/src/cloud/",
    "crates/hallpass/src/hand_out.rs",
];

/// Where the environment may be read.
const MAY_READ_ENVIRONMENT: &[&str] = &["crates/hallpass/src/context", "xtask/"];

/// Words that mean "not done", or switch off what must stay on.
const NEVER: &[&str] =
    &["todo!(", "unimplemented!(", "#[ignore", "#[should_panic", "danger_accept_invalid", "dbg!("];

/// A file that is longer has a second noun in it.
const LONGEST: usize = 600;

pub(crate) fn breaches(path: &Path, text: &str) -> Vec<String> {
    let name = path.display().to_string();
    if name.ends_with("tidy/source.rs") {
        // The words that it looks for stand in it.
        return Vec::new();
    }
    let within = |places: &[&str]| places.iter().any(|place| name.starts_with(place));
    let is_test = name.contains("/tests") || name.contains("/benches");
    let mut breaches = Vec::new();
    let mut breach = |what: String| breaches.push(format!("{name}: {what}"));
    if name.ends_with("/mod.rs") {
        breach("a module is a file beside its folder, not a mod.rs in it".to_owned());
    }
    let lines = text.lines().count();
    if lines > LONGEST && !is_test {
        breach(format!("{lines} lines; look for the second noun in it"));
    }
    if text.contains(".expose()") && !is_test && !within(MAY_EXPOSE) {
        breach("exposes a secret; that is done where the request is written".to_owned());
    }
    if text.contains("env::var") && !is_test && !within(MAY_READ_ENVIRONMENT) {
        breach("reads the environment".to_owned());
    }
    for word in NEVER.iter().filter(|word| text.contains(**word)) {
        breach(format!("contains {word}"));
    }
    breaches
}
