//! A service that is called over HTTP: it takes a given time to answer.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use wellspring::runtime::{Clock, Tasks};

/// The service. It ends when this is dropped.
#[derive(Debug)]
pub struct SlowService {
    address: SocketAddr,
    _tasks: Tasks,
}

impl SlowService {
    /// Starts it on a free port of this machine.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start() -> wellspring::Result<Self> {
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let address = socket.local_addr()?;
        let tasks = Tasks::on(Handle::current());
        let routes = Router::new().route("/wait/{us}", get(answer));
        tasks.spawn("the service that is called", async move {
            drop(axum::serve(socket, routes).await);
        });
        Ok(Self {
            address,
            _tasks: tasks,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn answer(Path(us): Path<u64>) -> &'static str {
    if us > 0 {
        Clock::system().sleep(Duration::from_micros(us)).await;
    }
    "done"
}

/// A client of the service that keeps its connections.
#[derive(Debug, Clone)]
pub struct Caller {
    client: Client<HttpConnector, Empty<Bytes>>,
    address: SocketAddr,
}

impl Caller {
    /// A client of the service at `address`.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            address,
        }
    }

    /// Calls it, and waits for the whole answer.
    ///
    /// # Errors
    /// When it does not answer, or not with 200.
    pub async fn call(&self, takes: Duration) -> wellspring::Result {
        let uri = format!("http://{}/wait/{}", self.address, takes.as_micros());
        let answer = self.client.get(uri.parse()?).await?;
        let status = answer.status();
        answer.into_body().collect().await?;
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("the service answered {status}").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_is_answered() {
        let service = SlowService::start().await.unwrap();
        let caller = Caller::new(service.address());
        caller.call(Duration::from_micros(100)).await.unwrap();
    }
}
