//! Bytes of a file, kept as they were appended: the whole of a file in memory, the newest part of
//! one on disk.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Chunks smaller than this are copied together when they are read: a handle for each would cost
/// more than the copy.
const SHARED_FROM: usize = 1024;

/// Consecutive chunks, up to the end of the file.
#[derive(Debug, Default)]
pub(super) struct TailCache {
    pieces: VecDeque<Piece>,
    /// Position in the file of the end of the last chunk.
    end: u64,
}

#[derive(Debug)]
struct Piece {
    at: u64,
    bytes: Bytes,
}

impl Piece {
    fn end(&self) -> u64 {
        self.at + self.bytes.len() as u64
    }
}

impl TailCache {
    /// An empty cache for a file of `end` bytes.
    pub(super) fn after(end: u64) -> Self {
        Self {
            pieces: VecDeque::new(),
            end,
        }
    }

    /// Position of the first byte that is kept.
    pub(super) fn start(&self) -> u64 {
        self.pieces.front().map_or(self.end, |piece| piece.at)
    }

    /// Position behind the last byte.
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn push(&mut self, bytes: Bytes) {
        let at = self.end;
        self.end += bytes.len() as u64;
        if !bytes.is_empty() {
            self.pieces.push_back(Piece { at, bytes });
        }
    }

    /// Drops the oldest chunks until no more than `limit` bytes are kept.
    pub(super) fn keep_newest(&mut self, limit: u64) {
        while self.end - self.start() > limit {
            self.pieces.pop_front();
        }
    }

    /// Drops what lies behind `end`.
    pub(super) fn truncate(&mut self, end: u64) {
        while let Some(last) = self.pieces.pop_back() {
            if last.end() <= end {
                self.pieces.push_back(last);
                break;
            }
            if last.at < end {
                let kept = last.bytes.slice(..offset_in(end - last.at));
                self.pieces.push_back(Piece {
                    at: last.at,
                    bytes: kept,
                });
                break;
            }
        }
        self.end = self.end.min(end);
    }

    /// Up to `len` bytes from `at` on, or `None` if they are not all kept from there.
    pub(super) fn read(&self, at: u64, len: usize) -> Option<Vec<Bytes>> {
        if at < self.start() {
            return None;
        }
        let end = at.saturating_add(len as u64).min(self.end);
        let first = self.pieces.partition_point(|piece| piece.end() <= at);
        let mut chunks = Chunks::default();
        for piece in self
            .pieces
            .iter()
            .skip(first)
            .take_while(|piece| piece.at < end)
        {
            let from = offset_in(at.saturating_sub(piece.at));
            let to = offset_in(end.min(piece.end()) - piece.at);
            chunks.push(&piece.bytes, from, to);
        }
        Some(chunks.finish())
    }
}

/// Collects chunks: large ones by reference, runs of small ones as one copy.
#[derive(Default)]
struct Chunks {
    done: Vec<Bytes>,
    small: BytesMut,
}

impl Chunks {
    fn push(&mut self, piece: &Bytes, from: usize, to: usize) {
        if piece.len() < SHARED_FROM {
            self.small
                .extend_from_slice(piece.get(from..to).unwrap_or_default());
        } else {
            self.close_run();
            self.done.push(piece.slice(from..to));
        }
    }

    fn close_run(&mut self) {
        if !self.small.is_empty() {
            self.done.push(self.small.split().freeze());
        }
    }

    fn finish(mut self) -> Vec<Bytes> {
        self.close_run();
        self.done
    }
}

/// A distance within one chunk, which is in memory and so fits.
fn offset_in(distance: u64) -> usize {
    usize::try_from(distance).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(sizes: &[usize]) -> (TailCache, Vec<u8>) {
        let (mut pieces, mut all) = (TailCache::default(), Vec::new());
        for (index, size) in sizes.iter().enumerate() {
            let piece: Vec<u8> = (0..*size)
                .map(|byte| (byte + index * 31).to_le_bytes()[0])
                .collect();
            all.extend_from_slice(&piece);
            pieces.push(piece.into());
        }
        (pieces, all)
    }

    #[test]
    fn any_range_reads_back() {
        let (pieces, all) = pieces(&[3, 2000, 0, 5, 7, 1024, 1]);
        for at in (0..all.len()).step_by(13).chain([all.len()]) {
            for len in [0, 1, 2, 1000, all.len() - at, 1 << 20] {
                let read = pieces.read(at as u64, len).unwrap().concat();
                assert_eq!(
                    read,
                    all[at..all.len().min(at + len)],
                    "{len} bytes from {at}"
                );
            }
        }
    }

    #[test]
    fn large_pieces_are_shared_and_small_ones_copied_together() {
        let (pieces, _) = pieces(&[10, 10, 2000, 2000, 10, 10]);
        let chunks = pieces.read(0, 1 << 20).unwrap();
        assert_eq!(
            chunks.iter().map(Bytes::len).collect::<Vec<_>>(),
            [20, 2000, 2000, 20]
        );
        assert_eq!(chunks[1].as_ptr(), pieces.pieces[2].bytes.as_ptr());
    }

    #[test]
    fn what_was_dropped_is_not_answered() {
        let (mut pieces, all) = pieces(&[100, 200, 300]);
        pieces.keep_newest(500);
        assert_eq!(pieces.read(99, 10), None);
        assert_eq!(pieces.read(100, 1000).unwrap().concat(), all[100..]);
        pieces.keep_newest(0);
        assert_eq!((pieces.start(), pieces.end()), (600, 600));
        assert_eq!(pieces.read(600, 10), Some(Vec::new()));
    }

    #[test]
    fn a_cut_may_fall_anywhere() {
        for cut in 0..=7_u8 {
            let (mut pieces, all) = pieces(&[2, 3, 1]);
            pieces.truncate(cut.into());
            assert_eq!(pieces.end(), u64::from(cut).min(6));
            assert_eq!(
                pieces.read(0, 10).unwrap().concat(),
                all[..all.len().min(cut.into())]
            );
        }
    }
}
