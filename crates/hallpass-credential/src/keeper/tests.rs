use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
};

use jiff::SignedDuration;
use tokio::{task::JoinSet, time};
use tracing::{Level, Metadata};

use super::*;
use crate::{
    Error, ErrorKind, FastClock,
    store::{Space, disk::Disk},
    told,
};

const HOUR: Duration = Duration::from_secs(3600);

type Failing = fn() -> Attempt;

/// An issuer that counts, takes its time, and can be told to fail.
#[derive(Clone)]
struct Fake {
    issued: Arc<AtomicU64>,
    reasons: Arc<Mutex<Vec<Reason>>>,
    failing: Arc<Mutex<Option<Failing>>>,
    life: Option<SignedDuration>,
    clock: Arc<dyn Clock>,
    believes: Arc<AtomicBool>,
}

impl Issuer for Fake {
    type Credential = u64;

    async fn issue(&mut self, why: Reason) -> Issue<u64> {
        self.reasons.lock().unwrap().push(why);
        let credential = self.issued.fetch_add(1, SeqCst) + 1;
        time::sleep(Duration::from_secs(1)).await;
        let failing = *self.failing.lock().unwrap();
        let expires_at = self.life.map(|life| self.clock.now() + life);
        failing.map_or(Ok(Issued { credential, expires_at }), |failing| Err(failing()))
    }

    async fn believes(&mut self, _: Timestamp) -> bool {
        self.believes.load(SeqCst)
    }
}

struct Bench {
    fake: Fake,
    records: Records,
    clock: Arc<dyn Clock>,
    longest: Duration,
}

impl Bench {
    fn new(life: Option<SignedDuration>) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(FastClock::starting_at(Timestamp::UNIX_EPOCH, 1));
        let fake = Fake {
            issued: Arc::default(),
            reasons: Arc::default(),
            failing: Arc::default(),
            life,
            clock: Arc::clone(&clock),
            believes: Arc::new(AtomicBool::new(true)),
        };
        Self { fake, records: Records::in_memory(), clock, longest: Duration::ZERO }
    }

    /// A pass as one more process would have it: only the store is shared.
    fn process(&self) -> Pass<u64> {
        let keeping = Keeping::new(self.records.clone(), Arc::clone(&self.clock), "fake");
        let rest = Rest { longest: self.longest, ..keeping.rest };
        let (pass, task) = keep(self.fake.clone(), keeping.resting(rest));
        tokio::spawn(task);
        pass
    }

    fn fail(&self, failing: Failing) {
        *self.fake.failing.lock().unwrap() = Some(failing);
    }

    fn issues(&self) -> u64 {
        self.fake.issued.load(SeqCst)
    }
}

fn no() -> Error {
    Error::new(ErrorKind::Rejected, "no")
}

async fn fifty(get: impl Fn() -> Pass<u64>) -> Vec<Result<u64>> {
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let pass = get();
        callers.spawn(async move { pass.get().await.map(|held| held.credential) });
    }
    callers.join_all().await
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_cause_one_issue() {
    let bench = Bench::new(None);
    let pass = bench.process();
    assert!(fifty(|| pass.clone()).await.into_iter().all(|got| got.unwrap() == 1));
    assert_eq!(bench.issues(), 1);
}

