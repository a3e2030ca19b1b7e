//! Prints `docs/endpoints.md`, the table of what a gateway is asked for. A test compares the two.

use hallpass_enphase::Endpoint;

#[expect(clippy::print_stdout, reason = "the document")]
fn main() {
    print!("{}", document());
}

pub(crate) fn document() -> String {
    let rows: String = Endpoint::ALL.iter().map(|endpoint| row(*endpoint)).collect();
    format!("{INTRODUCTION}{rows}")
}

fn row(endpoint: Endpoint) -> String {
    let facts = endpoint.facts();
    let since: Vec<String> = facts.since.iter().map(ToString::to_string).collect();
    format!(
        "| {} `{}` | {} | {} | {} | {} | {} |\n",
        facts.method,
        facts.path,
        facts.format,
        facts.digest,
        facts.token,
        since.join("."),
        facts.about,
    )
}

const INTRODUCTION: &str = "\
# What a gateway is asked for

Made by `cargo xtask docs` from the table in `crates/hallpass-enphase/src/endpoint.rs`.

Who may ask is, before firmware 7, a user of the gateway, and from then on whoever has a token: the owner is user `envoy`,
or a token of any role. An older firmware than the first answers 404, or a web page with status 200.

| request | answer | who may ask before firmware 7 | from 7 on | first firmware | what it tells |
|---|---|---|---|---|---|
";
