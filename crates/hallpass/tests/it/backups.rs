//! A state directory that is put back as it was, file by file.

use hallpass_enphase::{forget_cloud, forget_login};
use tokio::runtime::Runtime;

use crate::{
    kept::{Backup, kept_token, logged_in_world, records},
    world::World,
};

fn logins_left_today(world: &World) -> u64 {
    let status = world.run(&["status", "--json"]).code(0).json();
    status["devices"][0]["account"]["budget"]["logins_left_today"].as_u64().unwrap()
}

#[test]
fn s9_an_old_backup_goes_on_with_its_old_token() {
    let world = logged_in_world();
    let (backup, old) = (Backup::of(&world), kept_token(&world));
    world.log_in();
    assert_ne!(kept_token(&world), old);
    backup.restore(&world);
    world.run(&["read", "roof"]).code(0);
    assert_eq!(kept_token(&world), old);
    assert_eq!(world.counters().cloud_logins, 2, "none for the backup");
}

#[test]
fn s9_a_backup_without_a_token_costs_one_login() {
    let world = logged_in_world();
    Runtime::new().unwrap().block_on(async {
        let records = records(&world);
        forget_login(&records, world.sim.serial_number(0)).await.unwrap();
        forget_cloud(&records, world.sim.account().0).await.unwrap();
    });
    let backup = Backup::of(&world);
    world.log_in();
    backup.restore(&world);
    for _ in 0..3 {
        world.run(&["read", "roof"]).code(0);
    }
    assert_eq!(world.counters().cloud_logins, 3, "one for the backup");
}

/// What was done after a backup is not in it; what was done before counts on.
#[test]
fn s9_a_backup_keeps_the_budget_that_it_knows() {
    let world = logged_in_world();
    world.log_in();
    let backup = Backup::of(&world);
    world.log_in();
    assert_eq!(logins_left_today(&world), 7);
    backup.restore(&world);
    assert_eq!(logins_left_today(&world), 8, "neither 7, which it cannot know, nor all 10");
}
