//! Prints `docs/endpoints.md`, the table of what a gateway is asked for. A test compares the two.

use hallpass_enphase::{Endpoint, Facts};

#[expect(clippy::print_stdout, reason = "the document")]
fn main() {
    print!("{}", document());
}

pub(crate) fn document() -> String {
    let rows: String = Endpoint::ALL.iter().map(|endpoint| row(*endpoint)).collect();
    format!("{INTRODUCTION}{rows}")
}

fn row(endpoint: Endpoint) -> String {
    let Facts { method, path, format, digest, token, since, pace, about, .. } = endpoint.facts();
    let since = since.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    format!("| {method} `{path}` | {format} | {digest} | {token} | {since} | {pace} | {about} |\n")
}

const INTRODUCTION: &str = "\
# What a gateway is asked for

Made by `cargo xtask docs` from the table in `crates/hallpass-enphase/src/endpoint.rs`.

Who may ask is, before firmware 7, a user of the gateway, and from then on whoever has a token: the owner is user `envoy`,
or a token of any role. A firmware older than the first is not asked. How often says when a program that polls asks again;
in between it has the last answer.

| request | answer | who may ask before firmware 7 | from 7 on | first firmware | how often | what it tells |
|---|---|---|---|---|---|---|
";
