use clap::Parser;
use http::Method;

use super::request;
use crate::{
    args::{Args, Command, Get},
    exit::Exit,
};

fn typed(arguments: &[&str]) -> Get {
    let words = ["hallpass", "get", "roof"].iter().chain(arguments);
    match Args::try_parse_from(words).unwrap().command {
        Command::Get(get) => get,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_is_what_was_typed() {
    let check = |arguments: &[&str], method: Method, path: &str, kind: Option<&str>| {
        let request = request(&typed(arguments)).unwrap();
        assert_eq!(request.method(), method, "{arguments:?}");
        assert_eq!(request.uri(), path, "{arguments:?}");
        let found = request.headers().get("content-type").map(|kind| kind.to_str().unwrap());
        assert_eq!(found, kind, "{arguments:?}");
    };
    let json = Some("application/json");
    let form = Some("application/x-www-form-urlencoded");
    check(&["/production.json?details=1"], Method::GET, "/production.json?details=1", None);
    check(&["/a", "-X", "delete"], Method::DELETE, "/a", None);
    check(&["/a", "-d", "{}"], Method::POST, "/a", json);
    check(&["/a", "-d", "b=c"], Method::POST, "/a", form);
    check(&["/a", "-X", "PUT", "-d", "[1]"], Method::PUT, "/a", json);
}

#[test]
fn a_path_starts_at_the_root() {
    for path in ["production.json", "https://elsewhere/", "/a b", ""] {
        let error = request(&typed(&[path])).unwrap_err();
        assert_eq!(Exit::of(&error), Exit::Usage, "{path}");
    }
}
