//! Fetch against the codec crate.

use bytes::{Bytes, BytesMut};
use kacrab_protocol::generated::{fetch_request as theirs, fetch_response};

use super::request::{FetchTopic, ForgottenTopic};
use super::response::AbortedTransaction;
use super::*;
use crate::wire::{Decode, Encode, ErrorCode, KafkaString, KafkaUuid, Reply, text};

const VERSIONS: std::ops::RangeInclusive<i16> = 4..=18;
const ID: KafkaUuid = KafkaUuid::from_parts(1, 2);

fn named(version: i16) -> (KafkaString, KafkaUuid) {
    if version >= 13 {
        (text(""), ID)
    } else {
        (text("orders"), KafkaUuid::ZERO)
    }
}

#[test]
fn a_request_reads_as_the_codec_crate_wrote_it() {
    for version in VERSIONS {
        let since = |first: i16, value: i32| if version >= first { value } else { -1 };
        let (name, id) = named(version);
        let partition = theirs::FetchPartition::default()
            .with_partition(3)
            .with_current_leader_epoch(since(9, 4))
            .with_fetch_offset(1 << 40)
            .with_last_fetched_epoch(since(12, 2))
            .with_partition_max_bytes(1000);
        let topic = theirs::FetchTopic::default()
            .with_topic(name.clone())
            .with_topic_id(id)
            .with_partitions(vec![partition]);
        let mut request = theirs::FetchRequestData::default()
            .with_max_wait_ms(500)
            .with_min_bytes(1)
            .with_max_bytes(5000)
            .with_isolation_level(1)
            .with_topics(vec![topic]);
        let mut forgotten = Vec::new();
        if version >= 7 {
            let gone = theirs::ForgottenTopic::default()
                .with_topic(name.clone())
                .with_topic_id(id);
            request = request.with_session_id(9).with_session_epoch(2);
            request = request.with_forgotten_topics_data(vec![gone.with_partitions(vec![5, 6])]);
            forgotten.push(ForgottenTopic {
                name: name.clone(),
                id,
                partitions: vec![5, 6],
            });
        }
        if version >= 15 {
            request =
                request.with_replica_state(theirs::ReplicaState::default().with_replica_id(8));
        }
        let mut bytes = BytesMut::new();
        request.write(&mut bytes, version).unwrap();
        let mut bytes = bytes.freeze();

        let read = FetchRequest::decode(&mut bytes, version).unwrap();
        assert!(bytes.is_empty(), "version {version}");
        let wanted = FetchPartition {
            index: 3,
            current_leader_epoch: since(9, 4),
            fetch_offset: 1 << 40,
            last_fetched_epoch: since(12, 2),
            max_bytes: 1000,
        };
        let expected = FetchRequest {
            max_wait_ms: 500,
            min_bytes: 1,
            max_bytes: 5000,
            isolation_level: 1,
            session_id: if version >= 7 { 9 } else { 0 },
            session_epoch: since(7, 2),
            topics: vec![FetchTopic {
                name,
                id,
                partitions: vec![wanted],
            }],
            forgotten,
        };
        assert_eq!(read, expected, "version {version}");
    }
}

#[test]
fn a_response_reads_back_through_the_codec_crate_with_its_records_uncopied() {
    let (first, second) = (
        Bytes::from_static(b"one batch"),
        Bytes::from_static(b"and another"),
    );
    for version in VERSIONS {
        let (name, id) = named(version);
        let partition = |index, records, diverging_epoch, aborted| FetchedPartition {
            index,
            error: ErrorCode::None,
            high_watermark: 30,
            last_stable_offset: 20,
            log_start_offset: 10,
            diverging_epoch,
            aborted,
            records,
        };
        let aborted = vec![AbortedTransaction {
            producer_id: 6,
            first_offset: 12,
        }];
        let partitions = vec![
            partition(0, vec![first.clone(), second.clone()], None, Some(aborted)),
            partition(1, Vec::new(), Some((4, 25)), None),
        ];
        let topics = vec![FetchedTopic {
            name,
            id,
            partitions,
        }];
        let response = FetchResponse {
            error: ErrorCode::None,
            session_id: 9,
            topics,
        };
        let mut reply = Reply::new(0, 4);
        response.encode(&mut reply, version).unwrap();
        let (head, rest) = reply.finish().unwrap();
        assert_eq!(rest[0].as_ptr(), first.as_ptr());
        let mut body = BytesMut::from(&head[8..]);
        rest.iter().for_each(|piece| body.extend_from_slice(piece));
        let mut body = body.freeze();

        let read = fetch_response::FetchResponseData::read(&mut body, version).unwrap();
        assert!(body.is_empty(), "version {version}");
        assert_eq!(read.session_id, if version >= 7 { 9 } else { 0 });
        let [full, parted] = read.responses[0].partitions.as_slice() else {
            panic!("two partitions")
        };
        assert_eq!(
            full.records.as_deref(),
            Some(b"one batchand another".as_slice())
        );
        assert_eq!((full.high_watermark, full.last_stable_offset), (30, 20));
        assert_eq!(
            full.aborted_transactions.as_ref().unwrap()[0].first_offset,
            12
        );
        assert_eq!(
            parted.records.as_deref(),
            Some(b"".as_slice()),
            "no records are not null"
        );
        assert_eq!(parted.aborted_transactions, None);
        let epoch = (
            parted.diverging_epoch.epoch,
            parted.diverging_epoch.end_offset,
        );
        assert_eq!(epoch, if version >= 12 { (4, 25) } else { (-1, -1) });
    }
}
