//! Health over HTTP, for Kubernetes' probes and for people with `curl`.
//!
//! | path | 200 when |
//! | --- | --- |
//! | `/health` | the application is ready |
//! | `/health/started` | its start is over |
//! | `/health/ready` | it is ready |
//! | `/health/live` | no listener and no producer has failed for good |
//!
//! Anything else is answered with 503 and the same JSON, which has the reasons.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

use super::{Health, HealthSource};
use crate::runtime::Tasks;

/// The routes, to be nested in an application's own router.
pub fn router(health: HealthSource) -> Router {
    Router::new()
        .route(
            "/health",
            get(async |State(health): State<HealthSource>| answer(&health, Health::is_ready)),
        )
        .route(
            "/health/started",
            get(async |State(health): State<HealthSource>| answer(&health, Health::is_started)),
        )
        .route(
            "/health/ready",
            get(async |State(health): State<HealthSource>| answer(&health, Health::is_ready)),
        )
        .route(
            "/health/live",
            get(async |State(health): State<HealthSource>| answer(&health, Health::is_live)),
        )
        .with_state(health)
}

/// Answers at `host`:`port` until the tasks are stopped; the address is the one that was bound.
pub(crate) async fn serve(
    host: &str,
    port: u16,
    health: HealthSource,
    tasks: &Tasks,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((host, port)).await?;
    let address = listener.local_addr()?;
    let shutdown = tasks.shutdown();
    tasks.spawn("health over http", async move {
        let server = axum::serve(listener, router(health));
        if let Err(error) = server
            .with_graceful_shutdown(async move { shutdown.triggered().await })
            .await
        {
            tracing::error!(%error, "health is no longer answered over HTTP");
        }
    });
    Ok(address)
}

fn answer(source: &HealthSource, is_good: fn(&Health) -> bool) -> (StatusCode, Json<Value>) {
    let health = source.now();
    let status = if is_good(&health) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health.to_json()))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::actuator::Phase;
    use crate::actuator::health::tests::{halted, listener};
    use crate::listener::ListenerState;
    use crate::runtime::Clock;

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn check(health: Health, path: &str, status: &str, part: &str) {
        let tasks = Tasks::on(tokio::runtime::Handle::current());
        let address = serve(
            "127.0.0.1",
            0,
            HealthSource::new(move || health.clone()),
            &tasks,
        )
        .await
        .unwrap();
        let answer = ask(address, path).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {answer}"
        );
        assert!(answer.contains(part), "{path}: {answer}");
        let left = tasks
            .stop(&Clock::system(), std::time::Duration::from_secs(10))
            .await;
        assert!(left.names.is_empty(), "{left:?}");
    }

    #[tokio::test]
    async fn probes_get_200_or_503_and_the_reasons() {
        let good = Health::new(Phase::Running, vec![listener(ListenerState::Running)]);
        for path in [
            "/health",
            "/health/started",
            "/health/ready",
            "/health/live",
        ] {
            check(good.clone(), path, "200", r#""status":"up""#).await;
        }
        let red = Health::new(Phase::Running, vec![halted()]);
        check(red.clone(), "/health", "503", r#""offset":42"#).await;
        check(red.clone(), "/health/ready", "503", "no such card").await;
        check(red.clone(), "/health/live", "200", r#""live":true"#).await;
        check(red, "/other", "404", "").await;
    }
}
