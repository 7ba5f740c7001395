//! Kills the campus card under load, again and again, and counts the money afterwards.
//!
//! ```text
//! kill-test --campus-card PATH [--requests 20000] [--kills 4] [--clients 16]
//! ```
//!
//! Clients post top-ups over HTTP, each with an `Idempotency-Key`, until every one was answered
//! 202; a client that is cut off asks again with the same key. Meanwhile the service is killed with
//! SIGKILL, and once it aborts itself between the database's commit and the offset's. In the end
//! every id that was answered 202 must be credited exactly once, nothing else may be, and the
//! balances must add up.
//!
//! The service has a data folder and starts its own broker; with `WELLSPRING_BOOTSTRAP_SERVERS` in
//! the environment it uses that Kafka.

#![expect(clippy::print_stdout, reason = "a program that reports")]

mod load;
mod patience;
mod service;
mod settings;
mod verdict;

use std::process::ExitCode;
use std::sync::Arc;

use load::Load;
use service::Service;
use settings::Settings;

/// Any error will do: it is shown, and the test has failed.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let outcome = Settings::from_args(std::env::args().skip(1)).and_then(|settings| run(&settings));
    match outcome {
        Ok(()) => {
            println!("\nkill-test: 1 passed, 0 failed");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("kill-test: {error}");
            println!("\nkill-test: 0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

fn run(settings: &Settings) -> Outcome {
    let folder = tempfile::tempdir()?;
    let service = Arc::new(Service::new(
        settings.campus_card.clone(),
        folder.path().to_owned(),
    ));
    let load = Arc::new(Load::new(settings.requests));

    service.start(&[])?;
    let clients = Load::start(&load, &service, settings.clients);
    for kill in 0..settings.kills {
        let at = settings.requests * (kill + 1) / (settings.kills + 2);
        load.wait_for(at)?;
        service.kill()?;
        println!("killed after {} accepted top-ups", load.accepted());
        // One start in the middle dies by itself, right after a commit of the database.
        if kill == settings.kills / 2 {
            service.start(&["--crash-after-credits", "500"])?;
            service.wait_for_death()?;
            println!(
                "aborted between the database's commit and the offset's, after {} accepted",
                load.accepted()
            );
        }
        service.start(&[])?;
    }
    for client in clients {
        client.join().map_err(|_| "a client panicked")??;
    }
    verdict::settled(folder.path(), settings.requests)?;
    service.stop()?;
    verdict::money(folder.path(), &load.accepted_topups())
}
