use std::path::PathBuf;

use super::*;

fn request(method: &str, target: &str, body: &'static str) -> Request {
    http::Request::builder()
        .method(method)
        .uri(target)
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

fn recording(files: &[(&str, &str)]) -> Recording {
    let directory = tempfile::tempdir().unwrap();
    for (name, contents) in files {
        fs::write(directory.path().join(name), contents).unwrap();
    }
    Recording::open(directory.path()).unwrap()
}

const INFO: &str = "<envoy_info><device><sn>122012345678</sn><pn>800</pn><software>D7.6.175</software></device>\
                    <package name='app'><pn>500</pn></package></envoy_info>";

#[test]
fn requests_map_to_files() {
    let recording = recording(&[
        ("info", INFO),
        ("production.json", "plain"),
        ("production.json_details_1", "details"),
        ("inventory", "all"),
        ("ivp_ss_gen_config", "{\"a\":1}"),
        ("refused", "{\"status\": 401}"),
        ("logged", "body"),
        (
            "logged_log.json",
            r#"{"code": 503, "duration_seconds": 1.5, "headers": {"Content-Type": "text/plain", "Server": "x"}}"#,
        ),
        ("expected.json", r#"{"schema": 1}"#),
    ]);
    let check = |method: &str, target: &str, status: u16, body: &str| {
        let answer = recording.answer(&request(method, target, "sent"));
        assert_eq!(
            (answer.status().as_u16(), answer.body().as_ref()),
            (status, body.as_bytes()),
            "{method} {target}"
        );
    };
    check("GET", "/info.xml", 200, INFO);
    check("GET", "/production.json", 200, "plain");
    check("GET", "/production.json?details=1", 200, "details");
    check("GET", "/production.json?details=2", 200, "plain");
    check("GET", "/inventory.json?deleted=1", 200, "all");
    check("GET", "/refused", 401, "{\"status\": 401}");
    check("GET", "/logged", 503, "body");
    check("GET", "/nothing", 404, "{ \"error\" : \"404 - Not Found\" }");
    check("GET", "/expected.json", 404, "{ \"error\" : \"404 - Not Found\" }");
    check("GET", "/auth/check_jwt", 200, "<!DOCTYPE html><h2>Valid token.</h2>\n");
    check("PUT", "/inventory", 200, "all");
    check("POST", "/nothing", 200, "{}");
    check("POST", "/ivp/ss/gen_config", 200, "sent");
    let logged = recording.get("/logged");
    assert_eq!(
        (logged.headers().len(), &logged.headers()["content-type"]),
        (1, &"text/plain".parse().unwrap())
    );
    assert_eq!(recording.expected()["schema"], 1);
    let took = |target: &str| recording.duration(&request("GET", target, ""));
    assert_eq!((took("/logged"), took("/refused")), (Some(Duration::from_millis(1_500)), None));
}

#[test]
fn all_recordings_of_a_directory_are_sorted_and_there_may_be_none() {
    let root = tempfile::tempdir().unwrap();
    for name in ["8.1.41", "3.9.36"] {
        fs::create_dir(root.path().join(name)).unwrap();
        fs::write(root.path().join(name).join("info"), INFO).unwrap();
    }
    let names = |root: PathBuf| -> Vec<String> {
        let all = Recording::open_all(root).unwrap();
        all.iter().map(|recording| recording.name().to_owned()).collect()
    };
    assert_eq!(names(root.path().to_owned()), ["3.9.36", "8.1.41"]);
    assert!(names(root.path().join("absent")).is_empty());
}

#[test]
fn a_directory_without_info_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    assert!(Recording::open(directory.path()).unwrap_err().to_string().contains("recording"));
}

/// Reads ../shared/gateways; passes without it.
#[test]
fn every_shared_recording_tells_its_identity() {
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/gateways");
    let recordings = Recording::open_all(&shared).unwrap();
    if recordings.is_empty() {
        println!("skipped: there is no {}", shared.display());
    }
    for recording in recordings {
        let (name, expected) = (recording.name(), recording.expected());
        let identity = &expected["identity"];
        if identity.is_object() {
            assert_eq!(recording.serial_number(), identity["serial_number"], "{name}");
            assert_eq!(recording.firmware().version(), identity["firmware"], "{name}");
            assert_eq!(recording.part_number(), identity["part_number"], "{name}");
        }
        check_requests(&recording, &expected);
        check_passwords(&expected);
    }
}

fn check_requests(recording: &Recording, expected: &Value) {
    let stages = expected["requests"].as_object().into_iter().flat_map(|stages| stages.values());
    for line in
        stages.flat_map(|lines| lines.as_array().into_iter().flatten()).filter_map(Value::as_str)
    {
        let [method, target, status] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let request = request(method, target, "");
        assert_eq!(recording.answer(&request).status().as_str(), status, "{line}");
    }
}

fn check_passwords(expected: &Value) {
    if let Some(password) = expected["auth"]["installer_password"].as_str() {
        let serial = expected["identity"]["serial_number"].as_str().unwrap();
        assert_eq!(crate::gateway::computed_password("installer", serial), password);
    }
}
