//! The program: flags, exit status, and what survives it.

use std::fs;

use kafka_protocol::messages::*;
use kafka_protocol::records::{Compression, Record};

use crate::client::Client;
use crate::process::{Process, fail, log_of_a_life};
use crate::samples::{Known, batch, batch_of, fetch_request, produce, record, values};

fn send(client: &mut Client, topic: &Known, records: bytes::Bytes) -> i64 {
    match client.call(ApiKey::Produce, 9, &produce(topic, 9, 0, records)) {
        ResponseKind::Produce(produced) => {
            let partition = &produced.responses[0].partition_responses[0];
            assert_eq!(partition.error_code, 0);
            partition.base_offset
        }
        other => panic!("{other:?}"),
    }
}

fn read(client: &mut Client, topic: &Known, offset: i64) -> Vec<String> {
    match client.call(
        ApiKey::Fetch,
        12,
        &RequestKind::Fetch(fetch_request(topic, 12, 0, offset)),
    ) {
        ResponseKind::Fetch(fetched) => values(fetched.responses[0].partitions[0].records.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn sigterm_and_ctrl_c_end_it_with_status_0() {
    for signal in ["TERM", "INT"] {
        let mut broker = Process::start(&["--topic", "t:3"]);
        Known::look_up(&mut Client::connect(broker.address()), "t");
        broker.signal(signal);
        assert_eq!(broker.terminate().code(), Some(0), "{signal}");
    }
}

#[test]
fn topics_records_and_producers_survive_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--data-dir",
        folder.path().to_str().unwrap(),
        "--topic",
        "t:2",
    ];
    let from = |sequence, value: &str| {
        let record = Record {
            producer_id: 7,
            producer_epoch: 0,
            sequence,
            ..record(Some("k"), value)
        };
        batch_of(vec![record], Compression::Lz4)
    };
    let mut broker = Process::start(&arguments);
    let mut client = Client::connect(broker.address());
    let before = Known::look_up(&mut client, "t");
    assert_eq!(send(&mut client, &before, from(0, "a")), 0);
    assert_eq!(send(&mut client, &before, from(1, "b")), 1);
    broker.kill();

    let mut broker = Process::start(&arguments);
    let mut client = Client::connect(broker.address());
    let after = Known::look_up(&mut client, "t");
    assert_eq!(after.id, before.id);
    assert_eq!(read(&mut client, &after, 0), ["a", "b"]);
    assert_eq!(
        send(&mut client, &after, from(1, "b")),
        1,
        "the producer's repetition is still known"
    );
    assert_eq!(send(&mut client, &after, from(2, "c")), 2);
    assert_eq!(broker.terminate().code(), Some(0));
}

#[test]
fn a_torn_tail_is_cut_and_the_rest_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--data-dir",
        folder.path().to_str().unwrap(),
        "--topic",
        "t:1",
    ];
    let mut broker = Process::start(&arguments);
    let mut client = Client::connect(broker.address());
    let topic = Known::look_up(&mut client, "t");
    send(&mut client, &topic, batch(&["whole"], Compression::None));
    send(&mut client, &topic, batch(&["torn"], Compression::None));
    broker.kill();
    let segment = folder.path().join("t-0/00000000000000000000.log");
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..bytes.len() - 3]).unwrap();

    let broker = Process::start(&arguments);
    let mut client = Client::connect(broker.address());
    assert_eq!(read(&mut client, &topic, 0), ["whole"]);
    assert_eq!(
        send(&mut client, &topic, batch(&["again"], Compression::None)),
        1
    );
}

#[test]
fn what_cannot_start_says_why_and_ends_with_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Process::start(&["--data-dir", folder.path().to_str().unwrap()]);
    let foreign = tempfile::tempdir().unwrap();
    fs::write(foreign.path().join("thesis.tex"), "years of work").unwrap();
    let blocked = foreign.path().join("thesis.tex/data");
    let taken = broker.address().to_string();
    let cases: &[(&[&str], &str)] = &[
        (&["--listen", &taken], &taken),
        (
            &[
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
                folder.path().to_str().unwrap(),
            ],
            "held by another process",
        ),
        (
            &[
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
                foreign.path().to_str().unwrap(),
            ],
            "thesis.tex",
        ),
        (
            &[
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
                blocked.to_str().unwrap(),
            ],
            "thesis.tex",
        ),
        (
            &["--set", "num.partitions=0"],
            "num.partitions=0 is not possible: a number from 1 up is",
        ),
        (&["--set", "num.partition=1"], "is num.partitions meant?"),
        (&["--config", "/no/such/file"], "/no/such/file"),
        (&["--listen", "nonsense"], "listeners=nonsense"),
        (
            &["--topic", "no/name:1", "--listen", "127.0.0.1:0"],
            "no/name",
        ),
        (
            &["--topic", "t:0", "--listen", "127.0.0.1:0"],
            "1 to 10000 partitions, not 0",
        ),
    ];
    for (arguments, reason) in cases {
        let (status, complaint) = fail(arguments);
        assert_eq!(status, Some(1), "{arguments:?}: {complaint}");
        assert!(complaint.contains(reason), "{arguments:?}: {complaint}");
    }
    assert!(foreign.path().join("thesis.tex").exists());
}

#[test]
fn a_flag_that_means_nothing_yet_is_refused() {
    for arguments in [
        &["--brokers", "3"],
        &["--topic", "t"],
        &["--set", "num.partitions"],
    ] {
        let (status, complaint) = fail(arguments);
        assert_eq!(status, Some(2), "{complaint}");
    }
}

#[test]
fn flags_come_before_set_and_set_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broker.properties");
    fs::write(
        &file,
        "# as in Kafka\nnode.id=5\nlisteners=PLAINTEXT://127.0.0.1:1\nadvertised.listeners=a.test:1\n",
    )
    .unwrap();
    let broker = Process::start(&[
        "--config",
        file.to_str().unwrap(),
        "--set",
        "advertised.listeners=b.test:2",
    ]);
    let mut client = Client::connect(broker.address());
    let request = RequestKind::Metadata(MetadataRequest::default().with_topics(None));
    let ResponseKind::Metadata(told) = client.call(ApiKey::Metadata, 12, &request) else {
        unreachable!()
    };
    assert_eq!(
        (told.brokers[0].node_id.0, told.brokers[0].host.as_str()),
        (5, "b.test")
    );
}

#[test]
fn a_log_that_no_terminal_shows_has_no_colours() {
    let log = log_of_a_life();
    assert!(log.contains("INFO") && !log.contains('\u{1b}'), "{log:?}");
}