#[tokio::test(start_paused = true)]
async fn fifty_processes_cause_one_issue() {
    let bench = Bench::new(None);
    assert!(fifty(|| bench.process()).await.into_iter().all(|got| got.unwrap() == 1));
    assert_eq!(bench.issues(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_answers_all_who_wait_and_cools_down() {
    let bench = Bench::new(None);
    bench.fail(|| Attempt::Refused(no()));
    assert!(fifty(|| bench.process()).await.iter().all(Result::is_err));
    assert_eq!(bench.issues(), 1);
    time::sleep(Duration::from_secs(58)).await;
    assert_eq!(bench.process().get().await.unwrap_err().kind(), ErrorKind::Rejected);
    assert_eq!(bench.issues(), 1);
    time::sleep(Duration::from_secs(2)).await;
    assert!(bench.process().get().await.is_err());
    assert_eq!(bench.issues(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_reached_is_tried_again_at_once_but_once_for_all_who_waited() {
    let bench = Bench::new(None);
    bench.fail(|| Attempt::Failed(Error::new(ErrorKind::Unreachable, "no route")));
    let pass = bench.process();
    assert!(fifty(|| pass.clone()).await.iter().all(Result::is_err));
    assert_eq!(bench.issues(), 1);
    assert!(pass.get().await.is_err());
    assert_eq!(bench.issues(), 2);
}

#[tokio::test(start_paused = true)]
async fn twenty_refusals_of_one_generation_issue_once() {
    let bench = Bench::new(None);
    let pass = bench.process();
    pass.get().await.unwrap();
    time::sleep(HOUR).await;
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let pass = pass.clone();
        callers.spawn(async move {
            pass.call(|held| async move {
                time::sleep(Duration::from_millis(5)).await;
                if held.credential == 1 { Err(Attempt::Refused(no())) } else { Ok(held.credential) }
            })
            .await
            .unwrap()
        });
    }
    assert!(callers.join_all().await.into_iter().all(|got| got == 2));
    assert_eq!(*bench.fake.reasons.lock().unwrap(), [Reason::Missing, Reason::Refused(1)]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_caller_does_not_lose_the_issue() {
    let bench = Bench::new(None);
    let pass = bench.process();
    assert!(time::timeout(Duration::from_millis(10), pass.get()).await.is_err());
    assert_eq!(pass.get().await.unwrap().credential, 1);
    assert_eq!(bench.issues(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_a_fresh_credential_is_about_rights() {
    let bench = Bench::new(None);
    let pass = bench.process();
    let tries = AtomicU64::new(0);
    let refuse = |_| {
        tries.fetch_add(1, SeqCst);
        async { Err::<(), _>(Attempt::Refused(no())) }
    };
    assert_eq!(pass.call(refuse).await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!((tries.load(SeqCst), bench.issues()), (1, 1));
    time::sleep(HOUR).await;
    assert_eq!(pass.call(refuse).await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!((tries.load(SeqCst), bench.issues()), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_far_side_that_always_refuses_cannot_drain_the_budget() {
    let bench = Bench::new(None);
    let pass = bench.process();
    for _ in 0..600 {
        let refused = pass.call(|_| async { Err::<(), _>(Attempt::Refused(no())) }).await;
        assert!(refused.is_err());
        time::sleep(Duration::from_secs(1)).await;
    }
    assert!(bench.issues() <= 11, "{} issues in ten minutes", bench.issues());
}

#[tokio::test(start_paused = true)]
async fn an_expired_credential_is_replaced() {
    let bench = Bench::new(Some(SignedDuration::from_hours(1)));
    let pass = bench.process();
    pass.get().await.unwrap();
    time::sleep(HOUR).await;
    assert_eq!(pass.get().await.unwrap().credential, 2);
    assert_eq!(*bench.fake.reasons.lock().unwrap(), [Reason::Missing, Reason::Expired]);
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_is_not_given_out() {
    let bench = Bench::new(Some(SignedDuration::from_hours(1)));
    let pass = bench.process();
    pass.get().await.unwrap();
    bench.fail(|| Attempt::Refused(no()));
    time::sleep(HOUR).await;
    for _ in 0..2 {
        assert_eq!(pass.get().await.unwrap_err().kind(), ErrorKind::Rejected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_known_is_given_without_the_keeper() {
    let bench = Bench::new(Some(SignedDuration::from_hours(12)));
    let keeping = Keeping::new(bench.records.clone(), Arc::clone(&bench.clock), "fake");
    let (pass, task) = keep(bench.fake.clone(), keeping);
    let keeper = tokio::spawn(task);
    pass.get().await.unwrap();
    keeper.abort();
    time::sleep(HOUR).await;
    assert_eq!(pass.get().await.unwrap().credential, 1);
    assert_eq!(pass.good_for(10 * HOUR).await.unwrap().credential, 1);
    assert_eq!(pass.good_for(12 * HOUR).await.unwrap_err().kind(), ErrorKind::Held);
    time::sleep(9 * HOUR).await;
    assert_eq!(pass.get().await.unwrap_err().kind(), ErrorKind::Held, "it is to be renewed");
}

#[tokio::test(start_paused = true)]
async fn an_aging_credential_is_good_to_its_last_second() {
    let bench = Bench::new(Some(SignedDuration::from_hours(3)));
    let pass = bench.process();
    pass.get().await.unwrap();
    bench.fail(|| Attempt::Refused(no()));
    time::sleep(HOUR * 5 / 2).await;
    assert_eq!(pass.get().await.unwrap().credential, 1);
    assert_eq!(pass.get().await.unwrap().credential, 1);
    assert_eq!(*bench.fake.reasons.lock().unwrap(), [Reason::Missing, Reason::Aging]);
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_must_last_longer_is_renewed_in_time() {
    let bench = Bench::new(Some(SignedDuration::from_hours(3)));
    let pass = bench.process();
    pass.get().await.unwrap();
    time::sleep(HOUR / 2).await;
    assert_eq!(pass.good_for(2 * HOUR).await.unwrap().credential, 1);
    assert_eq!(pass.good_for(HOUR * 11 / 4).await.unwrap().credential, 2);
}

#[tokio::test(start_paused = true)]
async fn dead_on_arrival_is_an_error_not_a_hang() {
    let bench = Bench::new(Some(SignedDuration::ZERO));
    let pass = bench.process();
    let got = time::timeout(Duration::from_secs(5), pass.get()).await.expect("no hang");
    assert_eq!(got.unwrap_err().kind(), ErrorKind::NotUnderstood);
}

#[tokio::test(start_paused = true)]
async fn an_adopted_credential_takes_the_place_of_a_refused_one() {
    let bench = Bench::new(None);
    let pass = bench.process();
    pass.get().await.unwrap();
    let issued = Issued { credential: 77, expires_at: None };
    adopt(&bench.records, "fake", issued, bench.clock.now()).await.unwrap();
    let got = pass.call(|held| async move {
        if held.credential == 77 { Ok(held.generation) } else { Err(Attempt::Refused(no())) }
    });
    assert_eq!(got.await.unwrap(), 2);
    assert_eq!(bench.issues(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_person_brings_while_another_is_issued_is_kept() {
    let bench = Bench::new(None);
    let pass = bench.process();
    let bring = async {
        time::sleep(Duration::from_millis(500)).await;
        let issued = Issued { credential: 77, expires_at: None };
        adopt(&bench.records, "fake", issued, bench.clock.now()).await.unwrap();
    };
    let (held, ()) = tokio::join!(pass.get(), bring);
    assert_eq!(held.unwrap().credential, 77);
    let kept = peek::<u64>(&bench.records, "fake").await.unwrap().unwrap();
    assert_eq!((kept.credential, kept.generation), (77, 1));
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_credential_is_issued_anew_with_a_later_generation() {
    let bench = Bench::new(None);
    let pass = bench.process();
    pass.get().await.unwrap();
    forget::<u64>(&bench.records, "fake").await.unwrap();
    time::sleep(HOUR).await;
    let got = pass.call(|held| async move {
        if held.credential == 2 { Ok(held.generation) } else { Err(Attempt::Refused(no())) }
    });
    assert_eq!(got.await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_gone_for_every_process() {
    let bench = Bench::new(None);
    assert_eq!(bench.process().get().await.unwrap().credential, 1);
    forget::<u64>(&bench.records, "fake").await.unwrap();
    assert!(peek::<u64>(&bench.records, "fake").await.unwrap().is_none());
    let anew = bench.process().get().await.unwrap();
    assert_eq!((anew.credential, anew.generation), (2, 2));
    forget::<u64>(&bench.records, "nobody").await.unwrap();
    assert!(peek::<u64>(&bench.records, "nobody").await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_forgotten_with_the_credential() {
    let bench = Bench::new(None);
    bench.fail(|| Attempt::Refused(no()));
    assert!(bench.process().get().await.is_err());
    forget::<u64>(&bench.records, "fake").await.unwrap();
    *bench.fake.failing.lock().unwrap() = None;
    assert_eq!(bench.process().get().await.unwrap().credential, 2);
}

/// A session is issued for a token, as a gateway does.
struct SessionIssuer {
    token: Pass<u64>,
    oldest_good_token: Arc<AtomicU64>,
    issued: Arc<AtomicU64>,
}

impl Issuer for SessionIssuer {
    type Credential = (u64, u64);

    async fn issue(&mut self, _: Reason) -> Issue<(u64, u64)> {
        let session = self.issued.fetch_add(1, SeqCst) + 1;
        let oldest = self.oldest_good_token.load(SeqCst);
        let token = self.token.call(|held| async move {
            if held.credential < oldest { Err(Attempt::Refused(no())) } else { Ok(held.credential) }
        });
        Ok(Issued { credential: (session, token.await?), expires_at: None })
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_session_falls_through_token_to_cloud_once() {
    let bench = Bench::new(None);
    let (oldest, sessions) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicU64::new(0)));
    let issuer = SessionIssuer {
        token: bench.process(),
        oldest_good_token: Arc::clone(&oldest),
        issued: Arc::clone(&sessions),
    };
    let keeping = Keeping::new(bench.records.clone(), Arc::clone(&bench.clock), "session");
    let (session, task) = keep(issuer, keeping);
    tokio::spawn(task);
    assert_eq!(session.get().await.unwrap().credential, (1, 1));

    // A firmware update: the old token and its sessions are dead.
    oldest.store(2, SeqCst);
    time::sleep(HOUR).await;
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let session = session.clone();
        callers.spawn(async move {
            let got = session.call(|held| async move {
                let (session, token) = held.credential;
                if token == 1 { Err(Attempt::Refused(no())) } else { Ok((session, token)) }
            });
            got.await.unwrap()
        });
    }
    assert!(callers.join_all().await.into_iter().all(|got| got == (2, 2)));
    assert_eq!((sessions.load(SeqCst), bench.issues()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_pardoned_issuer_is_asked_again_at_once() {
    let bench = Bench::new(None);
    bench.fail(|| Attempt::Refused(no()));
    assert!(bench.process().get().await.is_err());
    pardon::<u64>(&bench.records, "fake").await.unwrap();
    *bench.fake.failing.lock().unwrap() = None;
    assert_eq!(bench.process().get().await.unwrap().credential, 2);
}

#[tokio::test(start_paused = true)]
async fn a_new_one_that_is_wanted_is_issued_however_good_the_old_is() {
    let bench = Bench::new(None);
    let pass = bench.process();
    assert_eq!(pass.get().await.unwrap().credential, 1);
    time::sleep(HOUR).await;
    assert_eq!(pass.renew().await.unwrap().credential, 2);
    assert_eq!(*bench.fake.reasons.lock().unwrap(), [Reason::Missing, Reason::Wanted]);
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_rest_longer_and_longer() {
    let bench = Bench { longest: 8 * 60 * Duration::from_secs(1), ..Bench::new(None) };
    bench.fail(|| Attempt::Refused(no()));
    let pass = bench.process();
    let mut issued_at = Vec::new();
    for minute in 0..30 {
        let before = bench.issues();
        assert!(pass.get().await.is_err());
        if bench.issues() > before {
            issued_at.push(minute);
        }
        time::sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(issued_at, [0, 1, 3, 7, 15, 23]);
}

#[tokio::test(start_paused = true)]
async fn a_far_side_is_left_in_peace_as_long_as_it_asks_for_but_no_longer_than_a_day() {
    let bench = Bench::new(None);
    bench.fail(|| Attempt::Refused(no().until("1970-01-11T00:00:00Z".parse().unwrap())));
    for (hours, issues) in [(0, 1), (23, 1), (1, 2), (23, 2)] {
        time::sleep(hours * HOUR).await;
        assert!(bench.process().get().await.is_err());
        assert_eq!(bench.issues(), issues);
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_tried_now_and_then_and_never_after_the_end() {
    let bench = Bench { longest: HOUR, ..Bench::new(Some(SignedDuration::from_hours(12))) };
    let pass = bench.process();
    pass.get().await.unwrap();
    // Not even a failure that rests nobody makes a renewal a matter of each ask.
    bench.fail(|| Attempt::Failed(no()));
    for _ in 0..12 * 60 - 2 {
        time::sleep(Duration::from_secs(60)).await;
        assert_eq!(pass.get().await.unwrap().credential, 1);
    }
    let tries = bench.issues() - 1;
    assert!((5..=10).contains(&tries), "{tries} in a window of four hours");
    *bench.fake.failing.lock().unwrap() = None;
    time::sleep(Duration::from_secs(121)).await;
    assert!(pass.get().await.unwrap().credential > 1, "no gap");
}

#[tokio::test(start_paused = true)]
async fn that_a_renewal_is_late_is_told_once_for_all_processes() {
    let bench = Bench { longest: HOUR, ..Bench::new(Some(SignedDuration::from_hours(12))) };
    let processes = [bench.process(), bench.process()];
    for pass in &processes {
        pass.get().await.unwrap();
    }
    bench.fail(|| Attempt::Refused(no()));
    let failing_for = async |hours| {
        for hour in 0..hours {
            time::sleep(HOUR).await;
            for pass in [&processes[hour % 2], &bench.process()] {
                assert_eq!(pass.get().await.unwrap().credential, 1);
            }
        }
    };
    let is_warning = |event: &Metadata<'_>| *event.level() == Level::WARN;
    assert_eq!(told::times(is_warning, failing_for(9)).await, 0);
    assert_eq!(told::times(is_warning, failing_for(2)).await, 1);
}

#[tokio::test(start_paused = true)]
async fn who_holds_nothing_does_not_rest_for_a_renewal() {
    let bench = Bench { longest: HOUR, ..Bench::new(Some(SignedDuration::from_hours(12))) };
    let pass = bench.process();
    pass.get().await.unwrap();
    bench.fail(|| Attempt::Refused(no()));
    for _ in 0..5 {
        time::sleep(2 * HOUR).await;
        pass.get().await.unwrap();
    }
    *bench.fake.failing.lock().unwrap() = None;
    let got = pass.call(|held| async move {
        if held.credential == 1 { Err(Attempt::Refused(no())) } else { Ok(()) }
    });
    got.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn each_generation_draws_once_when_it_is_renewed() {
    let bench = Bench::new(Some(SignedDuration::from_hours(24 * 365)));
    let first = bench.process().get().await.unwrap();
    for _ in 0..3 {
        assert_eq!(bench.process().get().await.unwrap().renewal_due(), first.renewal_due());
    }
    let kept: Held<u64> = peek(&bench.records, "fake").await.unwrap().unwrap();
    assert_eq!(kept.renewal_due(), first.renewal_due());
    let window = first.validity.fresh_until()..first.validity.expires_at.unwrap();
    assert!(window.contains(&first.renewal_due()));
}

#[tokio::test(start_paused = true)]
async fn a_record_of_an_older_program_is_renewed_when_its_window_begins() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Old(serde_json::Value);
    impl crate::store::Record for Old {
        const SPACE: Space = Space::Credential;
        const SCHEMA: u32 = 1;
    }
    let bench = Bench::new(None);
    let old = Old(serde_json::json!({
        "generation": 3,
        "validity": {"issued_at": "1970-01-01T00:00:00Z", "expires_at": "1970-01-01T12:00:00Z"},
        "credential": 7,
        "failure": null,
    }));
    let put = |_: Option<Old>| (crate::store::Revise::Put(old), ());
    bench.records.update("fake", put).await.unwrap();
    let held = bench.process().get().await.unwrap();
    assert_eq!((held.credential, held.generation), (7, 3));
    assert_eq!(held.renewal_due(), held.validity.fresh_until());
}

#[tokio::test(start_paused = true)]
async fn by_a_clock_that_is_doubted_nothing_ends_until_it_is_refused() {
    let bench = Bench::new(Some(SignedDuration::from_hours(12)));
    let pass = bench.process();
    pass.get().await.unwrap();
    bench.fake.believes.store(false, SeqCst);
    for _ in 0..20 {
        time::sleep(HOUR).await;
        assert_eq!(pass.get().await.unwrap().credential, 1);
    }
    assert_eq!(bench.issues(), 1);
    let got = pass.call(|held| async move {
        if held.credential == 1 { Err(Attempt::Refused(no())) } else { Ok(held.credential) }
    });
    assert_eq!(got.await.unwrap(), 2);
    time::sleep(HOUR).await;
    assert_eq!(pass.renew().await.unwrap().credential, 3);
}

#[tokio::test(start_paused = true)]
async fn another_process_that_takes_its_time_costs_nobody_what_is_held() {
    let bench = Bench::new(Some(SignedDuration::from_hours(12)));
    let pass = bench.process();
    pass.get().await.unwrap();
    time::sleep(11 * HOUR).await;
    let (records, clock) = (bench.records.clone(), Arc::clone(&bench.clock));
    let line = Line::new(records, clock, "keep/fake", Rate::UNLIMITED, Patience(Duration::ZERO));
    let turn = Arc::new(line).enter().await.unwrap();
    let renewing = turn.request(time::sleep(Duration::from_secs(60)));
    let (_, held) = tokio::join!(renewing, pass.get());
    assert_eq!(held.unwrap().credential, 1);
    assert_eq!(bench.issues(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_keeper_that_is_dropped_while_it_issues_leaves_nothing_behind() {
    let bench = Bench::new(None);
    let keeping = Keeping::new(bench.records.clone(), Arc::clone(&bench.clock), "fake");
    let (pass, task) = keep(bench.fake.clone(), keeping);
    let dropped = tokio::spawn(task);
    assert!(time::timeout(Duration::from_millis(500), pass.get()).await.is_err());
    dropped.abort();
    // Its turn ends with its lease, and the next one issues.
    assert_eq!(bench.process().get().await.unwrap().credential, 2);
    assert_eq!(bench.process().get().await.unwrap().credential, 2);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stored_is_used_and_stored_when_there_is_room() {
    let disk = Arc::new(Disk::default());
    let bench = Bench { records: Records::new(disk.clone()), ..Bench::new(None) };
    let pass = bench.process();
    let getting = tokio::spawn({
        let pass = pass.clone();
        async move { pass.get().await.map(|held| held.credential) }
    });
    // The room is gone while the issue is under way.
    time::sleep(Duration::from_millis(500)).await;
    disk.fill();
    assert_eq!(getting.await.unwrap().unwrap(), 1);
    time::sleep(HOUR).await;
    assert_eq!(pass.get().await.unwrap().credential, 1);
    assert!(peek::<u64>(&bench.records, "fake").await.unwrap().is_none());
    disk.make_room();
    time::sleep(Duration::from_secs(60)).await;
    let kept = peek::<u64>(&bench.records, "fake").await.unwrap().unwrap();
    assert_eq!((kept.credential, kept.generation), (1, 1));
    assert_eq!(bench.issues(), 1);
    assert_eq!(bench.process().get().await.unwrap().credential, 1);
}

#[tokio::test(start_paused = true)]
async fn a_full_store_costs_nobody_what_is_held() {
    let disk = Arc::new(Disk::default());
    let bench = Bench {
        records: Records::new(disk.clone()),
        ..Bench::new(Some(SignedDuration::from_hours(12)))
    };
    let pass = bench.process();
    pass.get().await.unwrap();
    disk.fill();
    time::sleep(11 * HOUR).await;
    assert_eq!(pass.get().await.unwrap().credential, 1, "it was to be renewed");
    assert_eq!(bench.issues(), 1);
}

/// Issues a new one that the store has no room for.
async fn renew_without_room(pass: &Pass<u64>, disk: &Disk) -> u64 {
    time::sleep(HOUR).await;
    let fill = async {
        time::sleep(Duration::from_millis(500)).await;
        disk.fill();
    };
    let (held, ()) = tokio::join!(pass.renew(), fill);
    held.unwrap().credential
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_stored_takes_the_place_of_what_is_older_and_of_nothing_else() {
    let disk = Arc::new(Disk::default());
    let bench = Bench { records: Records::new(disk.clone()), ..Bench::new(None) };
    let pass = bench.process();
    pass.get().await.unwrap();
    let check = async |expect: (u64, u64)| {
        disk.make_room();
        time::sleep(Duration::from_secs(60)).await;
        let kept = peek::<u64>(&bench.records, "fake").await.unwrap().unwrap();
        assert_eq!((kept.credential, kept.generation), expect);
    };
    assert_eq!(renew_without_room(&pass, &disk).await, 2);
    check((2, 2)).await;
    assert_eq!(renew_without_room(&pass, &disk).await, 3);
    disk.make_room();
    let issued = Issued { credential: 77, expires_at: None };
    adopt(&bench.records, "fake", issued, bench.clock.now()).await.unwrap();
    check((77, 3)).await;
}
