//! What a request pays for its credential when the current one is known: `cargo bench -p
//! hallpass-credential`. The target is 100 ns, no lock, no allocation (product measures).

use std::sync::Arc;

use divan::{Bencher, black_box};
use hallpass_credential::{
    Clock, FastClock, Issue, Issued, Issuer, Keeping, Pass, Reason, SystemClock, keep,
    store::Records,
};
use jiff::Timestamp;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

struct Mint;

impl Issuer for Mint {
    type Credential = String;

    async fn issue(&mut self, _: Reason) -> Issue<String> {
        let expires_at = Some(Timestamp::MAX);
        Ok(Issued { credential: "a session".to_owned(), expires_at })
    }
}

fn kept(runtime: &Runtime, clock: Arc<dyn Clock>) -> Pass<String> {
    let (pass, task) = keep(Mint, Keeping::new(Records::in_memory(), clock, "bench"));
    runtime.spawn(task);
    runtime.block_on(pass.get()).expect("the mint never fails");
    pass
}

/// As programs use it, with the machine's clock.
#[divan::bench]
fn current_session(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().expect("a runtime");
    let pass = kept(&runtime, Arc::new(SystemClock));
    let _inside = runtime.enter();
    bencher.bench_local(|| {
        let got = futures_now(pass.get());
        black_box(got)
    });
}

/// The part that is not the clock.
#[divan::bench]
fn current_session_with_a_counted_clock(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().expect("a runtime");
    let clock = {
        let _inside = runtime.enter();
        FastClock::starting_at(Timestamp::UNIX_EPOCH, 1)
    };
    let pass = kept(&runtime, Arc::new(clock));
    bencher.bench_local(|| black_box(futures_now(pass.get())));
}

/// What the clock alone costs.
#[divan::bench]
fn the_hour(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| black_box(SystemClock.now()));
}

/// Runs a future that is ready at once.
fn futures_now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("the credential is known"),
    }
}
