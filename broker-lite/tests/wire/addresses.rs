//! Where the broker listens, what it tells clients of it, and settings that were written for Kafka.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use broker_lite::{Broker, StartError};
use kafka_protocol::messages::*;

use crate::client::Client;
use crate::samples::text;

/// What a client that connects there is told of the broker by Metadata, and of a group's
/// coordinator.
fn told(address: SocketAddr) -> [(String, i32); 2] {
    let mut client = Client::connect(address);
    let request = RequestKind::Metadata(MetadataRequest::default().with_topics(None));
    let ResponseKind::Metadata(metadata) = client.call(ApiKey::Metadata, 12, &request) else {
        unreachable!()
    };
    let request =
        RequestKind::FindCoordinator(FindCoordinatorRequest::default().with_key(text("g")));
    let ResponseKind::FindCoordinator(found) = client.call(ApiKey::FindCoordinator, 3, &request)
    else {
        unreachable!()
    };
    let broker = &metadata.brokers[0];
    [
        (broker.host.to_string(), broker.port),
        (found.host.to_string(), found.port),
    ]
}

/// The loopback addresses that this machine has.
fn loopback() -> Vec<std::net::IpAddr> {
    let newer = TcpListener::bind((Ipv6Addr::LOCALHOST, 0))
        .is_ok()
        .then_some(Ipv6Addr::LOCALHOST.into());
    [Ipv4Addr::LOCALHOST.into()]
        .into_iter()
        .chain(newer)
        .collect()
}

#[tokio::test]
async fn who_listens_everywhere_tells_each_client_an_address_of_its_own_family() {
    for listeners in ["PLAINTEXT://:0", "plaintext://[::]:0", ":0"] {
        let broker = Broker::builder()
            .set("listeners", listeners)
            .start()
            .await
            .unwrap();
        let port = broker.addr().port();
        for ip in loopback() {
            let here = (ip.to_string(), i32::from(port));
            assert_eq!(
                told(SocketAddr::new(ip, port)),
                [here.clone(), here],
                "{listeners}"
            );
        }
        assert_eq!(
            broker.bootstrap(),
            format!("127.0.0.1:{port}"),
            "{listeners}"
        );
        broker.stop().await;
    }
}

#[tokio::test]
async fn an_address_of_the_newer_family_alone_is_told_as_it_is() {
    let Some(ip) = loopback().pop().filter(|ip| ip.is_ipv6()) else {
        return;
    };
    let broker = Broker::builder()
        .listen("PLAINTEXT://[::1]:0")
        .start()
        .await
        .unwrap();
    assert_eq!(
        broker.bootstrap(),
        format!("[::1]:{}", broker.addr().port())
    );
    assert_eq!(told(broker.addr())[0].0, ip.to_string());
    broker.stop().await;
}

#[tokio::test]
async fn an_advertised_port_without_a_host_goes_with_the_address_that_was_reached() {
    let builder = Broker::builder().set("listeners", "0.0.0.0:0");
    let broker = builder
        .set("advertised.listeners", "PLAINTEXT://:4711")
        .start()
        .await
        .unwrap();
    let here: SocketAddr = (Ipv4Addr::LOCALHOST, broker.addr().port()).into();
    let expected = ("127.0.0.1".to_owned(), 4711);
    assert_eq!(told(here), [expected.clone(), expected]);
    broker.stop().await;
}

/// The settings of the file that Kafka 4 brings along, with a free port and another folder.
const KAFKAS_OWN: &str = "
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:0,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
";

#[tokio::test]
async fn the_file_that_kafka_brings_along_is_understood() {
    let broker = Broker::builder()
        .properties("server.properties", KAFKAS_OWN)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let broker = broker.data_dir(folder.path()).start().await.unwrap();
    let here: SocketAddr = (Ipv4Addr::LOCALHOST, broker.addr().port()).into();
    assert_eq!(told(here)[0], ("localhost".to_owned(), 9092));
    broker.stop().await;
}

#[tokio::test]
async fn settings_that_would_break_a_promise_in_silence_are_refused_with_the_reason() {
    for (key, value, reason) in [
        (
            "listeners",
            "INSIDE://:1,OUTSIDE://:2",
            "INSIDE and OUTSIDE are two",
        ),
        (
            "listeners",
            "SASL_SSL://:1",
            "SASL_SSL, which is not there yet",
        ),
        (
            "authorizer.class.name",
            "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "no ACLs",
        ),
        ("ssl.keystore.location", "/keys", "no TLS"),
        ("log.dir", "/data", "log.dirs"),
        (
            "remote.log.storage.system.enable",
            "true",
            "no remote storage",
        ),
        ("num.partitons", "4", "is num.partitions meant?"),
    ] {
        let error = Broker::builder().set(key, value).start().await.unwrap_err();
        let StartError::Config(config) = error else {
            panic!("{error}")
        };
        assert!(config.to_string().contains(reason), "{key}: {config}");
    }
}
