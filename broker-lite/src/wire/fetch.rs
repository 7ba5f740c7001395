//! Fetch (key 1), hand-written: record batches go out as the slices the log handed over.
//!
//! Versions 4 to 18. Sessions from 7 (KIP-227), leader epochs from 9 (KIP-320), flexible from 12,
//! topics by id from 13 (KIP-516).

use bytes::{BufMut, Bytes};

use super::{Decode, Encode, ErrorCode, KafkaString, KafkaUuid, Reply, WireError, read, write};

/// What a consumer wants to read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchRequest {
    /// How long to wait for `min_bytes`, in milliseconds.
    pub(crate) max_wait_ms: i32,
    pub(crate) min_bytes: i32,
    pub(crate) max_bytes: i32,
    /// 0 reads uncommitted, 1 reads committed.
    pub(crate) isolation_level: i8,
    pub(crate) session_id: i32,
    pub(crate) session_epoch: i32,
    pub(crate) topics: Vec<FetchTopic>,
    /// Partitions that leave the session.
    pub(crate) forgotten: Vec<ForgottenTopic>,
}

/// Named by `name` up to version 12 and by `id` after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchTopic {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<FetchPartition>,
}

/// From where one partition is read, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FetchPartition {
    pub(crate) index: i32,
    /// The leader epoch the client knows; -1 does not ask for a check.
    pub(crate) current_leader_epoch: i32,
    pub(crate) fetch_offset: i64,
    /// Epoch of the last record the client has; -1 does not ask for a check.
    pub(crate) last_fetched_epoch: i32,
    pub(crate) max_bytes: i32,
}

/// Partitions of one topic that leave the session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ForgottenTopic {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<i32>,
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchResponse {
    /// About the session; then there are no topics. Only from version 7 on is there a place for
    /// it.
    pub(crate) error: ErrorCode,
    pub(crate) session_id: i32,
    pub(crate) topics: Vec<FetchedTopic>,
}

/// Identified the way the request did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchedTopic {
    pub(crate) name: KafkaString,
    pub(crate) id: KafkaUuid,
    pub(crate) partitions: Vec<FetchedPartition>,
}

/// The result for one partition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FetchedPartition {
    pub(crate) index: i32,
    pub(crate) error: ErrorCode,
    pub(crate) high_watermark: i64,
    pub(crate) last_stable_offset: i64,
    pub(crate) log_start_offset: i64,
    /// Where the reader's log diverges (from version 12 on): the epoch, and its end offset in this
    /// log.
    pub(crate) diverging_epoch: Option<(i32, i64)>,
    /// The aborted transactions that the records overlap; `None` for a reader of uncommitted
    /// records.
    pub(crate) aborted: Option<Vec<AbortedTransaction>>,
    /// Whole batches, in order.
    pub(crate) records: Vec<Bytes>,
}

/// A transaction whose records a reader of committed records must skip.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AbortedTransaction {
    pub(crate) producer_id: i64,
    pub(crate) first_offset: i64,
}

impl Decode for FetchRequest {
    fn decode(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 12;
        if version <= 14 {
            // Every reader is answered as a consumer. Later versions have the id in a tag.
            read::i32(buf, "replica id")?;
        }
        let max_wait_ms = read::i32(buf, "max wait")?;
        let min_bytes = read::i32(buf, "min bytes")?;
        let max_bytes = read::i32(buf, "max bytes")?;
        let isolation_level = read::i8(buf, "isolation level")?;
        let (session_id, session_epoch) = if version >= 7 {
            (
                read::i32(buf, "session id")?,
                read::i32(buf, "session epoch")?,
            )
        } else {
            (0, -1)
        };
        let topics = read::array(buf, flexible, "topics", |buf| {
            FetchTopic::read(buf, version)
        })?;
        let forgotten = if version >= 7 {
            read::array(buf, flexible, "forgotten topics", |buf| {
                ForgottenTopic::read(buf, version)
            })?
        } else {
            Vec::new()
        };
        if version >= 11 {
            // One broker, one rack: there is no closer replica to name.
            read::string(buf, flexible, "rack id")?;
        }
        if flexible {
            read::skip_tags(buf)?;
        }
        Ok(Self {
            max_wait_ms,
            min_bytes,
            max_bytes,
            isolation_level,
            session_id,
            session_epoch,
            topics,
            forgotten,
        })
    }
}

