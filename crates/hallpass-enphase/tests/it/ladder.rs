//! When the clouds are asked for a token, and when they are not: outages, refused new tokens, wrong
//! clocks, clouds that are down.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use hallpass_credential::{Clock, budget::History};
use hallpass_enphase::{ErrorKind, Gateway, Role, history_name};
use http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::bench::{Bench, kind};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// The clock of a machine that somebody sets.
#[derive(Debug)]
struct Set {
    right: Arc<dyn Clock>,
    /// By so many seconds it is ahead.
    ahead: AtomicI64,
}

impl Clock for Set {
    fn now(&self) -> Timestamp {
        self.right.now() + SignedDuration::from_secs(self.ahead.load(SeqCst))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.right.sleep(duration)
    }
}

impl Set {
    /// Puts a clock that can be set into a bench.
    fn into(bench: &mut Bench) -> Arc<Self> {
        let clock = Arc::new(Self { right: Arc::clone(&bench.clock), ahead: AtomicI64::new(0) });
        bench.clock = clock.clone();
        clock
    }

    fn set_ahead(&self, seconds: i64) {
        self.ahead.store(seconds, SeqCst);
    }
}

/// Polls each minute for `minutes`: at which of them a login was sent, and how many polls failed.
async fn poll(bench: &Bench, gateway: &Gateway, minutes: u64) -> (Vec<u64>, u64) {
    let (mut logins, mut failed) = (Vec::new(), 0);
    for minute in 0..minutes {
        let before = bench.asked().0;
        failed += u64::from(gateway.read().await.is_err());
        if bench.asked().0 > before {
            logins.push(minute);
        }
        bench.pass(60).await;
    }
    (logins, failed)
}

/// Asks one thing, which is answered.
async fn ask(gateway: &Gateway) {
    let request = Request::get("/production.json").body(Bytes::new()).unwrap();
    assert_eq!(gateway.forward(request).await.unwrap().status.as_u16(), 200);
}

