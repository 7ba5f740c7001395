//! Numbers for idempotent producers, none given out twice.
//!
//! A block of numbers is written down as taken before the first of it is given out; a crash wastes
//! the rest of it.

use std::sync::{Arc, Mutex, PoisonError};

use super::CatalogueError;
use crate::storage::Fs;
use crate::types::ProducerId;

const FILE: &str = "producer-ids";
/// Numbers taken at a time, as in Kafka.
const BLOCK: i64 = 1000;

/// Gives out producer ids.
#[derive(Debug)]
pub(crate) struct ProducerIds {
    fs: Arc<dyn Fs>,
    /// Guards the numbers; held while a block is written down.
    block: Mutex<Block>,
}

#[derive(Debug)]
struct Block {
    next: i64,
    end: i64,
}

impl ProducerIds {
    /// Continues after the last block that was taken.
    ///
    /// # Errors
    /// [`CatalogueError`] if the file cannot be read or is not ours.
    pub(crate) fn open(fs: Arc<dyn Fs>) -> Result<Self, CatalogueError> {
        let content = fs.read(FILE).map_err(|source| CatalogueError::Storage {
            file: FILE,
            doing: "read",
            source,
        })?;
        let end = match content {
            None => 0,
            Some(content) => std::str::from_utf8(&content)
                .ok()
                .and_then(|text| text.trim().parse().ok())
                .filter(|end| (0..i64::MAX - BLOCK).contains(end))
                .ok_or(CatalogueError::Damaged {
                    file: FILE,
                    line: 1,
                })?,
        };
        Ok(Self {
            fs,
            block: Mutex::new(Block { next: end, end }),
        })
    }

    /// A producer id that nobody has or had.
    ///
    /// # Errors
    /// [`CatalogueError::Storage`] if a new block cannot be written down.
    pub(crate) fn next(&self) -> Result<ProducerId, CatalogueError> {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        if block.next == block.end {
            let end = block.end.saturating_add(BLOCK);
            self.fs
                .replace(FILE, format!("{end}\n").as_bytes())
                .map_err(|source| CatalogueError::Storage {
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
            for _ in 0..BLOCK + 1 {
                let id = ids.next().unwrap().0;
                assert!(id > last, "{id} after {last}");
                last = id;
            }
        }
    }
}
