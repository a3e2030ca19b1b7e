//! The file with the token while a command runs, in hours that pass at once.

use std::{fs, os::unix::fs::PermissionsExt};

use base64::{Engine, engine::general_purpose::STANDARD};
use hallpass_credential::{FastClock, Issued, adopt, jwt::PublicKey, store::Records};
use hallpass_enphase::{Applicant, Clouds, Login, token_name};
use hallpass_sim::{GatewayOptions, Options, Sim};
use hallpass_store::{Device, Directory, KeySource, Kind, Pin};
use hallpass_transport::TcpConnector;
use tempfile::TempDir;
use tokio::time;

use super::*;
use crate::{
    access::gateway, args::Global, config::Config, context::Terminals, output::Output, state::State,
};

/// A gateway that is never asked, since its tokens are good.
struct Bench {
    sim: Sim,
    context: Context,
    access: Access,
    directory: TempDir,
}

impl Bench {
    fn new() -> Self {
        let gateways = vec![GatewayOptions::firmware("7.6.175")];
        let sim = Sim::new(Options { gateways, ..Options::default() }).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let context = context(&sim, directory.path());
        let (serial_number, now) = (sim.serial_number(0), context.clock.now());
        let pin = Pin::PublicKey { sha256: "5a".repeat(32) };
        let name = "roof".parse().unwrap();
        let mut device = Device::new(name, Kind::Enphase, serial_number, "127.0.0.1:1", pin, now);
        device.firmware = Some("7.6.175".to_owned());
        let clouds = Clouds::public(Arc::new(TcpConnector)).unwrap();
        let applicant = Applicant::Program;
        let login = Login::Token { account: None, clouds, applicant, routes: None };
        let gateway = gateway(&context, &device, login).unwrap();
        Self { sim, context, access: Access { device, gateway }, directory }
    }

    /// Puts a token in the store, as another process does.
    async fn adopt(&self) -> Arc<Held<Token>> {
        let (serial_number, now) = (self.access.device.serial_number(), self.context.clock.now());
        let text = self.sim.token(0).mint();
        let credential =
            Token::admit(&text, serial_number, &self.context.clouds.keys, now).unwrap();
        let issued = Issued { expires_at: Some(credential.expires_at()), credential };
        adopt(&self.context.state.records, &token_name(serial_number), issued, now).await.unwrap();
        Arc::new(held_token(&self.context, &self.access.device).await.unwrap().unwrap())
    }
}

fn context(sim: &Sim, directory: &Path) -> Context {
    let global = Global { state_dir: None, config: None, json: false, quiet: true, verbose: 0 };
    let output = Output::new(&global, Terminals::default());
    let mut state = State::open(&directory.join("state"), &KeySource::Generated, &output).unwrap();
    state.records = Records::in_memory();
    state.devices = Directory::new(state.records.clone());
    let clock = Arc::new(FastClock::starting_at(sim.control().now(), 1));
    let config = Config::parse("", "", &[]).unwrap();
    let connector = Arc::new(TcpConnector);
    let context = Context::assemble(output, Terminals::default(), state, clock, &config, connector);
    let mut context = context.unwrap().lasting();
    context.clouds.keys = vec![PublicKey::from_pem(&STANDARD.encode(sim.entrez_key())).unwrap()];
    context
}

#[tokio::test(start_paused = true)]
async fn a_token_that_others_renew_is_in_the_file_within_a_minute() {
    let bench = Bench::new();
    let first = bench.adopt().await;
    let file = TokenFile::new(bench.directory.path(), &first.credential).unwrap();
    let before = fs::read_to_string(file.path()).unwrap();
    let script = async {
        time::sleep(LOOK_EVERY * 3).await;
        assert_eq!(fs::read_to_string(file.path()).unwrap(), before, "nothing has changed");
        bench.adopt().await;
        time::sleep(LOOK_EVERY * 2).await;
    };
    tokio::select! {
        () = script => {}
        never = keep(&file, first.generation, &bench.access, &bench.context) => match never {},
    }
    assert_ne!(fs::read_to_string(file.path()).unwrap(), before);
    let mode = fs::metadata(file.path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "of the new file, too");
    let directory = file.path().parent().unwrap().to_owned();
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing is left beside it");
    drop(file);
    assert!(!directory.exists());
}
