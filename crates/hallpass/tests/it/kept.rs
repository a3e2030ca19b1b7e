//! What is kept in the state directory, as those see it who look from outside.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    sync::Arc,
    time::Duration,
};

use hallpass_credential::{Issued, adopt, peek, store::Records};
use hallpass_enphase::{Token, token_name};
use hallpass_store::{KeySource, SqliteStore};
use tokio::runtime::Runtime;

use crate::world::{World, files};

/// A state directory as it was at one moment: a backup.
pub(crate) struct Backup(Vec<(String, Vec<u8>)>);

impl Backup {
    pub(crate) fn of(world: &World) -> Self {
        Self(files(&world.state()))
    }

    /// Puts the directory back as it was, and nothing else.
    pub(crate) fn restore(&self, world: &World) {
        let _ = fs::remove_dir_all(world.state());
        fs::DirBuilder::new().mode(0o700).create(world.state()).unwrap();
        for (path, bytes) in &self.0 {
            let mut create = fs::OpenOptions::new();
            create.create_new(true).write(true).mode(0o600);
            create.open(path).unwrap().write_all(bytes).unwrap();
        }
    }
}

/// A world of one gateway that is logged in to.
pub(crate) fn logged_in_world() -> World {
    let world = World::new(&["7.6.175"]);
    world.lift_rate();
    world.log_in();
    world
}

/// The same with a token that is an hour old. The clouds make newer ones.
pub(crate) fn old_token_world() -> World {
    let world = logged_in_world();
    age_token(&world);
    world.sim.control().advance(HOUR);
    world
}

/// Makes the token that is kept an hour old, as far as can be told.
fn age_token(world: &World) {
    let (records, name) = (records(world), token_name(world.sim.serial_number(0)));
    let aging = async {
        let held = peek::<Token>(&records, &name).await.unwrap().unwrap();
        let token = Issued { expires_at: held.validity.expires_at, credential: held.credential };
        adopt(&records, &name, token, held.validity.issued_at - HOUR).await.unwrap();
    };
    Runtime::new().unwrap().block_on(aging);
}

/// What is kept, as the program itself sees it.
pub(crate) fn records(world: &World) -> Records {
    let store = SqliteStore::open(&world.state(), &KeySource::Generated).unwrap();
    Records::new(Arc::new(store))
}

/// The token that is kept. Without any cloud: it costs no login.
pub(crate) fn kept_token(world: &World) -> String {
    let token = ["token", "roof"];
    let mut command = world.command(&token);
    let nowhere = "http://127.0.0.1:1";
    command.envs(["ENLIGHTEN", "ENTREZ"].map(|it| (format!("HALLPASS_CLOUD__{it}_URL"), nowhere)));
    world.note(&token, command.output().unwrap()).code(0).stdout
}

const HOUR: Duration = Duration::from_secs(3600);

/// Longer than the token that is kept lasts, and shorter than a new one: a year and half an hour.
pub(crate) const LONGER: &str = "31537800s";
