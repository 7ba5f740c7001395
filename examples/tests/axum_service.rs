//! The axum service from the outside: an order goes in over HTTP, is poured by the listener, and
//! SIGTERM ends it well.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Ends with the test, however that ends.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn an_order_is_accepted_and_poured_and_sigterm_ends_it_well() {
    let mut service = Command::new(env!("CARGO_BIN_EXE_axum-service"))
        .arg("127.0.0.1:0")
        .env_remove("WELLSPRING_BOOTSTRAP_SERVERS")
        .stdout(Stdio::piped())
        .spawn()
        .map(Service)
        .unwrap();
    let mut lines = BufReader::new(service.0.stdout.take().unwrap()).lines();
    let ready = lines.next().unwrap().unwrap();
    let url = ready.strip_prefix("axum-service listening on ").unwrap();

    let accepted = ureq::post(format!("{url}/orders"))
        .send_json(json!({ "id": "7", "cups": 2 }))
        .unwrap();
    assert_eq!(accepted.status(), 202);
    let poured = until("the order to be poured", || {
        let answer = ureq::get(format!("{url}/orders/7")).call().ok()?;
        answer.into_body().read_to_string().ok()
    });
    assert_eq!(poured, "2 cups\n");
    let health: Value = ureq::get(format!("{url}/health"))
        .call()
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap();
    assert_eq!(health["status"], "up", "{health}");

    let kill = format!("kill -TERM {}", service.0.id());
    assert!(
        Command::new("sh")
            .arg("-c")
            .arg(kill)
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(lines.next().unwrap().unwrap(), "SIGTERM: stopping");
    let status = until("the service to end", || service.0.try_wait().unwrap());
    assert!(status.success(), "{status}");
}

#[expect(clippy::disallowed_methods, reason = "a test that waits for a process")]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "gave up waiting for {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
