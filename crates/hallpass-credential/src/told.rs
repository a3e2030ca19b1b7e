//! What is logged while something runs, for tests of what a person is told.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use tracing::{Event, Metadata, Subscriber, subscriber};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
};

/// How often something that `is_meant` was told while `work` ran, by tasks of this thread.
pub(crate) async fn times<T>(
    is_meant: fn(&Metadata<'_>) -> bool,
    work: impl Future<Output = T>,
) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Counter { is_meant, count: Arc::clone(&count) };
    let _listening = subscriber::set_default(registry().with(counter));
    work.await;
    count.load(SeqCst)
}

struct Counter {
    is_meant: fn(&Metadata<'_>) -> bool,
    count: Arc<AtomicUsize>,
}

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if (self.is_meant)(event.metadata()) {
            self.count.fetch_add(1, SeqCst);
        }
    }
}
