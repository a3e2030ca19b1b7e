//! Prints the production of a gateway each minute: `poll HOST[:PORT] USERNAME PASSWORD_FILE
//! sha256:PIN`, with the account of the Enphase app.
//!
//! Sessions and tokens are renewed on the way. What fails is said and tried again a minute later;
//! neither the gateway nor the cloud is asked more often than it bears.

use std::{env, error::Error, fs, time::Duration};

use hallpass_enphase::Gateway;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "what the example has to say")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, username, password_file, pin] = &arguments[..] else {
        return Err("usage: poll HOST[:PORT] USERNAME PASSWORD_FILE sha256:PIN".into());
    };
    let password = fs::read_to_string(password_file)?;
    let connect = Gateway::connect(host).account(username, password.trim_end());
    let (gateway, keeping) = connect.pin(pin.parse()?).open().await?;
    tokio::spawn(keeping);
    loop {
        match gateway.read().await.map(|snapshot| snapshot.readings.system_production) {
            Ok(Some(production)) => println!("{}", production.watts_now),
            Ok(None) => eprintln!("the gateway did not tell its production"),
            Err(error) => eprintln!("{error}"),
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}
