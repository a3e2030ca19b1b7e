//! A simulated world on loopback: prints its description as one line, then serves until it is killed.
//!
//! `cargo run -p hallpass-sim --example serve -- 7.6.175 4.10.35 path/of/a/recording --fault slow=by=2s`

use std::error::Error;

use hallpass_sim::{GatewayOptions, Options, Sim};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut options = Options { gateways: Vec::new(), ..Options::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--fault" => options.faults.extend(arguments.next()),
            directory if directory.contains('/') => {
                options.gateways.push(GatewayOptions::recording(directory))
            }
            version => options.gateways.push(GatewayOptions::firmware(version)),
        }
    }
    let running = Sim::new(options)?.listen().await?;
    #[expect(clippy::print_stdout, reason = "the description is what this program says")]
    {
        println!("{}", serde_json::to_string(running.description())?);
    }
    running.run().await;
    Ok(())
}
