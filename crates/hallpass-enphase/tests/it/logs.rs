//! What the libraries below us log when they may say everything.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::bench::Bench;

/// Takes what is written, from any thread.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Heard {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Hears what libraries tell the crate `log`, TLS among them.
struct Logger(Heard);

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{}: {}\n", record.target(), record.args());
        self.0.0.lock().unwrap().extend_from_slice(line.as_bytes());
    }

    fn flush(&self) {}
}

#[tokio::test(start_paused = true)]
async fn no_library_logs_a_secret() {
    let heard = Heard::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let subscriber = subscriber.with_writer(heard.clone()).finish();
    let _listening = tracing::subscriber::set_default(subscriber);
    log::set_boxed_logger(Box::new(Logger(heard.clone()))).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let bench = Bench::new(&["7.6.175", "4.10.35"]);
    let gateway = bench.gateway(0, Some(bench.account())).await;
    gateway.read().await.unwrap();
    let digest = bench.gateway(1, Some(bench.account_with("installer", "a wrong password"))).await;
    digest.read().await.unwrap();
    for fault in ["revoked", "impostor", "html200", "redirects", "https_gone", "wrong_password"] {
        bench.fault(fault, json!({}));
        bench.pass(120).await;
        let _ = gateway.read().await;
        let _ = bench.sim.control().clear_fault(fault);
    }
    let heard = heard.0.lock().unwrap();
    let text = String::from_utf8_lossy(&heard);
    assert!(text.contains("rustls"), "the libraries are heard");
    let secrets = bench.sim.control().secrets();
    assert!(secrets.len() > 6, "{} secrets are in play", secrets.len());
    for (what, secret) in secrets {
        assert!(!text.contains(&secret), "{what}");
        let (_, signature) = secret.rsplit_once('.').unwrap_or(("", &secret));
        assert!(!text.contains(signature), "the end of the {what}");
    }
}
