use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering::SeqCst},
};

use jiff::SignedDuration;
use tokio::{task::JoinSet, time};

use super::*;
use crate::{Error, ErrorKind, FastClock};

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
}

struct Bench {
    fake: Fake,
    records: Records,
    clock: Arc<dyn Clock>,
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
        };
        Self { fake, records: Records::in_memory(), clock }
    }

    /// A pass as one more process would have it: only the store is shared.
    fn process(&self) -> Pass<u64> {
        let keeping = Keeping::new(self.records.clone(), Arc::clone(&self.clock), "fake");
        let (pass, task) = keep(self.fake.clone(), keeping);
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
