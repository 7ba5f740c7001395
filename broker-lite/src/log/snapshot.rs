//! The producers of a partition as of one offset, in a file: `<offset>.snapshot`.
//!
//! Written when a segment closes and when the log does, so that a start replays one segment at
//! most. The format is ours, since Kafka's keeps one batch of each producer and we want all five:
//! version, CRC-32C of what follows, count of producers, then each with its batches; numbers are
//! big-endian.

use std::collections::VecDeque;
use std::io;

use bytes::{Buf, BufMut, Bytes};

use super::files::{self, Kind};
use super::producer_state::{ProducerState, ProducerStates, WrittenBatch};
use crate::storage::Fs;
use crate::types::{Offset, ProducerEpoch, ProducerId, Timestamp};

const VERSION: u16 = 1;
/// Snapshots that are kept: the newest, and the one before it in case recovery truncates the log.
const MAX_SNAPSHOTS: usize = 2;

/// Writes the snapshot as of `at` and removes those that are too old to be of use.
pub(super) fn write(
    fs: &dyn Fs,
    dir: &str,
    at: Offset,
    producers: &ProducerStates,
) -> io::Result<()> {
    fs.write(&files::path(dir, at, Kind::Snapshot), &encode(producers))?;
    let offsets = files::list(fs, dir, Kind::Snapshot)?;
    let old = offsets.len().saturating_sub(MAX_SNAPSHOTS);
    offsets
        .into_iter()
        .take(old)
        .try_for_each(|offset| fs.remove(&files::path(dir, offset, Kind::Snapshot)))
}

/// Reads the newest snapshot that is no newer than `end`, and removes newer and damaged ones.
///
/// Without one, all producers are read from the log, from `start` on.
pub(super) fn read(
    fs: &dyn Fs,
    dir: &str,
    start: Offset,
    end: Offset,
) -> io::Result<(Offset, ProducerStates)> {
    for at in files::list(fs, dir, Kind::Snapshot)?.into_iter().rev() {
        let path = files::path(dir, at, Kind::Snapshot);
        let content = fs.read(&path)?.unwrap_or_default();
        match decode(content.into()) {
            Some(producers) if at <= end => return Ok((at, producers)),
            _ => fs.remove(&path)?,
        }
    }
    Ok((start, ProducerStates::default()))
}

fn encode(producers: &ProducerStates) -> Vec<u8> {
    let mut body = Vec::new();
    body.put_u32(u32::try_from(producers.len()).unwrap_or(u32::MAX));
    for (id, state) in producers.iter() {
        body.put_i64(id.0);
        body.put_i16(state.epoch.0);
        body.put_i64(state.seen.0);
        body.put_u8(u8::try_from(state.batches.len()).unwrap_or(u8::MAX));
        for batch in &state.batches {
            body.put_i32(batch.first_sequence);
            body.put_i32(batch.last_sequence);
            body.put_i64(batch.base_offset.0);
            body.put_i64(batch.last_offset.0);
        }
    }
    let mut file = Vec::with_capacity(body.len() + 6);
    file.put_u16(VERSION);
    file.put_u32(crc32c::crc32c(&body));
    file.append(&mut body);
    file
}

fn decode(mut file: Bytes) -> Option<ProducerStates> {
    let version = file.try_get_u16().ok()?;
    let crc = file.try_get_u32().ok()?;
    if version != VERSION || crc != crc32c::crc32c(&file) {
        return None;
    }
    let count = file.try_get_u32().ok()?;
    (0..count).map(|_| decode_producer(&mut file)).collect()
}

fn decode_producer(file: &mut Bytes) -> Option<(ProducerId, ProducerState)> {
    let id = ProducerId(file.try_get_i64().ok()?);
    let epoch = ProducerEpoch(file.try_get_i16().ok()?);
    let seen = Timestamp(file.try_get_i64().ok()?);
    let count = file.try_get_u8().ok()?;
    let batches: Option<VecDeque<_>> = (0..count).map(|_| decode_batch(file)).collect();
    Some((
        id,
        ProducerState {
            epoch,
            seen,
            batches: batches?,
        },
    ))
}

fn decode_batch(file: &mut Bytes) -> Option<WrittenBatch> {
    Some(WrittenBatch {
        first_sequence: file.try_get_i32().ok()?,
        last_sequence: file.try_get_i32().ok()?,
        base_offset: Offset(file.try_get_i64().ok()?),
        last_offset: Offset(file.try_get_i64().ok()?),
    })
}

/// Any bytes as a snapshot: as they are, and with a checksum that is right.
#[cfg(fuzzing)]
pub(crate) fn fuzz(input: &[u8]) {
    drop(decode(Bytes::copy_from_slice(input)));
    let sealed = [
        &VERSION.to_be_bytes()[..],
        &crc32c::crc32c(input).to_be_bytes(),
        input,
    ]
    .concat();
    drop(decode(sealed.into()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryFs;

    fn producers(ids: std::ops::Range<i64>) -> ProducerStates {
        let batch = |n: i32| WrittenBatch {
            first_sequence: n * 10,
            last_sequence: n * 10 + 9,
            base_offset: Offset(n.into()),
            last_offset: Offset(i64::from(n) + 9),
        };
        let state = |id: i64| ProducerState {
            epoch: ProducerEpoch(3),
            seen: Timestamp(id * 1000),
            batches: (0..5).map(batch).collect(),
        };
        ids.map(|id| (ProducerId(id), state(id))).collect()
    }

    #[test]
    fn the_newest_snapshot_within_the_log_reads_back() {
        let fs = MemoryFs::default();
        write(&fs, "t-0", Offset(10), &producers(0..3)).unwrap();
        write(&fs, "t-0", Offset(20), &producers(0..4)).unwrap();
        assert_eq!(
            read(&fs, "t-0", Offset(0), Offset(20)).unwrap(),
            (Offset(20), producers(0..4))
        );
        assert_eq!(
            read(&fs, "t-0", Offset(0), Offset(19)).unwrap(),
            (Offset(10), producers(0..3))
        );
        assert_eq!(
            fs.list("t-0").unwrap(),
            ["00000000000000000010.snapshot"],
            "one from the future is gone"
        );
        assert_eq!(
            read(&fs, "t-0", Offset(5), Offset(9)).unwrap(),
            (Offset(5), ProducerStates::default())
        );
    }

    #[test]
    fn old_snapshots_go() {
        let fs = MemoryFs::default();
        for at in [10, 20, 30, 40] {
            write(&fs, "t-0", Offset(at), &producers(0..1)).unwrap();
        }
        assert_eq!(
            fs.list("t-0").unwrap(),
            [
                "00000000000000000030.snapshot",
                "00000000000000000040.snapshot"
            ]
        );
    }

    #[test]
    fn a_damaged_snapshot_is_as_good_as_none() {
        let good = encode(&producers(0..2));
        for cut in 0..good.len() {
            assert_eq!(decode(good[..cut].to_vec().into()), None, "cut at {cut}");
        }
        for bit in 0..good.len() * 8 {
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(flipped.into()), None, "bit {bit}");
        }
    }
}
