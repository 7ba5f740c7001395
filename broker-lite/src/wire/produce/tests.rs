//! Produce against the codec crate.

use bytes::{Bytes, BytesMut};
use kacrab_protocol::generated::{produce_request as theirs, produce_response};

use super::request::MAX_BYTES_AROUND_RECORDS;
use super::*;
use crate::wire::{Decode, Encode, ErrorCode, KafkaUuid, Reply, WireError, text};

const VERSIONS: std::ops::RangeInclusive<i16> = 3..=13;
const ID: KafkaUuid = KafkaUuid::from_parts(1, 2);

#[test]
fn a_request_reads_as_the_codec_crate_wrote_it() {
    let records = Bytes::from_static(b"a record batch");
    for version in VERSIONS {
        let by_id = version >= 13;
        let (name, id) = if by_id {
            (text(""), ID)
        } else {
            (text("orders"), KafkaUuid::ZERO)
        };
        let partition = theirs::PartitionProduceData::default().with_index(3);
        let topic = theirs::TopicProduceData::default()
            .with_name(name.clone())
            .with_topic_id(id)
            .with_partition_data(vec![partition.with_records(Some(records.clone()))]);
        let request = theirs::ProduceRequestData::default()
            .with_transactional_id(Some(text("tx")))
            .with_acks(-1)
            .with_timeout_ms(1500)
            .with_topic_data(vec![topic]);
        let mut bytes = BytesMut::new();
        request.write(&mut bytes, version).unwrap();
        let mut bytes = bytes.freeze();

        let read = ProduceRequest::decode(&mut bytes, version).unwrap();
        assert!(bytes.is_empty(), "version {version}");
        let partitions = vec![PartitionBatch {
            index: 3,
            records: Some(records.clone()),
        }];
        let topics = vec![TopicBatches {
            name,
            id,
            partitions,
        }];
        assert_eq!(read, ProduceRequest { acks: -1, topics });
    }
}

#[test]
fn records_are_a_slice_of_the_frame() {
    let body = [
        &[
            0xff, 0xff, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1,
        ][..],
        &[0; 4],
        &[0, 0, 0, 5],
        b"batch",
    ];
    let frame = Bytes::from(body.concat());
    let request = ProduceRequest::decode(&mut frame.clone(), 3).unwrap();
    let records = request.topics[0].partitions[0].records.clone().unwrap();
    assert_eq!(records, "batch");
    assert_eq!(records.as_ptr(), frame[frame.len() - 5..].as_ptr());
}

#[test]
fn names_and_numbers_are_bounded_and_records_are_not() {
    let partition = |records: usize| {
        let length = u32::try_from(records).unwrap().to_be_bytes();
        [&[0, 0, 0, 7][..], &length, &vec![b'r'; records]].concat()
    };
    let request = |partition: &[u8], times: usize| {
        let head = [0xff, 0xff, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 1, b't'];
        let count = u32::try_from(times).unwrap().to_be_bytes();
        let mut body = Bytes::from([&head, &count[..], &partition.repeat(times)].concat());
        ProduceRequest::decode(&mut body, 3).map(|request| request.topics[0].partitions.len())
    };
    assert_eq!(
        request(&partition(2 * MAX_BYTES_AROUND_RECORDS), 3).unwrap(),
        3
    );
    assert_eq!(
        request(&partition(0), MAX_BYTES_AROUND_RECORDS / 8 - 2).unwrap(),
        MAX_BYTES_AROUND_RECORDS / 8 - 2
    );
    assert!(matches!(
        request(&partition(0), MAX_BYTES_AROUND_RECORDS / 8 - 1),
        Err(WireError::TooMuch { .. })
    ));
}

#[test]
fn a_response_reads_back_through_the_codec_crate() {
    let record_errors = || {
        vec![RecordError {
            batch_index: 2,
            message: Some(text("no key")),
        }]
    };
    for version in VERSIONS {
        let failed = PartitionAppended {
            index: 3,
            error: ErrorCode::InvalidRecord,
            base_offset: -1,
            log_append_time_ms: 77,
            log_start_offset: 5,
            record_errors: record_errors(),
            error_message: Some(text("1 record")),
        };
        let topic = TopicAppended {
            name: text("orders"),
            id: ID,
            partitions: vec![failed],
        };
        let mut reply = Reply::new(0, 4);
        ProduceResponse {
            topics: vec![topic],
        }
        .encode(&mut reply, version)
        .unwrap();
        let (head, rest) = reply.finish().unwrap();
        assert!(rest.is_empty());
        let mut body = head.freeze().slice(8..);

        let read = produce_response::ProduceResponseData::read(&mut body, version).unwrap();
        assert!(body.is_empty(), "version {version}");
        let topic = &read.responses[0];
        assert_eq!(
            topic.topic_id,
            if version >= 13 { ID } else { KafkaUuid::ZERO }
        );
        let partition = &topic.partition_responses[0];
        let numbers = (partition.index, partition.error_code, partition.base_offset);
        assert_eq!(numbers, (3, ErrorCode::InvalidRecord.code(), -1));
        assert_eq!(partition.log_append_time_ms, 77);
        assert_eq!(
            partition.log_start_offset,
            if version >= 5 { 5 } else { -1 }
        );
        assert_eq!(partition.record_errors.len(), usize::from(version >= 8));
        assert_eq!(partition.error_message.is_some(), version >= 8);
    }
}
