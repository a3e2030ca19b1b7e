//! One-time codes: what a person is asked, and that nobody else makes the cloud send any.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::{BoxFuture, FutureExt};
use hallpass_credential::budget::{History, Outcome};
use hallpass_enphase::{
    Applicant, CodeAnswer, CodeWanted, ErrorKind, Person, Sighting, history_name,
};
use serde_json::json;

use crate::bench::{Bench, kind};

/// A person who says these things, each after so many seconds, and then gives up.
#[derive(Debug, Default)]
struct Script {
    lines: Mutex<VecDeque<(u64, CodeAnswer)>>,
    asked: Mutex<Vec<CodeWanted>>,
}

impl Person for Script {
    fn one_time_code(&self, why: CodeWanted) -> BoxFuture<'_, CodeAnswer> {
        self.asked.lock().unwrap().push(why);
        let line = self.lines.lock().unwrap().pop_front();
        let (seconds, answer) = line.unwrap_or((0, CodeAnswer::GiveUp));
        async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            answer
        }
        .boxed()
    }
}

/// A world whose account wants codes, and a person in it.
struct Scene {
    bench: Bench,
    seen: Sighting,
    person: Arc<Script>,
}

impl Scene {
    async fn new(lines: impl IntoIterator<Item = (u64, CodeAnswer)>) -> Self {
        let lines = Mutex::new(lines.into_iter().collect());
        let person = Arc::new(Script { lines, ..Script::default() });
        let bench = Bench::new(&["7.6.175"]);
        let applicant = Applicant::Person(person.clone());
        let bench = Bench { applicant, ..bench };
        bench.fault("mfa", json!({}));
        let seen = bench.look(0).await.unwrap();
        Self { bench, seen, person }
    }

    async fn log_in(&self) -> Result<(), ErrorKind> {
        let gateway = self.bench.gateway_of(&self.seen, Some(self.bench.account()));
        gateway.log_in().await.map_err(|error| error.kind())
    }

    fn asked(&self) -> Vec<CodeWanted> {
        self.person.asked.lock().unwrap().clone()
    }

    /// How often the cloud was sent a code, and asked for another one.
    fn sent(&self) -> (u64, u64) {
        let requests = self.bench.counters().requests;
        let count = |path| requests.get(path).map_or(0, |statuses| statuses.values().sum());
        (count("/app-api/validate_login_otp"), count("/app-api/generate_mfa_login_otp"))
    }

    /// A program comes by for a day: it sends nothing to the cloud.
    async fn assert_programs_wait(self, expect: ErrorKind) {
        let before = (self.bench.asked().0, self.sent());
        let bench = Bench { applicant: Applicant::Program, ..self.bench };
        let gateway = bench.gateway_of(&self.seen, Some(bench.account()));
        for _ in 0..23 {
            bench.pass(3600).await;
            assert_eq!(kind(gateway.read().await), expect);
        }
        let scene = Self { bench, ..self };
        assert_eq!((scene.bench.asked().0, scene.sent()), before);
        scene.bench.assert_fair();
    }
}

fn code(text: &str) -> (u64, CodeAnswer) {
    (5, CodeAnswer::Code(text.into()))
}

