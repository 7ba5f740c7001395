//! Bits that rot on a disk are never taken for records, and cost no other record.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::storage::DiskFs;

/// A log on a disk that was closed, with what it held.
struct Closed {
    folder: TempDir,
    topic: TopicId,
    batches: Vec<Bytes>,
    segments: Vec<i64>,
}

impl Closed {
    /// Several segments, written under three epochs.
    fn new() -> Self {
        let (folder, topic) = (tempfile::tempdir().unwrap(), TopicId::random());
        let mut rig = Rig::create(disk(folder.path()), topic, small_segments(400));
        for round in 0..3 {
            (0..6).for_each(|time| _ = rig.append(&batch(&[round * 10 + time; 2])));
            // The folder has one owner at a time.
            let Rig { log, fs, .. } = rig;
            log.close().unwrap();
            drop(fs);
            rig = Rig::open(disk(folder.path()), topic, small_segments(400));
        }
        let (batches, segments) = (rig.batches(0), rig.segment_bases());
        assert!(segments.len() > 3, "{segments:?}");
        rig.log.close().unwrap();
        Self {
            folder,
            topic,
            batches,
            segments,
        }
    }

    fn open(&self) -> Rig {
        Rig::open(disk(self.folder.path()), self.topic, small_segments(400))
    }

    fn file(&self, segment: i64) -> PathBuf {
        self.folder
            .path()
            .join(files::path(DIR, Offset(segment), Kind::Log))
    }

    /// The batches of a segment.
    fn of(&self, segment: i64) -> impl Iterator<Item = &Bytes> {
        let next = self
            .segments
            .iter()
            .copied()
            .find(|base| *base > segment)
            .unwrap_or(i64::MAX);
        self.batches
            .iter()
            .filter(move |batch| (segment..next).contains(&base(batch)))
    }
}

fn disk(root: &Path) -> Arc<dyn Fs> {
    Arc::new(DiskFs::open(root).unwrap())
}

fn base(batch: &Bytes) -> i64 {
    BatchHeader::parse(batch).unwrap().base_offset.0
}

fn flip(file: &Path, byte: usize, bit: u8) {
    let mut bytes = fs::read(file).unwrap();
    bytes[byte] ^= 1 << bit;
    fs::write(file, bytes).unwrap();
}

/// What one read from an offset answers.
fn read(log: &Log, from: i64) -> Result<Bytes, ReadTrouble> {
    let read = log.plan(Offset(from), 1 << 20).unwrap().run(MAX_READ)?;
    Ok(read.chunks.concat().into())
}

/// Reads from the start of each batch: what comes must be what was written, from there on. Answers
/// which came.
fn readable(log: &Log, batches: &[Bytes]) -> Vec<bool> {
    let from = |nth: usize| match read(log, base(&batches[nth])) {
        Ok(bytes) => {
            assert!(
                !bytes.is_empty(),
                "an answer without records has its reader wait for ever"
            );
            let written = batches[nth..].concat();
            let is_right = written.starts_with(&bytes) || bytes.starts_with(&written);
            assert!(is_right, "rotten bytes from batch {nth}");
            true
        }
        Err(ReadTrouble::Damage(_)) => false,
        Err(ReadTrouble::Io(error)) => panic!("{error}"),
    };
    (0..batches.len()).map(from).collect()
}

#[test]
fn a_bit_that_rots_anywhere_between_stop_and_start_is_never_read_and_nothing_is_cut() {
    let closed = Closed::new();
    let (first, last) = (closed.segments[1], *closed.segments.last().unwrap());
    for segment in [first, last] {
        let file = closed.file(segment);
        let whole = fs::read(&file).unwrap();
        for byte in 0..whole.len() {
            flip(&file, byte, u8::try_from(byte % 8).unwrap());
            let rig = closed.open();
            let end = closed
                .batches
                .last()
                .map(|batch| BatchHeader::parse(batch).unwrap().last_offset().next());
            assert_eq!(
                (rig.truncation.as_ref(), Some(rig.log.end())),
                (None, end),
                "byte {byte} of {segment}"
            );
            let readable = readable(&rig.log, &closed.batches);
            let lost = |nth: &usize| !readable[*nth];
            let lost: Vec<i64> = (0..readable.len())
                .filter(lost)
                .map(|nth| base(&closed.batches[nth]))
                .collect();
            assert!(!lost.is_empty(), "byte {byte} of {segment} went unnoticed");
            let in_segment: Vec<i64> = closed.of(segment).map(base).collect();
            assert!(
                lost.iter().all(|offset| in_segment.contains(offset)),
                "byte {byte}: {lost:?}"
            );
            rig.log.close().unwrap();
            drop(rig.fs);
            fs::write(&file, &whole).unwrap();
        }
    }
}

