//! Entrances for the fuzz targets in `fuzz/`: bytes as a stranger sends them, or as a disk may give
//! them back, into one decoder each.
//!
//! Only there under `--cfg fuzzing`, which `cargo fuzz` sets. A target fails by a panic, by running
//! out of memory or by taking forever; what a decoder answers is of no interest, but that the same
//! bytes give the same answer twice.

use bytes::Bytes;

use crate::controller::fuzz_topic_file;
use crate::group::{Record as GroupRecord, fuzz_subscription};
use crate::log::{fuzz_index, fuzz_leader_epochs, fuzz_snapshot};
use crate::state_log::StateRecord;
use crate::wire::fetch::FetchRequest;
use crate::wire::produce::ProduceRequest;
use crate::wire::record_batch::{BatchHeader, Records, outline};
use crate::wire::{Decode, FrameReader, RequestHeader};

/// The stream of frames, which arrives in pieces as large as the first byte says.
pub fn frames(input: &[u8]) {
    let Some((step, stream)) = input.split_first() else {
        return;
    };
    let mut frames = FrameReader::new(1 << 20);
    for piece in stream.chunks(usize::from(*step).max(1)) {
        frames.spare().extend_from_slice(piece);
        loop {
            match frames.frame() {
                Ok(Some(frame)) => assert!(frame.len() <= 1 << 20, "a frame over the limit"),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

/// The header of a request, with its tagged fields.
pub fn header(input: &[u8]) {
    let mut frame = Bytes::copy_from_slice(input);
    if RequestHeader::read(&mut frame).is_ok() {
        drop(RequestHeader::skip_tags(&mut frame));
    }
}

/// The body of a Produce request; the first byte chooses the version.
pub fn produce(input: &[u8]) {
    decode::<ProduceRequest>(input, 14);
}

/// The body of a Fetch request; the first byte chooses the version.
pub fn fetch(input: &[u8]) {
    decode::<FetchRequest>(input, 19);
}

/// The most bytes that a batch is decompressed to.
const LIMIT: usize = 32 << 20;

/// A record batch: its header, its checksum, and every record in it.
pub fn record_batch(input: &[u8]) {
    let bytes = Bytes::copy_from_slice(input);
    drop(BatchHeader::check(&bytes));
    if let Ok(header) = BatchHeader::parse(&bytes)
        && header.size <= bytes.len()
        && outline(&bytes, &header, LIMIT, |_| ()).is_ok()
        && let Ok(records) = Records::open(&bytes)
    {
        assert!(
            records.take(1000).all(|record| record.is_ok()),
            "what is let in can be taken out"
        );
    }
    // A batch may claim any number of records; those that are there are few.
    for record in Records::open(&bytes).into_iter().flatten() {
        if record.is_err() {
            return;
        }
    }
}

/// A record of `__consumer_offsets`; the first byte says how long its key is.
pub fn group_record(input: &[u8]) {
    let Some((length, rest)) = input.split_first() else {
        return;
    };
    let bytes = Bytes::copy_from_slice(rest);
    let key = bytes.slice(..usize::from(*length).min(bytes.len()));
    let value = bytes.slice(key.len()..);
    drop(GroupRecord::decode(&key, Some(&value)));
    drop(GroupRecord::decode(&key, None));
}

/// The metadata of a group's member.
pub fn subscription(input: &[u8]) {
    fuzz_subscription(input);
}

/// The catalogue of topics.
pub fn catalogue(input: &[u8]) {
    fuzz_topic_file(input);
}

/// The indexes of a segment.
pub fn index(input: &[u8]) {
    fuzz_index(input);
}

/// A snapshot of producers.
pub fn snapshot(input: &[u8]) {
    fuzz_snapshot(input);
}

/// A checkpoint of leader epochs.
pub fn leader_epochs(input: &[u8]) {
    fuzz_leader_epochs(input);
}

fn decode<T: Decode + PartialEq + std::fmt::Debug>(input: &[u8], versions: u8) {
    let Some((version, body)) = input.split_first() else {
        return;
    };
    let version = i16::from(version % versions);
    let read = || T::decode(&mut Bytes::copy_from_slice(body), version).ok();
    assert_eq!(read(), read(), "the same bytes give the same request");
}