/// A gateway that was read, an hour ago.
async fn known(bench: &Bench) -> Gateway {
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    bench.pass(HOUR).await;
    gateway
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_within_five_minutes_of_a_reboot_costs_no_login() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = known(&bench).await;
    bench.event("expire-token");
    bench.event("reboot");
    // Away for one minute, not ready for three more.
    let (logins, _) = poll(&bench, &gateway, 20).await;
    assert_eq!(logins.len(), 1);
    assert!((9..=11).contains(&logins[0]), "minute {}", logins[0]);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_firmware_update_that_ends_the_token_costs_one_login_within_five_minutes() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = known(&bench).await;
    bench.fault("fw_update", json!({"down": "20m"}));
    let (logins, failed) = poll(&bench, &gateway, 40).await;
    assert_eq!(logins.len(), 1);
    assert!((22..=25).contains(&logins[0]), "minute {}", logins[0]);
    assert!(failed <= 26, "{failed} polls failed");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_another_process_saw_counts() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = known(&bench).await;
    bench.event("reboot");
    bench.pass(120).await;
    assert_eq!(kind(gateway.read().await), ErrorKind::Unreachable);
    bench.pass(180).await;
    gateway.read().await.unwrap();
    drop(gateway);
    bench.event("expire-token");
    let seen = bench.look(0).await.unwrap();
    let mut refused = 0;
    while bench.asked().0 == 1 {
        // Each is a process of its own.
        let other = bench.gateway_of(&seen, Some(bench.account()));
        if let Err(error) = other.read().await {
            assert_eq!(error.kind(), ErrorKind::NeedsLogin);
            refused += 1;
        }
        bench.pass(60).await;
    }
    assert!((4..=6).contains(&refused), "{refused} minutes");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_new_token_that_is_refused_leaves_the_old_one_in_use() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = known(&bench).await;
    bench.pass(350 * DAY).await;
    bench.fault("new_refused", json!({}));
    let mut asked = Vec::new();
    for minute in 0..20 * 60 {
        let before = bench.asked().1;
        assert!(gateway.read().await.is_ok(), "minute {minute}");
        if bench.asked().1 > before {
            asked.push(minute);
        }
        bench.pass(60).await;
    }
    let waits: Vec<_> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits, [15, 60, 360, 360, 360], "{asked:?}");
    bench.no_fault("new_refused");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_gateway_without_a_token_that_refuses_new_ones_says_why() {
    for (fault, says) in
        [("clock_skew", "its clock is 2 days behind ours"), ("new_refused", "its serial number")]
    {
        let bench = Bench::new(&["7.6.175"]);
        bench.fault(fault, json!({}));
        let gateway = bench.gateway(0, Some(bench.account())).await;
        let begun = bench.clock.now();
        let error = gateway.read().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NeedsLogin, "{fault}");
        assert!(error.to_string().contains(says), "{fault}: {error}");
        assert!(error.retry_at().unwrap() >= begun + SignedDuration::from_mins(15), "{fault}");
        let (logins, _) = poll(&bench, &gateway, 60).await;
        assert_eq!(logins, [15], "{fault}");
        // A person may try at once.
        assert_eq!(kind(gateway.log_in().await), ErrorKind::NeedsLogin, "{fault}");
        assert_eq!(bench.asked().0, 3, "{fault}");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_two_years_ahead_ends_no_token() {
    let mut bench = Bench::new(&["7.6.175"]);
    let clock = Set::into(&mut bench);
    let gateway = known(&bench).await;
    clock.set_ahead(2 * 365 * 86_400);
    let seen = bench.look(0).await.unwrap();
    for _ in 0..30 {
        gateway.read().await.unwrap();
        bench.gateway_of(&seen, Some(bench.account())).read().await.unwrap();
        bench.pass(120).await;
    }
    clock.set_ahead(0);
    let (logins, failed) = poll(&bench, &gateway, 10).await;
    assert_eq!((logins.len(), failed), (0, 0));
    assert_eq!(bench.asked().0, 1);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_token_that_really_ends_is_renewed_though_the_machine_slept_for_a_year() {
    let bench = Bench::new(&["7.6.175"]);
    let gateway = known(&bench).await;
    bench.pass(400 * DAY).await;
    gateway.read().await.unwrap();
    assert_eq!(bench.asked().0, 2);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_ends_no_rest_and_clears_no_budget() {
    let mut bench = Bench::new(&["7.6.175"]);
    let clock = Set::into(&mut bench);
    bench.fault("wrong_password", json!({}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let mut ahead = 0;
    for step in [-3600, 0, -86_400, 2 * 365 * 86_400, -2 * 365 * 86_400, -3600] {
        for _ in 0..4 {
            assert!(gateway.read().await.is_err());
            bench.pass(60).await;
        }
        ahead += step;
        clock.set_ahead(ahead);
    }
    let logins = bench.asked().0;
    assert!(logins <= 3, "{logins} logins within half an hour");
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_is_down_for_the_renewal_costs_nothing_and_is_made_up_for() {
    for fault in [json!({"how": "refused"}), json!({"status": 503})] {
        let bench = Bench::new(&["7.6.175"]);
        let gateway = known(&bench).await;
        bench.pass(334 * DAY).await;
        bench.fault("down", fault.clone());
        for _ in 0..29 * 24 {
            ask(&gateway).await;
            bench.pass(HOUR).await;
        }
        let logins = bench.counters().requests["/login/login.json"].values().sum::<u64>();
        assert!(logins <= 29 * 10, "{fault}: {logins}");
        let old = gateway.token(Duration::ZERO).await.unwrap().generation;
        bench.no_fault("down");
        for _ in 0..6 {
            bench.pass(HOUR).await;
            ask(&gateway).await;
        }
        assert!(gateway.token(Duration::ZERO).await.unwrap().generation > old, "{fault}");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn installer_tokens_of_twelve_hours_last_a_week_without_a_gap() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("installer_12h", json!({}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let mut logins = Vec::new();
    for quarter in 0..7 * 24 * 4_u64 {
        let before = bench.asked().0;
        ask(&gateway).await;
        logins.extend((bench.asked().0 > before).then_some(quarter));
        bench.pass(900).await;
    }
    let within_a_day =
        |from: &u64| logins.iter().filter(|at| (*from..from + 96).contains(at)).count();
    let worst = logins.iter().map(within_a_day).max().unwrap();
    assert!(worst <= 3, "{worst} logins in a day: {logins:?}");
    assert_eq!(gateway.token(Duration::ZERO).await.unwrap().credential.role(), &Role::Installer);
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_is_too_slow_is_cancelled_and_counts() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("slow_cloud", json!({"by": "60s", "path": "/login/login.json"}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let begun = bench.clock.now();
    assert_eq!(kind(gateway.log_in().await), ErrorKind::CloudUnreachable);
    let waited = begun.duration_until(bench.clock.now()).as_secs();
    assert!(waited <= 21, "{waited} s");
    bench.no_fault("slow_cloud");
    gateway.log_in().await.unwrap_err();
    bench.pass(61).await;
    gateway.log_in().await.unwrap();
    let token = gateway.token(Duration::ZERO).await.unwrap();
    // The late answer would have come by now.
    bench.pass(120).await;
    assert_eq!(gateway.token(Duration::ZERO).await.unwrap().generation, token.generation);
    let name = history_name(bench.sim.account().0);
    let history: History = bench.records.load(&name).await.unwrap().unwrap();
    let outcomes: Vec<_> = history.attempts().iter().map(|attempt| attempt.outcome).collect();
    use hallpass_credential::budget::Outcome::{Accepted, Failed};
    assert_eq!(outcomes, [Failed, Accepted]);
    assert_eq!(bench.asked().0, 2);
}

/// A token that cannot be used, in place of the first: nothing is adopted, and a login is spent once
/// within the rest of the clouds.
async fn check_unusable(fault: &str, arguments: Value) {
    let bench = Bench::new(&["7.6.175"]);
    let told = format!("{fault} {arguments}");
    bench.fault(fault, arguments);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let (logins, failed) = poll(&bench, &gateway, 9).await;
    assert_eq!((logins.as_slice(), failed), (&[0][..], 9), "{told}");
    assert_eq!(bench.asked().2, 0, "{told}: nothing is shown to the gateway");
    bench.no_fault(fault);
    bench.pass(DAY).await;
    gateway.read().await.unwrap_or_else(|error| panic!("{told}: {error}"));
    bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_none_or_odd_is_not_adopted_and_costs_one_login() {
    for odd in ["none", "hs256", "exp_milliseconds", "exp_missing", "iat_future", "huge", "expired"]
    {
        check_unusable("odd_jwt", json!({"kind": odd})).await;
    }
    for shape in ["textarea_error", "empty", "two_segments", "html"] {
        check_unusable("not_jwt", json!({"kind": shape})).await;
    }
    check_unusable("wrong_aud", json!({})).await;
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_gives_an_odd_token_keeps_the_old_one() {
    for (fault, arguments) in [
        ("odd_jwt", json!({"kind": "none"})),
        ("not_jwt", json!({"kind": "textarea_error"})),
        ("wrong_aud", json!({})),
    ] {
        let bench = Bench::new(&["7.6.175"]);
        let gateway = known(&bench).await;
        bench.pass(350 * DAY).await;
        bench.fault(fault, arguments);
        let (logins, failed) = poll(&bench, &gateway, 60).await;
        assert_eq!(failed, 0, "{fault}");
        assert!(logins.len() <= 3, "{fault}: {logins:?}");
        assert_eq!(gateway.token(Duration::ZERO).await.unwrap().generation, 1, "{fault}");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_wants_the_form_gets_it_at_once() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("form_login_only", json!({}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.log_in().await.unwrap();
    assert_eq!(bench.asked(), (2, 1, 1));
    let wrong = Bench::new(&["7.6.175"]);
    wrong.fault("form_login_only", json!({}));
    let account = wrong.account_with(wrong.sim.account().0, "wrong");
    assert_eq!(kind(wrong.gateway(0, Some(account)).await.log_in().await), ErrorKind::Rejected);
    assert_eq!(wrong.asked().0, 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_late_is_asked_for_once_more_after_the_login() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("tokens_503", json!({"times": 1}));
    bench.fault("down", json!({"path": "/entrez-auth-token"}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    let begun = bench.clock.now();
    gateway.log_in().await.unwrap();
    let waited = begun.duration_until(bench.clock.now()).as_secs();
    assert!((10..=12).contains(&waited), "{waited} s");
    assert_eq!(bench.asked().0, 1);
    let asked: u64 = bench.counters().requests["/tokens"].values().sum();
    assert_eq!(asked, 2);
}

#[tokio::test(start_paused = true)]
async fn the_session_that_proved_a_token_is_the_one_that_is_used() {
    let bench = Bench::new(&["7.6.175"]);
    bench.fault("bearer_refused", json!({"path": "*"}));
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.log_in().await.unwrap();
    for _ in 0..3 {
        assert_eq!(gateway.read().await.unwrap().complaints, []);
        bench.pass(120).await;
    }
    assert_eq!(bench.asked(), (1, 1, 1));
    bench.assert_fair();
}
