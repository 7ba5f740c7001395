//! The campus card from the outside: a top-up goes in over HTTP, and the balance comes out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends when something is wrong"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use wellspring_examples::campus_card::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_top_up_is_accepted_and_then_credited() {
    let options = Options {
        listen: "127.0.0.1:0".to_owned(),
        data_dir: None,
        bootstrap_servers: None,
        crash_after_credits: None,
    };
    let (ready, is_ready) = oneshot::channel();
    let (stop, is_stopped) = oneshot::channel::<()>();

    let service = run(options, |it| ready.send(it.http).unwrap(), async move {
        drop(is_stopped.await)
    });
    let client = async move {
        let http = is_ready.await.unwrap();
        let balance = tokio::task::spawn_blocking(move || top_up(http))
            .await
            .unwrap();
        stop.send(()).unwrap();
        balance
    };
    let (stopped, balance) = tokio::join!(service, client);

    assert_eq!(balance, json!({ "card": "2026001", "cents": 500 }));
    stopped.unwrap();
}

/// Tops up, follows `Location` until the top-up is credited, and answers what the card holds.
fn top_up(http: SocketAddr) -> Value {
    let body = json!({ "card": "2026001", "cents": 500 });
    let accepted = ureq::post(format!("http://{http}/topups"))
        .send_json(&body)
        .unwrap();
    assert_eq!(accepted.status(), 202);
    let location = accepted.headers()["location"].to_str().unwrap().to_owned();

    let deadline = deadline();
    while get(http, &location)["state"] != "credited" {
        assert!(
            deadline > now(),
            "not credited within ten seconds: {}",
            get(http, &location)
        );
    }
    get(http, "/cards/2026001")
}

fn get(http: SocketAddr, path: &str) -> Value {
    ureq::get(format!("http://{http}{path}"))
        .call()
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap()
}

fn deadline() -> Instant {
    now() + Duration::from_secs(10)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test that waits for real sockets"
)]
fn now() -> Instant {
    Instant::now()
}
