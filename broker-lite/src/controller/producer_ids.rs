//! Producer ids, none given out twice.
//!
//! A block of ids is recorded as taken before the first of them is given out; a crash wastes the
//! rest of the block.

use std::sync::{Arc, Mutex, PoisonError};

use super::StoreError;
use crate::storage::Fs;
use crate::types::ProducerId;

const FILE: &str = "producer-ids";
/// Ids in a block, as in Kafka.
const BLOCK_SIZE: i64 = 1000;

/// Gives out producer ids.
#[derive(Debug)]
pub(crate) struct ProducerIds {
    fs: Arc<dyn Fs>,
    /// Guards the ids; held while a block is written to the disk, once in a thousand ids.
    block: Mutex<Block>,
}

#[derive(Debug)]
struct Block {
    next: i64,
    end: i64,
}

impl ProducerIds {
    /// Continues after the last block that was recorded.
    ///
    /// # Errors
    /// [`StoreError`] if the file cannot be read or does not hold a number.
    pub(crate) fn open(fs: Arc<dyn Fs>) -> Result<Self, StoreError> {
        let content = fs.read(FILE).map_err(|source| StoreError::Storage {
            file: FILE,
            doing: "read",
            source,
        })?;
        let end = match content {
            None => 0,
            Some(content) => std::str::from_utf8(&content)
                .ok()
                .and_then(|text| text.trim().parse().ok())
                .filter(|end| (0..i64::MAX - BLOCK_SIZE).contains(end))
                .ok_or(StoreError::Damaged {
                    file: FILE,
                    line: 1,
                })?,
        };
        Ok(Self {
            fs,
            block: Mutex::new(Block { next: end, end }),
        })
    }

    /// Returns a producer id that no producer has or had.
    ///
    /// # Errors
    /// [`StoreError::Storage`] if a new block cannot be recorded.
    pub(crate) fn next(&self) -> Result<ProducerId, StoreError> {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        if block.next == block.end {
            let end = block.end.saturating_add(BLOCK_SIZE);
            self.fs
                .replace(FILE, format!("{end}\n").as_bytes())
                .map_err(|source| StoreError::Storage {
                    file: FILE,
                    doing: "written",
                    source,
                })?;
            block.end = end;
        }
        let id = ProducerId(block.next);
        block.next += 1;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryFs;

    #[test]
    fn no_number_is_given_out_twice_even_after_a_crash() {
        let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
        let mut last = -1;
        for _ in 0..3 {
            let ids = ProducerIds::open(Arc::clone(&fs)).unwrap();
            for _ in 0..BLOCK_SIZE + 1 {
                let id = ids.next().unwrap().0;
                assert!(id > last, "{id} after {last}");
                last = id;
            }
        }
    }
}
