//! The library style: an axum service with its own main loop and its own graceful stop, to which
//! Kafka was added.
//!
//! Wellspring starts when it is told to, says once its partitions are assigned, answers health in
//! the service's own router, and stops when it is told to. It has no main loop, handles no signals
//! and sets no subscriber.
//!
//! ```text
//! cargo run --bin axum-service [ADDRESS]     # its own broker, or the Kafka at WELLSPRING_BOOTSTRAP_SERVERS
//! curl localhost:8080/orders -H 'content-type: application/json' -d '{"id":"7","cups":2}'
//! curl localhost:8080/orders/7
//! ```

#![expect(clippy::print_stdout, reason = "it talks to a person")]

use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State as AxumState};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as Body, Router};
use broker_lite::{Broker, BrokerHandle};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wellspring::app::shutdown_signal;
use wellspring::prelude::*;

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(topic = "orders", key = "id")]
struct Order {
    id: String,
    cups: u32,
}

#[kafka_producer]
trait Orders {
    async fn placed(&self, order: &Order) -> SendResult;
}

/// The cups of each order that was poured. The lock is held for a look or a change.
#[derive(Clone, Default)]
struct Poured(Arc<Mutex<BTreeMap<String, u32>>>);

impl Poured {
    fn of(&self, id: &str) -> Option<u32> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .copied()
    }

    fn note(&self, order: Order) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(order.id, order.cups);
    }
}

#[kafka_listener(
    group = "bar",
    workers = 4,
    retry = "3 x 200ms exponential",
    dead_letter
)]
async fn pour(order: Order, State(poured): State<Poured>) {
    poured.note(order);
}

/// What the routes share. A test puts a fake in the place of the producer.
#[derive(Clone)]
struct Bar {
    orders: Arc<dyn Orders>,
    poured: Poured,
}

async fn place(AxumState(bar): AxumState<Bar>, Body(order): Body<Order>) -> (StatusCode, String) {
    match bar.orders.placed(&order).await {
        Ok(receipt) => (StatusCode::ACCEPTED, format!("{receipt}\n")),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    }
}

async fn look(AxumState(bar): AxumState<Bar>, Path(id): Path<String>) -> (StatusCode, String) {
    match bar.poured.of(&id) {
        Some(cups) => (StatusCode::OK, format!("{cups} cups\n")),
        None => (StatusCode::NOT_FOUND, "not poured\n".to_owned()),
    }
}

#[tokio::main]
async fn main() -> wellspring::Result {
    // From here on a signal asks for an orderly stop.
    let mut signal = shutdown_signal()?;
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let socket = TcpListener::bind(&address).await?;

    let (broker, app) = kafka().await?;
    let poured = Poured::default();
    let app = app
        .topic("orders", 4)
        .state(poured.clone())
        .listener(pour)
        .start()
        .await?;

    let orders = Arc::new(KafkaOrders::new(app.template()?));
    let routes = Router::new()
        .route("/orders", post(place))
        .route("/orders/{id}", get(look))
        .with_state(Bar { orders, poured })
        .merge(app.health_router());
    println!("axum-service listening on http://{}", socket.local_addr()?);

    let (stop, stops) = oneshot::channel::<()>();
    let server =
        axum::serve(socket, routes).with_graceful_shutdown(async move { drop(stops.await) });
    let told = async {
        let failed = tokio::select! {
            name = signal.received() => { println!("{name}: stopping"); Vec::new() }
            // Orders that are accepted now would never be poured.
            reasons = app.ended() => reasons,
        };
        drop(stop);
        failed
    };
    // No new requests, and those that run are answered; then the handlers that run, the commits,
    // the producer.
    let (served, failed) = tokio::join!(server.into_future(), told);
    let drain = app.config().app().drain_deadline;
    tokio::select! {
        _report = app.stop(drain) => {}
        name = signal.again() => return Err(format!("{name} again: not waiting any longer").into()),
    }
    if let Some(broker) = broker {
        broker.stop().await;
    }
    served?;
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join("; ").into())
    }
}

/// An application for the Kafka that is configured, or for a broker of its own where none is.
async fn kafka() -> wellspring::Result<(Option<BrokerHandle>, App)> {
    if wellspring::config::Config::from_env()?.is_set("kafka.bootstrap-servers") {
        return Ok((None, App::from_env()?));
    }
    let broker = Broker::builder().start().await?;
    let app = App::from_env()?.set("kafka.bootstrap-servers", broker.bootstrap());
    Ok((Some(broker), app))
}
