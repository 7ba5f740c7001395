//! Start, stop, limits of connections.

use std::net::TcpStream;
use std::time::Duration;

use broker_lite::{Broker, StartError};
use futures::FutureExt;
use kafka_protocol::messages::ApiKey;

use crate::client::Client;
use crate::samples::{Known, sample};

#[tokio::test]
async fn a_port_in_use_is_said_so() {
    let first = Broker::builder().start().await.unwrap();
    let error = Broker::builder()
        .listen(first.bootstrap())
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(first.bootstrap()), "{error}");
    // What a `main` that answers it prints.
    let shown = format!("{error:?}");
    assert!(
        shown.starts_with("cannot listen on") && shown.contains("in use"),
        "{shown}"
    );
    first.stop().await;
}

#[tokio::test]
async fn a_stopped_broker_frees_its_port() {
    let first = Broker::builder().topic("t", 1).start().await.unwrap();
    let address = first.bootstrap().to_owned();
    let mut client = Client::connect(first.addr());
    Known::look_up(&mut client, "t");
    first.stop().await;
    client.expect_hang_up("stopped");
    Broker::builder()
        .listen(address)
        .start()
        .await
        .unwrap()
        .stop()
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_and_a_blocked_thread_do_not_stop_it() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    // This thread blocks in the client's calls, and it is the test's only one.
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    let mut request = crate::samples::fetch_request(&topic, 12, 0, 0);
    request.max_wait_ms = 20;
    client.call(
        ApiKey::Fetch,
        12,
        &kafka_protocol::messages::RequestKind::Fetch(request),
    );
    broker.stop().await;
}

#[tokio::test]
async fn a_handle_dropped_inside_async_code_stops_the_broker() {
    let broker = Broker::builder().topic("t", 1).start().await.unwrap();
    let mut client = Client::connect(broker.addr());
    Known::look_up(&mut client, "t");
    drop(broker);
    client.expect_hang_up("dropped");
}

#[tokio::test]
async fn a_stop_that_nobody_waits_for_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::builder()
        .data_dir(folder.path())
        .topic("t", 1)
        .start()
        .await
        .unwrap();
    broker.stop().now_or_never();
    let is_closed = || {
        let mut partitions = std::fs::read_dir(folder.path()).unwrap();
        partitions.any(|entry| entry.unwrap().path().join("clean-stop").exists())
    };
    let closed = async {
        while !is_closed() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), closed)
        .await
        .expect("its logs are closed");
}

#[tokio::test]
async fn bad_settings_are_all_told_at_once() {
    let error = Broker::builder()
        .set("num.partitions", "none")
        .set("colour", "red")
        .start()
        .await
        .unwrap_err();
    let StartError::Config(config) = error else {
        panic!("{error}")
    };
    assert_eq!(config.problems().len(), 2, "{config}");
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let broker = Broker::builder()
        .topic("t", 1)
        .set("connections.max.idle.ms", "50")
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(broker.addr());
    Known::look_up(&mut client, "t");
    client.expect_hang_up("idle");
    broker.stop().await;
}

#[tokio::test]
async fn a_connection_with_a_request_in_flight_is_not_idle() {
    let broker = Broker::builder()
        .topic("t", 1)
        .set("connections.max.idle.ms", "50")
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(broker.addr());
    let topic = Known::look_up(&mut client, "t");
    // The first fetch of a connection waits for a moment only.
    for wait in [1, 200] {
        let request = crate::samples::fetch_request(&topic, 12, 0, 0).with_max_wait_ms(wait);
        client.call(
            ApiKey::Fetch,
            12,
            &kafka_protocol::messages::RequestKind::Fetch(request),
        );
    }
    broker.stop().await;
}

#[tokio::test]
async fn a_client_over_the_limit_waits_until_another_leaves() {
    let broker = Broker::builder()
        .topic("t", 1)
        .set("max.connections", "1")
        .start()
        .await
        .unwrap();
    let mut first = Client::connect(broker.addr());
    let topic = Known::look_up(&mut first, "t");
    let mut second = Client::connect(broker.addr());
    second.send(ApiKey::Metadata, 9, &sample(ApiKey::Metadata, 9, &topic));
    first.call(ApiKey::Metadata, 9, &sample(ApiKey::Metadata, 9, &topic));
    drop(first);
    second.receive(ApiKey::Metadata, 9);
    broker.stop().await;
}

#[tokio::test]
async fn a_broker_that_nobody_talks_to_stops_at_once() {
    let broker = Broker::builder().start().await.unwrap();
    let address = broker.addr();
    let _silent = TcpStream::connect(address).unwrap();
    broker.stop().await;
}
