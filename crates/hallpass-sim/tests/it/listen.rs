use std::path::{Path, PathBuf};

use hallpass_sim::{GatewayOptions, Options, Sim};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::client::{plain, request};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Over a socket to `host`, while the world runs.
async fn fetch(host: &str, target: &str) -> (u16, String) {
    let stream = TcpStream::connect(host).await.unwrap();
    let reply = plain(
        |mut inner| async move {
            let mut stream = stream;
            // The server ends the exchange by closing; an error here is that.
            let _ = tokio::io::copy_bidirectional(&mut inner, &mut stream).await;
        },
        &request("GET", target, &[], ""),
    )
    .await;
    (reply.status, reply.text())
}

#[tokio::test]
async fn the_description_is_that_of_the_contract_and_true() {
    let gateways = vec![GatewayOptions::firmware("5.0.62"), GatewayOptions::firmware("R7.6.175")];
    let running =
        Sim::new(Options { gateways, ..Options::default() }).unwrap().listen().await.unwrap();
    let description = json!(running.description());
    assert_eq!(keys(&description), ["account", "cloud", "control", "env", "gateways"]);
    assert_eq!(
        keys(&description["gateways"][0]),
        ["firmware", "host", "part_number", "serial_number", "url"]
    );
    assert_eq!(keys(&description["cloud"]), ["enlighten_url", "entrez_key", "entrez_url"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (old, new) =
        (text(&description["gateways"][0]["host"]), text(&description["gateways"][1]["host"]));
    assert_eq!(description["gateways"][0]["url"], format!("http://{old}"));
    assert_eq!(description["gateways"][1]["url"], format!("https://{new}"));
    let key_file = text(&description["env"]["HALLPASS_CLOUD__ENTREZ_KEY_FILE"]);
    let pem = std::fs::read_to_string(&key_file).unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(description["cloud"]["entrez_key"], base64);

    let control = text(&description["control"]["url"]).replace("http://", "");
    let world = tokio::spawn(running.run());
    assert!(fetch(&old, "/info").await.1.contains("<software>D5.0.62</software>"));
    assert_eq!(fetch(&new, "/info").await.0, 301);
    assert!(fetch(&control, "/counters").await.1.contains("\"/info\":{\"200\":1,\"301\":1}"));
    world.abort();
    assert!(world.await.is_err());
    assert!(!Path::new(&key_file).exists(), "the key file goes with the world");
}

/// Reads ../shared/gateways; passes without it.
#[tokio::test]
async fn recordings_play_byte_for_byte() {
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/gateways");
    let Ok(directories) = std::fs::read_dir(&shared) else {
        println!("skipped: there is no {}", shared.display());
        return;
    };
    for directory in directories.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let gateways = vec![GatewayOptions::recording(&directory)];
        let sim = Sim::new(Options { gateways, ..Options::default() }).unwrap();
        let reply = crate::client::get(&sim, "/info", &[]).await;
        assert_eq!(reply.body, std::fs::read(directory.join("info")).unwrap(), "{directory:?}");
        let path = "/api/v1/production";
        let token = crate::client::bearer("any.well.formed");
        let reply = crate::client::get(&sim, path, &[&token]).await;
        if let Ok(recorded) = std::fs::read(directory.join("api_v1_production")) {
            assert_eq!(reply.body, recorded, "{directory:?}");
        }
    }
}