#[tokio::test(start_paused = true)]
async fn the_right_code_completes_the_login() {
    for shape in ["success", "requires_mfa"] {
        let scene = Scene::new([code("123456")]).await;
        scene.bench.fault("mfa", json!({"shape": shape}));
        scene.log_in().await.unwrap();
        assert_eq!(scene.asked(), [CodeWanted::Sent], "{shape}");
        assert_eq!(scene.sent(), (1, 0), "{shape}");
        let bench = Bench { applicant: Applicant::Program, ..scene.bench };
        let gateway = bench.gateway_of(&scene.seen, Some(bench.account()));
        assert!(!gateway.read().await.unwrap().readings.is_empty());
        assert_eq!(bench.asked(), (1, 1, 1), "{shape}");
        bench.assert_fair();
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_code_is_asked_for_again() {
    let scene = Scene::new([code("000000"), code(""), code("123456")]).await;
    scene.log_in().await.unwrap();
    let wrong = |left| CodeWanted::Wrong { left };
    assert_eq!(scene.asked(), [CodeWanted::Sent, wrong(2), wrong(1)]);
    assert_eq!(scene.bench.asked(), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn three_wrong_codes_are_enough() {
    let scene = Scene::new([code("1"), code("2"), code("3"), code("123456")]).await;
    assert_eq!(scene.log_in().await, Err(ErrorKind::OneTimeCode));
    assert_eq!((scene.asked().len(), scene.sent()), (3, (3, 0)));
    assert_eq!(scene.bench.asked().0, 1);
    scene.assert_programs_wait(ErrorKind::OneTimeCode).await;
}

#[tokio::test(start_paused = true)]
async fn another_code_is_sent_when_a_person_wants_it_and_not_too_soon() {
    let again = |seconds| (seconds, CodeAnswer::SendAgain);
    let scene = Scene::new([again(10), again(30), again(1), code("123456")]).await;
    let start = scene.bench.clock.now();
    scene.log_in().await.unwrap();
    let asked = scene.asked();
    let [CodeWanted::Sent, CodeWanted::TooSoon { until }, CodeWanted::SentAgain, second, ..] =
        asked[..]
    else {
        panic!("{asked:?}")
    };
    assert_eq!((until - start).get_seconds(), 30);
    assert!(matches!(second, CodeWanted::TooSoon { .. }), "{second:?}");
    assert_eq!(scene.sent(), (1, 1));
    assert_eq!(scene.bench.asked(), (1, 1, 1));
    scene.bench.assert_fair();
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_does_not_send_another_code_is_said() {
    let scene = Scene::new([(40, CodeAnswer::SendAgain), code("123456")]).await;
    scene.bench.fault("down", json!({"path": "/app-api/generate_mfa_login_otp"}));
    scene.log_in().await.unwrap();
    assert_eq!(scene.asked(), [CodeWanted::Sent, CodeWanted::NotSent]);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_is_not_asked_by_programs() {
    let scene = Scene::new([(60, CodeAnswer::GiveUp)]).await;
    assert_eq!(scene.log_in().await, Err(ErrorKind::OneTimeCode));
    scene.assert_programs_wait(ErrorKind::OneTimeCode).await;
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_cut_short_before_its_code_is_not_repeated_by_programs() {
    let scene = Scene::new([(3600, CodeAnswer::GiveUp)]).await;
    let cut = tokio::time::timeout(Duration::from_secs(600), scene.log_in()).await;
    assert!(cut.is_err());
    assert_eq!(scene.asked(), [CodeWanted::Sent]);
    let name = history_name(scene.bench.sim.account().0);
    let history: History = scene.bench.records.load(&name).await.unwrap().unwrap();
    let outcomes: Vec<_> = history.attempts().iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::OneTimeCode], "written down before the person is asked");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_blocked_over_its_code_rests_for_a_day() {
    let scene = Scene::new([code("000000"), code("123456")]).await;
    scene.bench.fault("blocked", json!({"path": "/app-api/validate_login_otp"}));
    assert_eq!(scene.log_in().await, Err(ErrorKind::Blocked));
    assert_eq!(scene.sent(), (1, 0));
    scene.assert_programs_wait(ErrorKind::Blocked).await;
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_fails_over_a_code_is_told_as_such_and_left_to_the_person() {
    for fault in ["down", "rate_limited"] {
        let scene = Scene::new([code("123456"), code("123456")]).await;
        scene.bench.fault(fault, json!({"path": "/app-api/validate_login_otp"}));
        assert_eq!(scene.log_in().await, Err(ErrorKind::CloudUnreachable), "{fault}");
        scene.bench.no_fault(fault);
        scene.bench.pass(61).await;
        scene.log_in().await.unwrap();
        assert_eq!((scene.bench.asked().0, scene.sent()), (2, (2, 0)), "{fault}");
        scene.bench.assert_fair();
    }
}
