//! Appending, rolling, reading.

use std::time::Duration;

use super::*;
use crate::wire::record_batch::{Compression, TimestampType};

#[test]
fn a_read_goes_on_across_segments() {
    let mut rig = Rig::new(small_segments(500));
    let bases: Vec<_> = (0..30)
        .map(|time| rig.append(&batch(&[time, time])))
        .collect();
    assert!(rig.segment_bases().len() > 5, "{:?}", rig.segment_bases());
    for from in 0..60 {
        let wanted: Vec<_> = bases
            .iter()
            .copied()
            .filter(|base| base + 1 >= from)
            .collect();
        assert_eq!(rig.bases(from), wanted, "from {from}");
        let once = rig
            .log
            .plan(Offset(from), 1 << 20)
            .unwrap()
            .run(MAX_READ)
            .unwrap()
            .chunks;
        assert_eq!(
            once.concat().len(),
            rig.batches(from).concat().len(),
            "one read suffices"
        );
    }
}

#[test]
fn a_budget_is_kept_but_for_a_first_batch() {
    let mut rig = Rig::new(small_segments(500));
    let size = batch(&[0, 0]).len();
    for _ in 0..30 {
        rig.append(&batch(&[0, 0]));
    }
    for budget in 0..5 * size {
        let read = |limit: ReadBudget| {
            rig.log
                .plan(Offset(7), budget)
                .unwrap()
                .run(limit)
                .unwrap()
                .chunks
                .concat()
                .len()
        };
        assert_eq!(read(ReadBudget::at_most(budget)), budget / size * size);
        assert_eq!(
            read(ReadBudget::at_most(budget).or_one_batch()),
            (budget / size).max(1) * size
        );
    }
}

#[test]
fn a_segment_closes_when_the_next_batch_would_make_it_too_large() {
    let size = batch(&[0]).len() as u64;
    let mut rig = Rig::new(small_segments(3 * size));
    for _ in 0..7 {
        rig.append(&batch(&[0]));
    }
    assert_eq!(rig.segment_bases(), [0, 3, 6]);
}

#[test]
fn a_batch_larger_than_a_segment_gets_one_of_its_own() {
    let mut rig = Rig::new(small_segments(10));
    for _ in 0..3 {
        rig.append(&batch(&[0]));
    }
    assert_eq!(rig.segment_bases(), [0, 1, 2]);
}

#[test]
fn a_segment_closes_when_its_records_span_too_much_time() {
    let mut rig = Rig::new(LogConfig {
        segment_age: Duration::from_millis(100),
        ..LogConfig::default()
    });
    for time in [1000, 1050, 1100, 1101, 1201, 1202] {
        rig.append(&batch(&[time]));
    }
    assert_eq!(rig.segment_bases(), [0, 3, 5]);
}

#[test]
fn idempotent_batches_are_stored_once() {
    let mut rig = Rig::new(LogConfig::default());
    assert_eq!(rig.append(&numbered(0, 3)), 0);
    assert_eq!(rig.append(&numbered(3, 2)), 3);
    let again = rig.try_append(&numbered(0, 3)).unwrap();
    assert_eq!(
        (again.base_offset, again.last_offset, again.duplicate),
        (Offset(0), Offset(2), true)
    );
    assert!(matches!(
        rig.try_append(&numbered(9, 1)),
        Err(AppendError::OutOfSequence {
            expected: 5,
            found: 9,
            ..
        })
    ));
    assert_eq!(rig.bases(0), [0, 3]);
}

#[test]
fn the_broker_stamps_batches_where_the_topic_says_so() {
    let mut config = LogConfig::default();
    config.timestamps.kind = TimestampType::LogAppendTime;
    let mut rig = Rig::new(config);
    rig.append(&batch(&[5, 6]));
    let times: Vec<_> = Records::open(&rig.batches(0)[0])
        .unwrap()
        .map(|record| record.unwrap().timestamp)
        .collect();
    assert_eq!(times, [NOW, NOW]);
}

#[test]
fn a_topic_with_a_codec_of_its_own_recompresses() {
    let mut rig = Rig::new(LogConfig {
        compression: Some(Compression::Zstd),
        ..LogConfig::default()
    });
    rig.append(&batch(&[5, 6]));
    let stored = rig.batches(0).remove(0);
    assert_eq!(
        BatchHeader::check(&stored).unwrap().compression(),
        Ok(Compression::Zstd)
    );
    assert_eq!(Records::open(&stored).unwrap().count(), 2);
}

#[test]
fn a_batch_that_recompressing_makes_too_large_is_refused() {
    let builder = BatchBuilder::new().compression(Compression::Zstd);
    let zeros = builder.record(NOW, None, Some(&[0; 4096])).build().unwrap();
    let (limit, compression) = (1024, Some(Compression::None));
    assert!(zeros.len() < limit);
    let config = LogConfig {
        compression,
        max_batch_bytes: limit,
        ..LogConfig::default()
    };
    let error = ValidatedBatch::new(&zeros, &config, AppendOrigin::Client, NOW).unwrap_err();
    assert!(
        matches!(
            error,
            AppendError::TooLarge {
                size: 4096..,
                limit: 1024
            }
        ),
        "{error}"
    );
}

