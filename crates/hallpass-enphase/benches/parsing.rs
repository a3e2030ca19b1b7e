//! What it costs to make readings of one poll's bodies, beside what serde alone costs for the same:
//! `cargo bench -p hallpass-enphase`. The target is twice that (issue of the readings).
//!
//! The bodies are those of the largest recording of a real gateway in `../shared/gateways`; without
//! it, those of a simulated one would say nothing, so nothing is measured.

use std::path::Path;

use bytes::Bytes;
use divan::{Bencher, black_box};
use hallpass_enphase::{Answer, Endpoint, Info, Plan, Survey, deserializes};
use hallpass_sim::Recording;
use jiff::Timestamp;

fn main() {
    divan::main();
}

/// One poll of a gateway whose plan is known.
struct Poll {
    info: Info,
    plan: Plan,
    bodies: Vec<(Endpoint, Bytes)>,
}

#[divan::bench]
fn serde_alone(bencher: Bencher<'_, '_>) {
    let Some(poll) = largest() else { return };
    bencher.bench_local(|| {
        for (endpoint, body) in &poll.bodies {
            black_box(deserializes(*endpoint, black_box(body)));
        }
    });
}

#[divan::bench]
fn bodies_to_readings(bencher: Bencher<'_, '_>) {
    let Some(poll) = largest() else { return };
    bencher.bench_local(|| {
        let plan = Some(poll.plan.clone());
        let mut survey = Survey::new(&poll.info, plan, Timestamp::UNIX_EPOCH);
        while let Some(endpoint) = survey.next() {
            let (_, body) = poll.bodies.iter().find(|(known, _)| *known == endpoint).expect("one");
            survey.answer(endpoint, Answer::Body { status: 200, bytes: black_box(body).clone() });
        }
        black_box(survey.finish(Timestamp::UNIX_EPOCH))
    });
}

fn largest() -> Option<Poll> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/gateways");
    let polls = Recording::open_all(root).ok()?;
    let polls = polls.iter().filter_map(poll);
    polls.max_by_key(|poll| poll.bodies.iter().map(|(_, body)| body.len()).sum::<usize>())
}

fn poll(recording: &Recording) -> Option<Poll> {
    let info = Info::parse(recording.get("/info").body()).ok()?;
    let (plan, _) = survey(recording, &info, None);
    let (plan, bodies) = survey(recording, &info, Some(plan));
    Some(Poll { info, plan, bodies })
}

fn survey(
    recording: &Recording,
    info: &Info,
    plan: Option<Plan>,
) -> (Plan, Vec<(Endpoint, Bytes)>) {
    let mut survey = Survey::new(info, plan, Timestamp::UNIX_EPOCH);
    let mut bodies = Vec::new();
    while let Some(endpoint) = survey.next() {
        let answer = recording.get(endpoint.path());
        let (status, bytes) = (answer.status().as_u16(), answer.into_body());
        bodies.push((endpoint, bytes.clone()));
        survey.answer(endpoint, Answer::Body { status, bytes });
    }
    (survey.finish(Timestamp::UNIX_EPOCH).plan, bodies)
}