#[test]
fn a_rotten_value_costs_its_own_batch_only_and_the_log_goes_on_behind_it() {
    for nth in [0, 1, 2] {
        let closed = Closed::new();
        let last = *closed.segments.last().unwrap();
        let rotten = closed.of(last).nth(nth).cloned();
        let Some(rotten) = rotten else { continue };
        let ahead: usize = closed.of(last).take(nth).map(Bytes::len).sum();
        flip(&closed.file(last), ahead + rotten.len() - 3, 0);
        let mut rig = closed.open();
        let expected: Vec<bool> = closed
            .batches
            .iter()
            .map(|batch| batch != &rotten)
            .collect();
        assert_eq!(readable(&rig.log, &closed.batches), expected);
        let end = rig.log.end().0;
        assert_eq!(rig.append(&batch(&[99])), end);
        assert_eq!(read(&rig.log, end).unwrap().len(), batch(&[99]).len());
        rig.log.close().unwrap();
        drop(rig.fs);
        let rig = closed.open();
        assert_eq!(
            readable(&rig.log, &closed.batches),
            expected,
            "and after another start"
        );
        assert_eq!(rig.log.end(), Offset(end + 1));
    }
}

#[test]
fn an_answer_ends_in_front_of_what_is_rotten() {
    let closed = Closed::new();
    let segment = closed.segments[1];
    let (first, second) = (
        closed.of(segment).next().unwrap(),
        closed.of(segment).nth(1).unwrap(),
    );
    flip(&closed.file(segment), first.len() + second.len() - 3, 0);
    let rig = closed.open();
    let good: Vec<_> = closed
        .batches
        .iter()
        .take_while(|batch| *batch != second)
        .cloned()
        .collect();
    assert_eq!(read(&rig.log, 0).unwrap(), good.concat());
    assert!(matches!(
        read(&rig.log, base(second)),
        Err(ReadTrouble::Damage(BatchError::Checksum { .. }))
    ));
    assert!(
        matches!(
            read(&rig.log, base(second) + 1),
            Err(ReadTrouble::Damage(_))
        ),
        "and in the middle of it"
    );
}

#[test]
fn a_bit_that_rots_under_a_running_log_is_found_when_it_is_read() {
    let closed = Closed::new();
    let rig = closed.open();
    assert!(
        readable(&rig.log, &closed.batches)
            .into_iter()
            .all(|is_readable| is_readable)
    );
    flip(&closed.file(0), 70, 3);
    assert!(matches!(read(&rig.log, 0), Err(ReadTrouble::Damage(_))));
    let Lookup::Search(search) = rig.log.lookup(OffsetSpec::AtOrAfter(Timestamp(0))) else {
        panic!("a time is searched for")
    };
    assert!(
        matches!(search.run(), Err(ReadTrouble::Damage(_))),
        "a time is not looked up in it either"
    );
}

#[test]
fn a_closed_segment_that_was_cut_short_leaves_a_hole_that_is_not_passed_over() {
    for left in [1, 0] {
        let closed = Closed::new();
        let segment = closed.segments[1];
        let file = closed.file(segment);
        let whole = fs::read(&file).unwrap();
        fs::write(&file, &whole[..(whole.len() - 1) * left]).unwrap();
        let rig = closed.open();
        assert_eq!(
            (rig.truncation.as_ref(), rig.segment_bases()),
            (None, closed.segments.clone())
        );
        let readable = readable(&rig.log, &closed.batches);
        let lost = closed.of(segment).count() * (1 - left) + left;
        assert_eq!(
            readable.iter().filter(|is_readable| !**is_readable).count(),
            lost
        );
        assert_eq!(readable.last(), Some(&true));
    }
}

#[test]
fn rot_is_no_reason_not_to_start_whatever_else_is_damaged() {
    let closed = Closed::new();
    flip(&closed.file(closed.segments[1]), 70, 0);
    for entry in fs::read_dir(closed.folder.path().join(DIR)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| {
            ["snapshot", "index", "timeindex"]
                .iter()
                .any(|other| kind == *other)
        }) {
            fs::write(path, b"rubbish").unwrap();
        }
    }
    let rig = closed.open();
    let readable = readable(&rig.log, &closed.batches);
    assert_eq!(
        readable.iter().filter(|is_readable| !**is_readable).count(),
        1
    );
}