/// What happens to a good batch of one record after a change.
fn refused(config: &LogConfig, change: impl FnOnce(&mut Vec<u8>)) -> AppendError {
    let mut bytes = batch(&[0]).to_vec();
    change(&mut bytes);
    ValidatedBatch::new(&bytes, config, AppendOrigin::Client, NOW).unwrap_err()
}

/// The same after a change that the checksum agrees with.
fn refused_resealed(change: impl FnOnce(&mut Vec<u8>)) -> AppendError {
    refused(&LogConfig::default(), |bytes| {
        change(bytes);
        patch::seal(bytes);
    })
}

#[test]
fn a_damaged_batch_may_be_sent_again_and_a_misshapen_one_may_not() {
    let refused = |change: fn(&mut Vec<u8>)| refused(&LogConfig::default(), change);
    assert!(matches!(
        refused(|bytes| bytes[70] ^= 1),
        AppendError::Corrupt(_)
    ));
    for (change, text) in [
        (
            (|bytes| bytes.extend(batch(&[0]))) as fn(&mut Vec<u8>),
            "79 bytes follow the batch",
        ),
        (
            |bytes| bytes.truncate(70),
            "a batch of 79 bytes has only 70",
        ),
        (|bytes| bytes.clear(), "a batch of 61 bytes has only 0"),
        (|bytes| bytes[16] = 1, "record format 1 is not supported"),
        (|bytes| bytes[7] = 9, "its base offset is 9"),
    ] {
        let error = refused(change);
        assert!(matches!(error, AppendError::Invalid(_)), "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[test]
fn what_a_client_may_not_write_is_refused() {
    let error = refused_resealed(|bytes| bytes[60] = 2);
    assert!(
        matches!(
            error,
            AppendError::Invalid(InvalidBatch::Count {
                records: 2,
                offsets: 1
            })
        ),
        "{error}"
    );
    let error = refused_resealed(|bytes| bytes[22] |= 0x20);
    assert!(
        matches!(error, AppendError::Invalid(InvalidBatch::Control)),
        "{error}"
    );
    let error = refused_resealed(|bytes| bytes[43..51].fill(0));
    assert!(
        matches!(
            error,
            AppendError::Invalid(InvalidBatch::NoSequence(ProducerId(0)))
        ),
        "{error}"
    );
    let error = refused_resealed(|bytes| bytes[22] |= 7);
    assert!(
        matches!(error, AppendError::UnknownCompression { codec: 7 }),
        "{error}"
    );
    let error = refused_resealed(|bytes| bytes[22] |= 0x10);
    assert!(
        matches!(error, AppendError::NoTransaction { .. }),
        "{error}"
    );
    let small = LogConfig {
        max_batch_bytes: 70,
        ..LogConfig::default()
    };
    let error = refused(&small, |_| {});
    assert!(
        matches!(error, AppendError::TooLarge { limit: 70, .. }),
        "{error}"
    );
}

#[test]
fn records_that_break_a_rule_of_the_topic_are_named() {
    let mut config = LogConfig {
        keys_required: true,
        ..LogConfig::default()
    };
    let mixed = BatchBuilder::new()
        .record(NOW, None, None)
        .record(NOW, Some(b""), None)
        .record(NOW, None, None);
    let error = ValidatedBatch::new(&mixed.build().unwrap(), &config, AppendOrigin::Client, NOW)
        .unwrap_err();
    let AppendError::Records(rejected) = error else {
        panic!("{error}")
    };
    assert_eq!(
        rejected
            .first
            .iter()
            .map(|record| record.index)
            .collect::<Vec<_>>(),
        [0, 2]
    );

    config.timestamps.before_max = Some(Duration::from_millis(100));
    config.timestamps.after_max = Some(Duration::from_millis(50));
    let times = [NOW.0 - 101, NOW.0 - 100, NOW.0, NOW.0 + 50, NOW.0 + 51, -1];
    let error =
        ValidatedBatch::new(&batch(&times), &config, AppendOrigin::Client, NOW).unwrap_err();
    let AppendError::Timestamps(rejected) = error else {
        panic!("{error}")
    };
    assert_eq!(
        rejected
            .first
            .iter()
            .map(|record| record.index)
            .collect::<Vec<_>>(),
        [0, 4]
    );

    let error =
        ValidatedBatch::new(&batch(&[0; 1000]), &config, AppendOrigin::Client, NOW).unwrap_err();
    assert_eq!(
        error.to_string(),
        "1000 records, the first at index 0, are out of range in time"
    );
    let AppendError::Timestamps(rejected) = error else {
        panic!("{error}")
    };
    assert_eq!(rejected.first.len(), 100, "so many are named");
}

#[test]
fn the_header_says_what_the_records_say() {
    let mut bytes = batch(&[5, 9, 7]).to_vec();
    bytes[35..43].copy_from_slice(&i64::MAX.to_be_bytes());
    bytes[22] |= 8;
    patch::seal(&mut bytes);
    let mut rig = Rig::new(LogConfig::default());
    rig.append(&bytes.into());
    let stored = rig.batches(0).remove(0);
    let header = BatchHeader::check(&stored).unwrap();
    assert_eq!(
        (header.max_timestamp, header.timestamp_type()),
        (Timestamp(9), TimestampType::CreateTime)
    );
    assert_eq!(
        Records::open(&stored)
            .unwrap()
            .last()
            .unwrap()
            .unwrap()
            .timestamp,
        Timestamp(7)
    );
}
