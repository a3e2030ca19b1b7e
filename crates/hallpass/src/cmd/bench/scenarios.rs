//! Every scenario file, played with the whole client. One that is marked `not-yet` must fail.

use std::{collections::BTreeSet, fs, path::PathBuf};

use hallpass_sim::Scenario;
use tokio::runtime;

use super::Life;

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*
        const PLAYED: &[&str] = &[$(stringify!($name)),*];
    };
}

scenarios! {
    a1_idle_session
    a2_burst_401
    a3_late_401
    a4_revoked
    a5_new_refused
    a5_new_refused_at_renewal
    a6_wrong_audience
    a7_no_token
    a7_token_in_other_dress
    a8_role_drop
    a10_installer_12h
    a11_odd_tokens
    a12_digest_auth_int
    a12_digest_md5_sess
    a12_digest_nc_replay
    a12_digest_no_qop
    a12_digest_nonce_per_request
    a12_digest_stale
    a12_digest_wrong_password
    c1_wrong_password
    c2_one_time_code
    c3_blocked
    c4_too_many_sessions
    c5_no_retry_after
    c5_retry_after_date
    c5_retry_after_seconds
    c6_login_wall
    c7_down_at_renewal
    c7_down_while_the_token_lasts
    c7_errors_at_renewal
    c8_down_for_a_month
    c9_tokens_503
    c10_all_endpoints_moved
    c10_endpoint_moved_403
    c10_endpoint_moved_404
    c10_endpoint_moved_406
    c12_slow_cloud
    g1_nightly_hang
    g1_nightly_refused
    g2_reboot
    g3_powercut_session
    g5_firmware_update
    g6_update_to_7_with_an_account
    g6_update_to_7_without_an_account
    g8_slow_endpoint
    g10_overload
    g11_keepalive_close
    g11_keepalive_reset
    g12_slowloris
    g13_login_page
    g14_gateway_errors
    g15_broken_bodies
    g16_odd_numbers
    g18_one_endpoint_401
    g19_many_inverters
    g19_shape_change
    g20_redirects
    k2_host_clock_ahead
    k3_fresh_token_refused
    k3_gateway_clock_behind
    k5_clock_set_back_and_suspend
    n1_impostor
    n2_key_rotated
    n3_swap
    n6_no_common_tls
    n6_odd_handshakes
    n6_rsa
    n7_https_gone
    n9_bad_network
    s3_full_disk
}

fn check(name: &str) {
    let scenario = read(name);
    let runtime = runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let (life, breaches) = runtime.unwrap().block_on(async {
        let mut life = Life::new(&scenario);
        let breaches = Box::pin(life.live()).await;
        (life, breaches)
    });
    match &scenario.not_yet {
        None => assert!(breaches.is_empty(), "{}\n{}", breaches.join("\n"), life.story()),
        Some(reason) => assert!(!breaches.is_empty(), "kept now, take it out: not-yet {reason}"),
    }
}

fn read(name: &str) -> Scenario {
    let text = fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
    Scenario::parse(&text).unwrap_or_else(|error| panic!("{name}.txt, {error}"))
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../hallpass-sim/scenarios")
}

#[test]
fn every_scenario_is_played() {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let names = files.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned());
    let played = PLAYED.iter().map(|name| (*name).to_owned());
    assert_eq!(names.collect::<BTreeSet<_>>(), played.collect::<BTreeSet<_>>());
}
