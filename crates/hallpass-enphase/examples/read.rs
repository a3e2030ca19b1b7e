//! Reads a gateway once and prints all of it as JSON: `read HOST[:PORT] TOKEN_FILE sha256:PIN`.
//! Without the right pin, the error says which key the gateway has.

use std::{env, error::Error, fs};

use hallpass_enphase::Gateway;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "what the example has to say")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, token_file, pin] = &arguments[..] else {
        return Err("usage: read HOST[:PORT] TOKEN_FILE sha256:PIN".into());
    };
    let connect = Gateway::connect(host).token(fs::read_to_string(token_file)?).pin(pin.parse()?);
    let (gateway, keeping) = connect.open().await?;
    tokio::spawn(keeping);
    println!("{}", serde_json::to_string_pretty(&gateway.read().await?)?);
    Ok(())
}
