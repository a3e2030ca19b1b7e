//! What a login to a HEM costs, beside what the same rounds cost OpenSSL, in one run:
//! `cargo run --release -p hallpass-encedo --example derivation`. The target is at most 1.1 times.
//!
//! Python's `hashlib` is OpenSSL here; the two take turns, so that a machine that slows down slows
//! both. A login is all that happens between the passphrase and the body of the request, less what
//! the connection costs. A derived key that is kept makes every further scope cost the last line.

#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::{error::Error, process::Command, time::Duration};

use hallpass_encedo::{Challenge, Eid, Kdf, PrivateKey, ROUNDS, Scope, Wish};
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Box<dyn Error>> {
    let eid = Eid::parse(EID)?;
    let (mut ours, mut theirs, mut further) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        theirs.push(openssl()?);
        let begun = cpu_time();
        let key = Kdf::Pbkdf2.derive(&PASSPHRASE.into(), &eid)?;
        log_in(&key, &eid)?;
        ours.push(cpu_time() - begun);
        let begun = cpu_time();
        log_in(&key, &eid)?;
        further.push(cpu_time() - begun);
    }
    let [ours, theirs, further] = [ours, theirs, further].map(median);
    println!("OpenSSL, {ROUNDS} rounds   {theirs:?}");
    println!("a login of ours           {ours:?}");
    println!("ratio                     {:.2}", ours.as_secs_f64() / theirs.as_secs_f64());
    println!("a login with a kept key   {further:?}");
    Ok(())
}

/// From a challenge to the answer.
fn log_in(key: &PrivateKey, eid: &Eid) -> Result<(), Box<dyn Error>> {
    let now = Timestamp::from_second(1_700_000_000)?;
    let challenge = Challenge::read(CHALLENGE.as_bytes(), now)?;
    let wish = Wish::new(Scope::parse("logger:get")?);
    let answer = challenge.admit(eid, None)?.answer(key, &wish, now)?;
    std::hint::black_box(answer);
    Ok(())
}

/// The CPU time that OpenSSL takes, told by the process that runs it.
fn openssl() -> Result<Duration, Box<dyn Error>> {
    let script = format!(
        "import hashlib, time\n\
         begun = time.process_time()\n\
         hashlib.pbkdf2_hmac('sha256', b'{PASSPHRASE}', b'{EID}', {ROUNDS})\n\
         print(time.process_time() - begun)"
    );
    let output = Command::new("python3").args(["-c", &script]).output()?;
    Ok(Duration::from_secs_f64(String::from_utf8(output.stdout)?.trim().parse()?))
}

fn cpu_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

const TURNS: usize = 11;

const PASSPHRASE: &str = "correct horse battery staple";
const EID: &str = "XzWfXsfH+YKj94ZguziaPDDkXev7r0/FN4tfX2ItW3s=";
const CHALLENGE: &str = r#"{"exp":1700000060,"spk":"b3pRvOnFqNLYKeiLD/U24mdk5F02NCOo5Us7QvyCE3E=","jti":"AAAA","eid":"XzWfXsfH+YKj94ZguziaPDDkXev7r0/FN4tfX2ItW3s="}"#;
