use hallpass_credential::Rate;

use super::Config;
use crate::{exit::Exit, hint, output::chain};

fn parse(text: &str, overlay: &[(&str, &str)]) -> anyhow::Result<Config> {
    let overlay: Vec<_> =
        overlay.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::parse(text, "config.toml", &overlay)
}

fn check_refused(text: &str, overlay: &[(&str, &str)], expect: [&str; 2]) {
    let error = parse(text, overlay).unwrap_err();
    assert_eq!(Exit::of(&error), Exit::Usage);
    let told = [chain(&error), hint::of(&error)];
    for (told, expect) in told.iter().zip(expect) {
        assert!(told.contains(expect), "{told}\ndoes not say\n{expect}");
    }
}

#[test]
fn nothing_written_is_nothing_meant() {
    let config = parse("", &[]).unwrap();
    assert!(config.enlighten.is_none() && config.entrez_keys.is_empty() && config.rate.is_none());
}

#[test]
fn a_variable_is_stronger_than_the_file() {
    let file = "[cloud]\nenlighten_url = 'https://one.example'\nentrez_url = 'https://two.example'";
    let config = parse(file, &[("HALLPASS_CLOUD__ENTREZ_URL", "http://127.0.0.1:81")]).unwrap();
    assert_eq!(config.enlighten.unwrap().to_string(), "https://one.example");
    assert_eq!(config.entrez.unwrap().to_string(), "http://127.0.0.1:81");
}

#[test]
fn a_variable_may_hold_a_number() {
    let config = parse("", &[("HALLPASS_GATEWAY__REQUESTS_PER_MINUTE", "600")]).unwrap();
    assert_eq!(config.rate, Some(Rate { per_minute: 600, burst: 600 }));
}

#[test]
fn an_unknown_key_is_told_with_its_place_and_the_nearest_known_one() {
    check_refused(
        "# a comment\n[cloud]\n  entrez_ulr = 'x'",
        &[],
        ["config.toml:3:3: unknown key `cloud.entrez_ulr`", "`cloud.entrez_url`"],
    );
    check_refused(
        "entrez_url = 'x'",
        &[],
        ["config.toml:1:1: unknown key `entrez_url`", "`cloud.entrez_url`"],
    );
    check_refused("[gatewy]", &[], ["unknown key `gatewy`", "`gateway`"]);
    check_refused(
        "",
        &[("HALLPASS_CLOUD__ENTREZ_UR", "x")],
        ["HALLPASS_CLOUD__ENTREZ_UR sets no known key", "HALLPASS_CLOUD__ENTREZ_URL"],
    );
}

#[test]
fn a_wrong_value_is_told_with_its_place() {
    check_refused("[gateway]\nburst = 'often'", &[], ["line 2, column 9", "config"]);
    check_refused("[gateway\n", &[], ["line 1", "config"]);
    check_refused("cloud = 3", &[], ["line 1", "config"]);
    check_refused("", &[("HALLPASS_GATEWAY__BURST", "often")], ["HALLPASS_GATEWAY__BURST", ""]);
}

#[test]
fn a_password_never_goes_over_plain_http_to_another_machine() {
    for host in ["enlighten.example", "192.168.1.2", "127.0.0.1.example"] {
        let file = format!("[cloud]\nenlighten_url = 'http://{host}'");
        check_refused(&file, &[], ["plain http is for this machine only", "https"]);
    }
    check_refused(
        "[cloud]\nentrez_url = 'https://a.example/x'",
        &[],
        ["no address of a cloud", "without a path"],
    );
}

#[test]
fn the_shipped_schema_is_the_one_that_is_meant() {
    let shipped = include_str!("../../../../docs/config.schema.json");
    let shipped: serde_json::Value = serde_json::from_str(shipped).unwrap();
    let current = super::schema().to_value();
    assert_eq!(shipped, current, "run `hallpass config-schema > docs/config.schema.json`");
}
