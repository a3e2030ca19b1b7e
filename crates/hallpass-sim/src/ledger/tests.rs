use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

const THERE: Found = Found::There((7, 6, 175));

fn ledger() -> Ledger {
    Ledger::new(Budget::default(), 2)
}

#[test]
fn four_logins_an_hour_are_kept_and_five_are_not() {
    let check = |times: &[i64], expect: &[&str]| {
        let ledger = ledger();
        times.iter().for_each(|second| ledger.cloud_login(at(*second)));
        assert_eq!(ledger.verdict().violations, expect, "{times:?}");
    };
    check(&[0, 1, 2, 3], &[]);
    check(&[0, 1, 2, 3, 3_599], &["cloud logins in an hour: 5, at most 4"]);
    check(&[0, 1, 2, 3, 3_600], &[]);
    let spread: Vec<i64> = (0..11).map(|n| n * 3_600).collect();
    check(&spread, &["cloud logins in a day: 11, at most 10"]);
}

#[test]
fn requests_are_counted_by_gateway_and_minute() {
    let ledger = ledger();
    for n in 0..60 {
        drop(ledger.flight(n % 2, "/home", THERE, at(0)));
    }
    assert!(ledger.verdict().ok);
    drop(ledger.flight(0, "/home", THERE, at(59)));
    assert_eq!(ledger.verdict().violations, ["requests in a minute: 31, at most 30"]);
    assert!(ledger.verdict().maxima.requests_per_minute == 31 && ledger.load(0) == (0, 31));
}

#[test]
fn what_is_open_counts_until_it_is_dropped() {
    let ledger = ledger();
    let _one = ledger.connection(0);
    drop(ledger.connection(0));
    let _elsewhere = ledger.connection(1);
    assert_eq!(ledger.verdict().maxima.connections, 2);
    let flight = || ledger.flight(0, "/home", THERE, at(0));
    let _flights = (flight(), flight());
    assert_eq!(ledger.verdict().violations, ["requests in flight: 2, at most 1"]);
}

#[test]
fn check_jwt_is_a_minute_apart() {
    let ledger = ledger();
    ledger.check_jwt(0, at(0));
    ledger.check_jwt(1, at(1));
    ledger.check_jwt(0, at(60));
    assert!(ledger.verdict().ok);
    ledger.check_jwt(0, at(90));
    assert_eq!(ledger.verdict().violations, ["check_jwt: 30.0 s apart, at least 60 s"]);
}

#[test]
fn a_leak_is_a_violation() {
    let ledger = ledger();
    ledger.leak(Leak { at: at(0), what: "bearer", place: "control plane".to_owned(), bytes: 9 });
    assert_eq!(ledger.verdict().violations, ["leaks: 1, at most 0"]);
}

#[test]
fn four_refused_logins_a_day_are_kept_and_five_are_not() {
    let ledger = ledger();
    (0..4).for_each(|hour| ledger.login_rejected(at(hour * 7_200)));
    assert!(ledger.verdict().ok);
    ledger.login_rejected(at(86_399));
    assert_eq!(ledger.verdict().violations, ["refused logins in a day: 5, at most 4"]);
}

#[test]
fn tokens_are_asked_for_four_times_after_a_login_on_each_route_for_each_gateway() {
    let ledger = ledger();
    for _ in 0..2 {
        ledger.cloud_login(at(0));
        for _ in 0..4 {
            ledger.token_request("/tokens", "122012345678");
            ledger.token_request("/tokens", "122087654321");
            ledger.token_request("/entrez-auth-token", "122012345678");
        }
    }
    assert!(ledger.verdict().ok);
    ledger.token_request("/tokens", "122012345678");
    assert_eq!(ledger.verdict().violations, ["token requests after a login: 5, at most 4"]);
}

#[test]
fn a_login_needs_a_cause_at_one_gateway() {
    let ledger = ledger();
    ledger.cloud_login(at(0));
    ledger.token_accepted(0, 0, 365 * 86_400);
    ledger.cloud_login(at(10_000));
    assert!(ledger.verdict().ok, "the other gateway never took a token");
    ledger.token_accepted(1, 0, 365 * 86_400);
    ledger.cloud_login(at(20_000));
    assert_eq!(
        ledger.verdict().violations,
        ["a cloud login at 1970-01-01T05:33:20Z without a cause: \
          the gateway takes the token that there is"]
    );
}

#[test]
fn a_gateway_that_is_away_is_asked_who_it_is_once_a_minute() {
    let ledger = ledger();
    for (path, second) in [("/home", 0), ("/home", 1), ("/info", 2), ("/info", 62)] {
        drop(ledger.flight(0, path, Found::Away, at(second)));
    }
    assert!(ledger.verdict().ok);
    drop(ledger.flight(0, "/home", Found::Away, at(90)));
    assert_eq!(
        ledger.verdict().violations,
        [
            "requests in a minute while away: 2, at most 1",
            "requests for more than /info while away: 1, at most 0"
        ]
    );
}

#[test]
fn a_gateway_returns_when_it_says_who_it_is_after_it_was_away() {
    let ledger = ledger();
    ledger.present(0, at(0));
    ledger.away(0);
    ledger.away(0);
    ledger.present(1, at(1));
    ledger.present(0, at(2));
    ledger.present(0, at(3));
    assert_eq!(ledger.returns(), [at(2)]);
}
