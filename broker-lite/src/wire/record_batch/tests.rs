//! Batches written and read back, by us and by an independent codec.

use bytes::Bytes;
use proptest::prelude::*;

use super::records::Record;
use super::*;
use crate::types::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp};

const ALL: [Compression; 5] = [
    Compression::None,
    Compression::Gzip,
    Compression::Snappy,
    Compression::Lz4,
    Compression::Zstd,
];

fn sample(compression: Compression) -> Bytes {
    BatchBuilder::new()
        .compression(compression)
        .producer(ProducerId(9), ProducerEpoch(1), 40)
        .record(
            Timestamp(1000),
            None,
            Some(&b"long enough to compress ".repeat(50)),
        )
        .record(Timestamp(900), Some(b""), None)
        .record_with_headers(
            Timestamp(1100),
            Some(b"k"),
            Some(b""),
            &[(b"h", Some(b"1")), (b"h", None), (b"\xff", Some(b""))],
        )
        .build()
        .unwrap()
}

fn open(batch: &Bytes) -> Vec<Record> {
    Records::open(batch)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn what_was_written_reads_back_under_every_codec() {
    for compression in ALL {
        let batch = sample(compression);
        let header = BatchHeader::check(&batch).unwrap();
        assert_eq!(header.compression(), Ok(compression));
        assert_eq!((header.record_count, header.last_offset_delta), (3, 2));
        assert_eq!(
            (header.base_timestamp, header.max_timestamp),
            (Timestamp(1000), Timestamp(1100))
        );
        assert_eq!((header.base_sequence, header.last_sequence()), (40, 42));
        let records = open(&batch);
        assert_eq!(records[0].value.as_ref().unwrap().len(), 1200);
        assert_eq!(
            (records[1].timestamp, &records[1].key, &records[1].value),
            (Timestamp(900), &Some(Bytes::new()), &None)
        );
        let headers: Vec<_> = records[2]
            .headers
            .iter()
            .map(|(name, value)| (&name[..], value.as_deref()))
            .collect();
        assert_eq!(
            headers,
            [
                (&b"h"[..], Some(&b"1"[..])),
                (b"h", None),
                (b"\xff", Some(b""))
            ]
        );
    }
}

#[test]
fn an_independent_codec_reads_our_batches() {
    use kafka_protocol::records::RecordBatchDecoder;
    for compression in ALL {
        let mut batch = BatchBuilder::new()
            .compression(compression)
            .record(Timestamp(5), Some(b"key"), Some(b"value"))
            .record(Timestamp(7), None, None)
            .build()
            .unwrap();
        let set = RecordBatchDecoder::decode(&mut batch).unwrap();
        let read: Vec<_> = set
            .records
            .iter()
            .map(|r| (r.offset, r.timestamp, r.key.clone(), r.value.clone()))
            .collect();
        assert_eq!(
            read,
            [
                (0, 5, Some("key".into()), Some("value".into())),
                (1, 7, None, None)
            ],
            "{compression:?}"
        );
    }
}

#[test]
fn placing_a_batch_keeps_its_checksum() {
    let mut batch = bytes::BytesMut::from(&sample(Compression::Lz4)[..]);
    patch::place(&mut batch, Offset(77), LeaderEpoch(3));
    let header = BatchHeader::check(&batch).unwrap();
    assert_eq!(
        (
            header.base_offset,
            header.leader_epoch,
            header.last_offset()
        ),
        (Offset(77), LeaderEpoch(3), Offset(79))
    );
    assert_eq!(open(&batch.freeze())[2].offset, Offset(79));
}

#[test]
fn the_time_of_appending_replaces_that_of_every_record() {
    let mut batch = bytes::BytesMut::from(&sample(Compression::None)[..]);
    let header = BatchHeader::check(&batch).unwrap();
    patch::log_append_time(&mut batch, header.attributes, Timestamp(5555));
    let stamped = BatchHeader::check(&batch).unwrap();
    assert_eq!(stamped.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(
        (stamped.base_timestamp, stamped.max_timestamp),
        (Timestamp(1000), Timestamp(5555))
    );
    assert!(
        open(&batch.freeze())
            .iter()
            .all(|record| record.timestamp == Timestamp(5555))
    );
}

#[test]
fn recompressing_changes_the_codec_and_nothing_else() {
    for from in ALL {
        for to in ALL {
            let before = sample(from);
            let after = patch::recompress(&before, to, usize::MAX).unwrap().freeze();
            assert_eq!(BatchHeader::check(&after).unwrap().compression(), Ok(to));
            assert_eq!(open(&before), open(&after), "{from:?} to {to:?}");
        }
    }
}

#[test]
fn the_framing_of_javas_snappy_is_understood() {
    let plain = sample(Compression::None);
    let mut framed = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01".to_vec();
    for half in plain[BatchHeader::SIZE..].chunks(700) {
        let packed = snap::raw::Encoder::new().compress_vec(half).unwrap();
        framed.extend_from_slice(&i32::try_from(packed.len()).unwrap().to_be_bytes());
        framed.extend_from_slice(&packed);
    }
    assert_eq!(
        Compression::Snappy.inflate(framed.into(), 10_000).unwrap(),
        plain[BatchHeader::SIZE..]
    );
}

#[test]
fn a_block_that_grows_without_end_is_refused() {
    const LIMIT: usize = 1 << 20;
    let zeros = vec![0; LIMIT + 1];
    for compression in [
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ] {
        let bomb = compression.deflate(&zeros).unwrap();
        assert_eq!(
            compression.inflate(bomb.into(), LIMIT),
            Err(BatchError::Inflated { limit: LIMIT })
        );
    }
    let claim = b"\xff\xff\xff\xff\x0f".to_vec();
    assert!(Compression::Snappy.inflate(claim.into(), LIMIT).is_err());
}

#[test]
fn every_bit_behind_the_leader_epoch_is_guarded() {
    let batch = sample(Compression::None);
    for bit in 16 * 8..batch.len() * 8 {
        let mut flipped = batch.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(BatchHeader::check(&flipped).is_err(), "bit {bit}");
    }
}

proptest! {
    #[test]
    fn any_records_round_trip(
        records in prop::collection::vec((any::<i32>(), any::<Option<Vec<u8>>>(), any::<Option<Vec<u8>>>()), 1..20),
        codec in 0..5_usize,
    ) {
        let mut builder = BatchBuilder::new().compression(ALL[codec]);
        for (time, key, value) in &records {
            builder = builder.record(Timestamp(i64::from(*time)), key.as_deref(), value.as_deref());
        }
        let read = open(&builder.build().unwrap());
        prop_assert_eq!(read.len(), records.len());
        for (index, (record, (time, key, value))) in read.iter().zip(&records).enumerate() {
            prop_assert_eq!(record.offset, Offset(index as i64));
            prop_assert_eq!(record.timestamp, Timestamp(i64::from(*time)));
            prop_assert_eq!(record.key.as_deref(), key.as_deref());
            prop_assert_eq!(record.value.as_deref(), value.as_deref());
        }
    }

    #[test]
    fn bytes_from_a_stranger_are_read_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        codec in 0..8_u8,
    ) {
        let length = i32::try_from(bytes.len().saturating_sub(12)).unwrap();
        if bytes.len() >= 61 {
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            bytes[16] = 2;
            bytes[22] = codec;
            bytes[23] = 0;
        }
        if let Ok(records) = Records::open(&bytes.into()) {
            prop_assert!(records.take(1000).filter(Result::is_err).count() <= 1, "an error is the end");
        }
    }
}
