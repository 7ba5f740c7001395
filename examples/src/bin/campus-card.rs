//! Tops up campus cards: accepted over HTTP, done later by a Kafka listener.
//!
//! ```text
//! cargo run --release --bin campus-card
//! curl -i localhost:8080/topups -H 'content-type: application/json' -d '{"card":"2026001","cents":500}'
//! curl localhost:8080/cards/2026001
//! ```
//!
//! Without a Kafka to use it starts a broker of its own and prints its address, so that any Kafka
//! client can watch. With `WELLSPRING_BOOTSTRAP_SERVERS` it uses that Kafka.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use wellspring_examples::campus_card::{Options, Ready, run};
use wellspring_examples::common::program::{self, start_log, stop_requested};

/// Tops up campus cards: accepted over HTTP, done later by a Kafka listener.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where HTTP listens.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    listen: String,
    /// Keep the ledger, and the broker's log when it is our own, in this folder. Default: in
    /// memory.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Abort right after this many credits, before their offsets are committed: for crash tests.
    #[arg(long, value_name = "N", hide = true)]
    crash_after_credits: Option<u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log("info");
    let options = Options {
        listen: arguments.listen,
        data_dir: arguments.data_dir,
        bootstrap_servers: None,
        crash_after_credits: arguments.crash_after_credits,
    };
    program::main("campus-card", async {
        run(options, announce, stop_requested()?).await
    })
}

/// One line where Kafka is, one where HTTP is. A reader that went away does not stop the service.
fn announce(ready: &Ready) {
    let kafka = &ready.bootstrap_servers;
    let mut lines = String::new();
    if ready.own_broker {
        lines += &format!(
            "broker-lite listening on {kafka} (watch it: kcat -b {kafka} -C -t card.topups)\n"
        );
    }
    lines += &format!("campus-card listening on http://{}\n", ready.http);
    let mut out = io::stdout().lock();
    drop(out.write_all(lines.as_bytes()).and_then(|()| out.flush()));
}
