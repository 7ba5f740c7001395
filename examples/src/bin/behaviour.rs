//! Records what visitors do on a page, and shows it while they do it.
//!
//! ```text
//! cargo run --release --bin behaviour -- --simulate 20
//! ```
//!
//! Then open <http://127.0.0.1:8080/> and click, and <http://127.0.0.1:8080/dashboard> and watch.
//! It starts a broker of its own and prints the command for a second instance, which takes half of
//! the partitions; kill that, and they come back. With `WELLSPRING_BOOTSTRAP_SERVERS`, or `--join`,
//! it uses the Kafka that is there.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use wellspring_examples::behaviour::{Options, Ready, run};
use wellspring_examples::common::program::{self, start_log, stop_requested};

/// Records what visitors do on a page, and shows it while they do it.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where HTTP listens.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    listen: String,
    /// Keep counts and archive, and the broker's log when it is our own, in this folder. Instances
    /// on one machine share it. Default: a folder that ends with the program.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Use the Kafka at this address: that of another instance, which prints it, or any other.
    #[arg(long, value_name = "HOST:PORT")]
    join: Option<String>,
    /// Simulate this many visitors.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=MAX_VISITORS))]
    simulate: u32,
}

/// Most simulated visitors: each acts every second and a half.
const MAX_VISITORS: i64 = 10_000;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log("info");
    let options = Options {
        listen: arguments.listen,
        data_dir: arguments.data_dir,
        bootstrap_servers: arguments.join,
        simulate: arguments.simulate,
    };
    program::main("behaviour", async {
        run(options, announce, stop_requested()?).await
    })
}

/// Says where everything is. A reader that went away does not stop the program.
fn announce(ready: &Ready) {
    let (kafka, http) = (&ready.bootstrap_servers, ready.http);
    let folder = ready.data_dir.display();
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "behaviour".to_owned());
    let mut lines = String::new();
    if ready.own_broker {
        lines += &format!(
            "broker-lite listening on {kafka} (watch it: kcat -b {kafka} -C -t behaviour.events)\n"
        );
    }
    lines += &format!(
        "a second instance: {program} --listen 127.0.0.1:0 --join {kafka} --data-dir {folder}\n\
         behaviour listening on http://{http} (watch it: http://{http}/dashboard)\n"
    );
    let mut out = io::stdout().lock();
    drop(out.write_all(lines.as_bytes()).and_then(|()| out.flush()));
}
