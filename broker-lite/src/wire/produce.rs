//! Produce (key 0), hand-written: record batches stay slices of the frame they came in.
//!
//! Versions 3 to 13; 0 to 2 are read so that they can be refused in their own layout. Flexible from
//! 9 on; 13 names topics by id (KIP-516); 8 adds errors per record (KIP-467).

use bytes::{BufMut, Bytes, BytesMut};

use super::{Decode, Encode, ErrorCode, KafkaString, KafkaUuid, Reply, WireError, read, write};

/// Most bytes of a request around its records: names and numbers. Records stay where they are, but
/// each topic and each partition becomes a value here and a row of the answer, at many times its
/// own size.
const MAX_BYTES_AROUND_RECORDS: usize = 1024 * 1024;

/// Fewest bytes that a topic counts for.
const MIN_TOPIC_BYTES: usize = 16;

/// What a producer wants appended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProduceRequest {
    /// Who must have a batch before it is acknowledged: 0 no one, 1 the leader, -1 every in-sync
    /// replica.
    pub(crate) acks: i16,
    pub(crate) topics: Vec<TopicBatches>,
}

/// The batches for one topic; named by `name` up to version 12 and by `id` after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TopicBatches {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<PartitionBatch>,
}

/// What one partition is to append.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PartitionBatch {
    pub(crate) index: i32,
    pub(crate) records: Option<Bytes>,
}

/// The results, in the order of the request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProduceResponse {
    pub(crate) topics: Vec<TopicAppended>,
}

/// The answers for one topic; identified the way the request did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TopicAppended {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<PartitionAppended>,
}

/// Where one batch was appended, or why it was not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PartitionAppended {
    pub(crate) index: i32,
    pub(crate) error: ErrorCode,
    /// Offset of the batch's first record; -1 with an error.
    pub(crate) base_offset: i64,
    /// Set when the broker stamped the records (`LogAppendTime`), else -1.
    pub(crate) log_append_time_ms: i64,
    /// The partition's first offset; -1 when there is no such partition.
    pub(crate) log_start_offset: i64,
    /// The records that made the batch fail.
    pub(crate) record_errors: Vec<RecordError>,
    /// A message for people.
    pub(crate) error_message: Option<KafkaString>,
}

/// A record that made its batch fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RecordError {
    /// Index of the record in its batch, from 0.
    pub(crate) batch_index: i32,
    pub(crate) message: Option<KafkaString>,
}

impl Decode for ProduceRequest {
    fn decode(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 9;
        let mut room = Room(MAX_BYTES_AROUND_RECORDS);
        if version >= 3 {
            // A batch says itself whether it belongs to a transaction.
            read::nullable_string(buf, flexible, "transactional id")?;
        }
        let acks = read::i16(buf, "acks")?;
        // There is no other replica to wait for.
        read::i32(buf, "timeout")?;
        let topics = read::array(buf, flexible, "topics", |buf| {
            TopicBatches::read(buf, version, &mut room)
        })?;
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self { acks, topics })
    }
}

impl TopicBatches {
    fn read(buf: &mut Bytes, version: i16, room: &mut Room) -> Result<Self, WireError> {
        let flexible = version >= 9;
        let before = buf.len();
        let (name, id) = if version >= 13 {
            (KafkaString::default(), read::uuid(buf, "topic id")?)
        } else {
            (read::string(buf, flexible, "topic name")?, KafkaUuid::ZERO)
        };
        // However short it is, a topic becomes a value and a row.
        room.take((before - buf.len()).max(MIN_TOPIC_BYTES))?;
        let partitions = read::array(buf, flexible, "partitions", |buf| {
            let before = buf.len();
            let index = read::i32(buf, "partition")?;
            let records = read::nullable_bytes(buf, flexible, "records")?;
            if flexible {
                read::skip_tags(buf)?;
            }
            room.take(before - buf.len() - records.as_ref().map_or(0, Bytes::len))?;
            Ok(PartitionBatch { index, records })
        })?;
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self {
            name,
            id,
            partitions,
        })
    }
}

/// Bytes left for everything that is not records.
struct Room(usize);

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), WireError> {
        let what = "topics and partitions";
        self.0 = self.0.checked_sub(bytes).ok_or(WireError::TooMuch {
            what,
            limit: MAX_BYTES_AROUND_RECORDS,
        })?;
        Ok(())
    }
}

impl Encode for ProduceResponse {
    fn encode(&self, reply: &mut Reply, version: i16) -> Result<(), WireError> {
        let flexible = version >= 9;
        let buf = reply.buf();
        write::len(buf, flexible, self.topics.len(), "topics")?;
        for topic in &self.topics {
            if version >= 13 {
                write::uuid(buf, topic.id);
            } else {
                write::string(buf, flexible, &topic.name, "topic name")?;
            }
            write::len(buf, flexible, topic.partitions.len(), "partitions")?;
            for partition in &topic.partitions {
                partition.write(buf, version)?;
            }
            if flexible {
                write::no_tags(buf);
            }
        }
        if version >= 1 {
            buf.put_i32(0); // throttle time
        }
        if flexible {
            write::no_tags(buf);
        }
        Ok(())
    }
}

impl PartitionAppended {
    fn write(&self, buf: &mut BytesMut, version: i16) -> Result<(), WireError> {
        let flexible = version >= 9;
        buf.put_i32(self.index);
        buf.put_i16(self.error.code());
        buf.put_i64(self.base_offset);
        if version >= 2 {
            buf.put_i64(self.log_append_time_ms);
        }
        if version >= 5 {
            buf.put_i64(self.log_start_offset);
        }
        if version >= 8 {
            write::len(buf, flexible, self.record_errors.len(), "record errors")?;
            for record in &self.record_errors {
                buf.put_i32(record.batch_index);
                write::nullable_string(buf, flexible, record.message.as_ref(), "record error")?;
                if flexible {
                    write::no_tags(buf);
                }
            }
            write::nullable_string(buf, flexible, self.error_message.as_ref(), "error message")?;
        }
        if flexible {
            write::no_tags(buf);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kacrab_protocol::generated::{produce_request as theirs, produce_response};

    use super::super::text;
    use super::*;

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
}
