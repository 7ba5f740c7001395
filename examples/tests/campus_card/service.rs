//! A service that runs while a test asks it.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::sync::oneshot;
use wellspring_examples::campus_card::{Options, run};

/// Runs `client` beside a service of its own, and stops that.
pub(crate) fn with_service<T: Send + 'static>(
    client: impl FnOnce(SocketAddr) -> T + Send + 'static,
) -> T {
    let options = Options {
        listen: "127.0.0.1:0".to_owned(),
        data_dir: None,
        bootstrap_servers: None,
        crash_after_credits: None,
    };
    let (ready, is_ready) = oneshot::channel();
    let (stop, is_stopped) = oneshot::channel::<()>();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async move {
        let service = run(options, |it| ready.send(it.http).unwrap(), async move {
            drop(is_stopped.await)
        });
        let client = async move {
            let http = is_ready.await.unwrap();
            let seen = tokio::task::spawn_blocking(move || client(http)).await;
            // Also after a failed assertion: the service is to end.
            stop.send(()).unwrap();
            seen.unwrap()
        };
        let (stopped, seen) = tokio::join!(service, client);
        stopped.unwrap();
        seen
    })
}

pub(crate) fn get(http: SocketAddr, path: &str) -> Value {
    ureq::get(format!("http://{http}{path}"))
        .call()
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap()
}

/// Tops up, and returns the path of the top-up.
pub(crate) fn top_up(http: SocketAddr, body: &Value) -> String {
    let accepted = ureq::post(format!("http://{http}/topups"))
        .send_json(body)
        .unwrap();
    assert_eq!(accepted.status(), 202);
    accepted.headers()["location"].to_str().unwrap().to_owned()
}
