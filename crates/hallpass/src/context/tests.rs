use std::path::{Path, PathBuf};

use hallpass_store::KeySource;
use hallpass_transport::Proxies;

use super::{Environment, Terminals, is_overlay};

fn environment() -> Environment {
    Environment {
        terminals: Terminals::default(),
        home: Some(PathBuf::from("/home/me")),
        xdg_config_home: None,
        xdg_state_home: None,
        state_directory: None,
        credentials_directory: None,
        runtime_directory: PathBuf::from("/run/user/1000"),
        key_file: None,
        password_file: None,
        proxies: Proxies::default(),
        overlay: Vec::new(),
    }
}

#[test]
fn the_state_directory_is_the_first_that_somebody_chose() {
    let check = |environment: &Environment, typed: Option<&str>, expect: &str| {
        let found = environment.state_directory(typed.map(Path::new)).unwrap();
        assert_eq!(found, Path::new(expect));
    };
    let mut environment = environment();
    check(&environment, None, "/home/me/.local/state/hallpass");
    environment.xdg_state_home = Some(PathBuf::from("relative"));
    check(&environment, None, "/home/me/.local/state/hallpass");
    environment.xdg_state_home = Some(PathBuf::from("/xdg"));
    check(&environment, None, "/xdg/hallpass");
    environment.state_directory = Some(PathBuf::from("/var/lib/hallpass"));
    check(&environment, None, "/var/lib/hallpass");
    check(&environment, Some("typed"), "typed");
}

#[test]
fn without_a_home_somebody_must_choose() {
    let environment = Environment { home: None, ..environment() };
    assert!(environment.state_directory(None).is_err());
    assert!(environment.state_directory(Some(Path::new("typed"))).is_ok());
}

#[test]
fn a_key_file_is_stronger_than_a_credential_of_systemd() {
    let mut environment = environment();
    assert_eq!(environment.key(), KeySource::Generated);
    let credentials = tempfile::tempdir().unwrap();
    environment.credentials_directory = Some(credentials.path().to_owned());
    assert_eq!(environment.key(), KeySource::Generated);
    let credential = credentials.path().join("hallpass-key");
    std::fs::write(&credential, "").unwrap();
    assert_eq!(environment.key(), KeySource::File(credential));
    environment.key_file = Some(PathBuf::from("/chosen"));
    assert_eq!(environment.key(), KeySource::File(PathBuf::from("/chosen")));
}

#[test]
fn only_variables_with_a_section_configure() {
    assert!(is_overlay("HALLPASS_CLOUD__ENTREZ_URL"));
    for other in ["HALLPASS_KEY_FILE", "CLOUD__ENTREZ_URL", "HALLPASS"] {
        assert!(!is_overlay(other), "{other}");
    }
}
