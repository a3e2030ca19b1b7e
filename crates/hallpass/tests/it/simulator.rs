//! `sim`: the line that other programs read, and what stands behind it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::world::World;

struct Simulator {
    process: Child,
    description: Value,
}

impl Simulator {
    fn start(world: &World, options: &[&str]) -> Self {
        let mut arguments = vec!["sim", "--json"];
        arguments.extend(options);
        let mut process = world.command(&arguments).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let description = serde_json::from_str(&line).unwrap();
        Self { process, description }
    }

    /// Ends it as Ctrl-C does: the exit code.
    fn interrupt(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.process.wait().unwrap().code()
    }

    /// Asks the control plane.
    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let url = self.description["control"]["url"].as_str().unwrap();
        let host = url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }
}

#[test]
fn the_line_of_the_simulator_is_enough_to_use_it() {
    let world = World::new(&["7.6.175"]);
    let options = ["--firmware", "8.3.5289", "--firmware", "4.10.35", "--seed", "7"];
    let simulator = Simulator::start(&world, &options);
    let description = &simulator.description;
    let gateways = description["gateways"].as_array().unwrap();
    assert_eq!(gateways.len(), 2);
    for (gateway, scheme) in gateways.iter().zip(["https", "http"]) {
        let host = gateway["host"].as_str().unwrap();
        assert!(host.starts_with("127.0.0.1:"));
        assert_eq!(gateway["url"], format!("{scheme}://{host}"));
        assert!(gateway["serial_number"].is_string() && gateway["part_number"].is_string());
    }
    for (name, value) in description["env"].as_object().unwrap() {
        world.set(name, value.as_str().unwrap());
    }
    let account = &description["account"];
    let password = world.secret_file("password", account["password"].as_str().unwrap());
    let login = ["--username", account["username"].as_str().unwrap(), "--password-file", &password];
    let read = ["read", gateways[0]["host"].as_str().unwrap(), "--trust-new", "--json"];
    world.run(&[&read[..], &login].concat()).code(0);

    let counters = simulator.ask("GET", "/counters", "");
    assert_eq!(counters["cloud_logins"], 1);
    assert_eq!(simulator.ask("GET", "/verdict", "")["ok"], true);
    simulator.ask("POST", "/clock", r#"{"advance":"1d"}"#);
    simulator.ask("PUT", "/faults/slow", "{}");
    simulator.ask("DELETE", "/faults/slow", "");
    simulator.ask("POST", "/events/expire-session", "{}");
    assert_eq!(simulator.interrupt(), Some(0));
}
