//! Endpoints that refuse or take too long.

use super::*;

/// A program that polls a gateway each minute.
struct Poller {
    gateway: Gateway,
    minute: u64,
    left: Option<Surveyed>,
}

impl Poller {
    fn new() -> Self {
        let answers = [
            (Endpoint::ProductionV1, v1(500)),
            (Endpoint::Tariff, json!({"tariff": {"currency": {"code": "EUR"}}})),
        ];
        Self { gateway: Gateway::new("7.6.175", &answers), minute: 0, left: None }
    }

    /// What is asked in the next poll, where `status` is that of the tariff, and each answer of
    /// the production takes so many seconds.
    fn poll(&mut self, status: u16, seconds: u64) -> Vec<Endpoint> {
        let now = later(Timestamp::UNIX_EPOCH, Duration::from_secs(60 * self.minute));
        self.minute += 1;
        let (plan, memory) =
            self.left.take().map_or_else(Default::default, |left| (Some(left.plan), left.memory));
        let mut survey = Survey::new(&self.gateway.info, plan, now).remembering(memory);
        let mut asked = Vec::new();
        while let Some(endpoint) = survey.next() {
            asked.push(endpoint);
            if endpoint == Endpoint::ProductionV1 {
                survey.took(endpoint, Duration::from_secs(seconds));
            }
            let answer = match endpoint {
                Endpoint::Tariff if status != 200 => Answer::Body { status, bytes: Bytes::new() },
                _ => self.gateway.answer(endpoint),
            };
            survey.answer(endpoint, answer);
        }
        self.left = Some(survey.finish(now));
        asked
    }

    fn snapshot(&self) -> &Snapshot {
        &self.left.as_ref().expect("a poll").snapshot
    }

    fn is_refused(&self) -> bool {
        let refusal = Complaint { endpoint: Endpoint::Tariff, problem: Problem::Refused(401) };
        self.snapshot().complaints.contains(&refusal)
    }
}

#[test]
fn a_parked_endpoint_is_told_and_has_nothing_probed_anew() {
    let mut poller = Poller::new();
    for _ in 0..2 {
        assert!(poller.poll(401, 1).contains(&Endpoint::Tariff));
    }
    for _ in 0..20 {
        assert_eq!(poller.poll(401, 1), [Endpoint::ProductionV1]);
        assert!(poller.is_refused());
    }
}

#[test]
fn a_refusal_is_not_taken_back_by_an_error_of_the_server() {
    let mut poller = Poller::new();
    for status in [401, 503, 401] {
        assert!(poller.poll(status, 1).contains(&Endpoint::Tariff), "{status}");
    }
    assert_eq!(poller.poll(401, 1), [Endpoint::ProductionV1]);
    assert!(poller.is_refused());
}

#[test]
fn a_slow_endpoint_is_asked_seldom_and_its_last_answer_stands_in() {
    let mut poller = Poller::new();
    let asked: Vec<_> =
        (0..60).filter(|_| poller.poll(200, 44).contains(&Endpoint::ProductionV1)).collect();
    // The first time slow, then after 1, 5, 10 and 20 minutes.
    assert_eq!(asked, [0, 1, 6, 16, 36]);
    let snapshot = poller.snapshot();
    assert!(snapshot.readings.system_production.is_some());
    assert_eq!(snapshot.stale.len(), 1, "{:?}", snapshot.stale);
    let is_about_it = |complaint: &Complaint| complaint.endpoint == Endpoint::ProductionV1;
    assert!(!snapshot.complaints.iter().any(is_about_it), "{:?}", snapshot.complaints);

    let mut poller = Poller::new();
    let asked: Vec<_> = (0..10)
        .filter(|poll| {
            let seconds = if *poll < 2 { 44 } else { 1 };
            poller.poll(200, seconds).contains(&Endpoint::ProductionV1)
        })
        .collect();
    assert_eq!(asked, [0, 1, 6, 7, 8, 9], "quick again");
    assert_eq!(poller.snapshot().stale, []);
}