impl FetchTopic {
    fn read(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 12;
        let (name, id) = topic(buf, version)?;
        let partitions = read::array(buf, flexible, "partitions", |buf| {
            FetchPartition::read(buf, version)
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

impl FetchPartition {
    fn read(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let index = read::i32(buf, "partition")?;
        let current_leader_epoch = if version >= 9 {
            read::i32(buf, "current leader epoch")?
        } else {
            -1
        };
        let fetch_offset = read::i64(buf, "fetch offset")?;
        let last_fetched_epoch = if version >= 12 {
            read::i32(buf, "last fetched epoch")?
        } else {
            -1
        };
        if version >= 5 {
            // Only followers have a log start of their own.
            read::i64(buf, "log start offset")?;
        }
        let max_bytes = read::i32(buf, "partition max bytes")?;
        if version >= 12 {
            read::skip_tags(buf)?;
        }
        Ok(Self {
            index,
            current_leader_epoch,
            fetch_offset,
            last_fetched_epoch,
            max_bytes,
        })
    }
}

impl ForgottenTopic {
    fn read(buf: &mut Bytes, version: i16) -> Result<Self, WireError> {
        let flexible = version >= 12;
        let (name, id) = topic(buf, version)?;
        let partitions = read::array(buf, flexible, "partitions", |buf| {
            read::i32(buf, "partition")
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

fn topic(buf: &mut Bytes, version: i16) -> Result<(KafkaString, KafkaUuid), WireError> {
    if version >= 13 {
        Ok((KafkaString::default(), read::uuid(buf, "topic id")?))
    } else {
        Ok((
            read::string(buf, version >= 12, "topic name")?,
            KafkaUuid::ZERO,
        ))
    }
}

impl Encode for FetchResponse {
    fn encode(&self, reply: &mut Reply, version: i16) -> Result<(), WireError> {
        let flexible = version >= 12;
        let buf = reply.buf();
        buf.put_i32(0); // throttle time
        if version >= 7 {
            buf.put_i16(self.error.code());
            buf.put_i32(self.session_id);
        }
        write::len(buf, flexible, self.topics.len(), "topics")?;
        for topic in &self.topics {
            let buf = reply.buf();
            if version >= 13 {
                write::uuid(buf, topic.id);
            } else {
                write::string(buf, flexible, &topic.name, "topic name")?;
            }
            write::len(buf, flexible, topic.partitions.len(), "partitions")?;
            for partition in &topic.partitions {
                partition.write(reply, version)?;
            }
            if flexible {
                write::no_tags(reply.buf());
            }
        }
        if flexible {
            write::no_tags(reply.buf());
        }
        Ok(())
    }
}

impl FetchedPartition {
    fn write(&self, reply: &mut Reply, version: i16) -> Result<(), WireError> {
        let flexible = version >= 12;
        let buf = reply.buf();
        buf.put_i32(self.index);
        buf.put_i16(self.error.code());
        buf.put_i64(self.high_watermark);
        buf.put_i64(self.last_stable_offset);
        if version >= 5 {
            buf.put_i64(self.log_start_offset);
        }
        match &self.aborted {
            None if flexible => write::varint(buf, 0),
            None => buf.put_i32(-1),
            Some(aborted) => {
                write::len(buf, flexible, aborted.len(), "aborted transactions")?;
                for transaction in aborted {
                    buf.put_i64(transaction.producer_id);
                    buf.put_i64(transaction.first_offset);
                    if flexible {
                        write::no_tags(buf);
                    }
                }
            }
        }
        if version >= 11 {
            buf.put_i32(-1); // preferred read replica: there is one broker
        }
        // No records are zero bytes and not null: librdkafka takes a null for a broken message set.
        write::len(
            buf,
            flexible,
            self.records.iter().map(Bytes::len).sum(),
            "records",
        )?;
        for chunk in &self.records {
            reply.splice(chunk.clone());
        }
        if flexible {
            self.write_tags(reply);
        }
        Ok(())
    }

    fn write_tags(&self, reply: &mut Reply) {
        let buf = reply.buf();
        let Some((epoch, end_offset)) = self.diverging_epoch else {
            return write::no_tags(buf);
        };
        write::varint(buf, 1); // one tagged field:
        write::varint(buf, 0); // its tag,
        write::varint(buf, 13); // its size
        buf.put_i32(epoch);
        buf.put_i64(end_offset);
        write::no_tags(buf);
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use kacrab_protocol::generated::{fetch_request as theirs, fetch_response};

    use super::super::text;
    use super::*;

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
                request =
                    request.with_forgotten_topics_data(vec![gone.with_partitions(vec![5, 6])]);
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
}
