//! The files of a partition, as Kafka lays them out: looked at, cut, and given a flipped bit.

use std::fs::{self, File};
use std::io::{self, Error, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Bytes of a batch in front of those that its length field counts.
const FRONT: u64 = 12;

/// The folder of a partition. Everything here is for a Kafka that doesn't run.
#[derive(Debug, Clone)]
pub struct PartitionFiles {
    folder: PathBuf,
}

/// A record batch in a segment file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredBatch {
    /// The position in the file.
    pub position: u64,
    /// The size in bytes.
    pub size: u64,
    /// The offset of its first record.
    pub base_offset: i64,
    /// The offset of its last record.
    pub last_offset: i64,
    /// The epoch of the leader that wrote it.
    pub leader_epoch: i32,
    /// The id of its producer; -1 for one that is not idempotent.
    pub producer_id: i64,
    /// The epoch of that id.
    pub producer_epoch: i16,
}

/// A bit that is not as it was written.
#[derive(Debug)]
pub struct FlippedBit {
    segment: PathBuf,
    at: u64,
}

impl FlippedBit {
    /// Makes it as it was.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn flip_back(&self) -> io::Result<()> {
        flip(&self.segment, self.at)
    }
}

impl PartitionFiles {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The segments with records in them, oldest first.
    ///
    /// # Errors
    ///
    /// When the folder can't be read.
    pub fn segments(&self) -> io::Result<Vec<PathBuf>> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "log")
                && fs::metadata(&path)?.len() > 0
            {
                segments.push(path);
            }
        }
        // Names are offsets of one width.
        segments.sort();
        Ok(segments)
    }

    /// The newest segment with records.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn newest(&self) -> io::Result<PathBuf> {
        self.segments()?
            .pop()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the partition has no records"))
    }

    /// All batches, oldest first, each with its segment.
    ///
    /// # Errors
    ///
    /// When the files can't be read; bytes that are no batch end a segment.
    pub fn batches(&self) -> io::Result<Vec<(PathBuf, StoredBatch)>> {
        let mut all = Vec::new();
        for segment in self.segments()? {
            let bytes = fs::read(&segment)?;
            let mut position = 0;
            while let Some(batch) = batch_at(&bytes, position) {
                position += batch.size;
                all.push((segment.clone(), batch));
            }
        }
        Ok(all)
    }

    /// Cuts bytes off the end of the newest segment.
    ///
    /// # Errors
    ///
    /// When it has fewer.
    pub fn cut_bytes(&self, count: u64) -> io::Result<()> {
        let path = self.newest()?;
        let left = fs::metadata(&path)?.len().checked_sub(count);
        truncate(
            &path,
            left.ok_or_else(|| {
                Error::new(ErrorKind::UnexpectedEof, "the segment has fewer bytes")
            })?,
        )
    }

    /// Cuts the log so that it ends in front of the batch with this offset; later segments are
    /// removed.
    ///
    /// # Errors
    ///
    /// When there is no such batch.
    pub fn cut_at(&self, offset: i64) -> io::Result<()> {
        let (segment, batch) = self.batch_with(offset)?;
        truncate(&segment, batch.position)?;
        let later = self
            .segments()?
            .into_iter()
            .filter(|other| *other > segment);
        later
            .map(|segment| segment.with_extension(""))
            .try_for_each(|stem| {
                for extension in ["log", "index", "timeindex"] {
                    absent_is_fine(fs::remove_file(stem.with_extension(extension)))?;
                }
                Ok(())
            })
    }

    /// Flips the lowest bit of one byte of the batch with this offset, `at` bytes behind its start.
    ///
    /// The header ends at 61; what is behind it is covered by the batch's checksum, and so is the
    /// header from 21 on.
    ///
    /// # Errors
    ///
    /// When there is no such batch.
    pub fn flip_bit(&self, offset: i64, at: u64) -> io::Result<FlippedBit> {
        let (segment, batch) = self.batch_with(offset)?;
        let flipped = FlippedBit {
            segment,
            at: batch.position + at,
        };
        flipped.flip_back()?;
        Ok(flipped)
    }

    /// Flips the lowest bit of the first byte of `text`, wherever in the log it stands first.
    ///
    /// # Errors
    ///
    /// When it stands nowhere: compressed batches don't show what is in them.
    pub fn flip_bit_in(&self, text: &[u8]) -> io::Result<()> {
        for segment in self.segments()? {
            let bytes = fs::read(&segment)?;
            if let Some(at) = bytes
                .windows(text.len().max(1))
                .position(|window| window == text)
            {
                return flip(&segment, at as u64);
            }
        }
        Err(Error::new(ErrorKind::NotFound, "no segment has this text"))
    }

    fn batch_with(&self, offset: i64) -> io::Result<(PathBuf, StoredBatch)> {
        let found = self
            .batches()?
            .into_iter()
            .find(|(_, batch)| batch.last_offset >= offset);
        found.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("no batch with offset {offset}"),
            )
        })
    }
}

fn batch_at(bytes: &[u8], position: u64) -> Option<StoredBatch> {
    let batch = bytes.get(usize::try_from(position).ok()?..)?;
    let field = |at: usize| Some(i32::from_be_bytes(batch.get(at..at + 4)?.try_into().ok()?));
    let long = |at: usize| Some(i64::from_be_bytes(batch.get(at..at + 8)?.try_into().ok()?));
    let base_offset = long(0)?;
    let size = FRONT + u64::try_from(field(8)?).ok()?;
    (size <= batch.len() as u64).then_some(StoredBatch {
        position,
        size,
        base_offset,
        last_offset: base_offset + i64::from(field(23)?),
        leader_epoch: field(12)?,
        producer_id: long(43)?,
        producer_epoch: i16::from_be_bytes(batch.get(51..53)?.try_into().ok()?),
    })
}

fn truncate(path: &Path, size: u64) -> io::Result<()> {
    File::options().write(true).open(path)?.set_len(size)
}

fn flip(path: &Path, at: u64) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at)?;
    file.write_all_at(&byte.map(|byte| byte ^ 1), at)
}

fn absent_is_fine(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
