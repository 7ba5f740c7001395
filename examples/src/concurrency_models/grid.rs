//! Which cells are measured, and in which order.

use std::collections::HashSet;

use super::cell::{Cell, Keys, Work};

/// The values of each setting that are measured, in blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    blocks: Vec<Block>,
}

/// All combinations of these values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Partitions of a topic.
    pub partitions: Vec<u16>,
    /// Consumers and workers of a listener.
    pub settings: Vec<(u16, u16)>,
    /// What handlers do.
    pub works: Vec<Work>,
    /// Distributions of keys.
    pub keys: Vec<Keys>,
    /// Bytes of a payload.
    pub bytes: Vec<u32>,
}

/// A cell, and which measurement of it: a cell is measured once in each round.
pub type Measurement = (u32, Cell);

const SMALL: u32 = 100;
const LARGE: u32 = 10_240;

const TIMES: [u64; 5] = [0, 100, 1_000, 10_000, 100_000];

impl Grid {
    /// The shape, in less than three minutes.
    #[must_use]
    pub fn quick() -> Self {
        let all = vec![
            (1, 1),
            (2, 1),
            (16, 1),
            (1, 16),
            (1, 256),
            (2, 16),
            (16, 16),
        ];
        let main = Block {
            partitions: vec![16],
            settings: all,
            works: vec![
                Work::Timer(0),
                Work::Timer(10_000),
                Work::Http(10_000),
                Work::Sqlite,
                Work::Compute(1_000),
            ],
            keys: vec![Keys::Uniform],
            bytes: vec![SMALL],
        };
        let times = Block {
            settings: vec![(1, 1), (16, 1), (1, 256)],
            works: [100, 1_000, 100_000].map(Work::Timer).to_vec(),
            ..main.clone()
        };
        let waiting = Block {
            works: vec![Work::Timer(10_000)],
            settings: vec![(16, 1), (1, 16), (1, 256)],
            ..main.clone()
        };
        let keys = Block {
            keys: vec![Keys::Skewed, Keys::Few],
            ..waiting.clone()
        };
        let partitions = Block {
            partitions: vec![1, 64],
            ..waiting
        };
        let large = Block {
            works: vec![Work::Timer(0)],
            settings: vec![(1, 1), (16, 1), (1, 16)],
            bytes: vec![LARGE],
            ..main.clone()
        };
        Self::of(vec![main, times, keys, partitions, large])
    }

    /// The numbers of consumers of the whole grid.
    pub const CONSUMERS: [u16; 5] = [1, 2, 4, 8, 16];
    /// The numbers of workers of the whole grid.
    pub const WORKERS: [u16; 5] = [1, 4, 16, 64, 256];

    /// The whole grid: some 6000 cells.
    #[must_use]
    pub fn full() -> Self {
        Self::of(vec![Self::everything()])
    }

    /// The values of the whole grid.
    #[must_use]
    pub fn everything() -> Block {
        let timers = TIMES.map(Work::Timer);
        let calls = TIMES.map(Work::Http);
        // Computing for no time is the timer's 0.
        let computing = TIMES.into_iter().filter(|us| *us > 0).map(Work::Compute);
        let works = timers.into_iter().chain(calls).chain([Work::Sqlite]);
        Block {
            partitions: vec![1, 4, 16, 64],
            settings: pairs(&Self::CONSUMERS, &Self::WORKERS),
            works: works.chain(computing).collect(),
            keys: vec![Keys::Uniform, Keys::Skewed, Keys::Few],
            bytes: vec![SMALL, LARGE],
        }
    }

    /// These blocks, one after the other.
    #[must_use]
    pub const fn of(blocks: Vec<Block>) -> Self {
        Self { blocks }
    }

    /// Returns what there is to measure, in the order in which it is: rounds outermost, and inside
    /// a round the settings innermost, so that what is compared is measured close together.
    ///
    /// A group gives a consumer a partition of its own or nothing, so cells with more consumers
    /// than partitions are left out: they are those with as many consumers as partitions, and some
    /// that do nothing.
    #[must_use]
    pub fn measurements(&self, rounds: u32) -> Vec<Measurement> {
        let mut seen = HashSet::new();
        let mut cells: Vec<Cell> = Vec::new();
        for cell in self.blocks.iter().flat_map(Block::cells) {
            if cell.consumers <= cell.partitions && seen.insert(cell) {
                cells.push(cell);
            }
        }
        (1..=rounds)
            .flat_map(|round| cells.iter().map(move |cell| (round, *cell)))
            .collect()
    }

    /// Returns the grid in one line. Two grids with the same line have the same cells.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let blocks = self.blocks.iter().map(|block| format!("{block:?}"));
        let text: String = blocks.collect();
        // FNV-1a: a fingerprint that is the same in every build.
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{} cells, {hash:016x}", self.measurements(1).len())
    }
}

impl Block {
    fn cells(&self) -> impl Iterator<Item = Cell> {
        let mut cells = Vec::new();
        for &partitions in &self.partitions {
            for &keys in &self.keys {
                for &bytes in &self.bytes {
                    for &work in &self.works {
                        cells.extend(self.settings.iter().map(|&(consumers, workers)| Cell {
                            partitions,
                            consumers,
                            workers,
                            work,
                            keys,
                            bytes,
                        }));
                    }
                }
            }
        }
        cells.into_iter()
    }
}

/// Every one of `consumers` with every one of `workers`.
#[must_use]
pub fn pairs(consumers: &[u16], workers: &[u16]) -> Vec<(u16, u16)> {
    let with_workers = |consumers: &u16| {
        let consumers = *consumers;
        workers.iter().map(move |workers| (consumers, *workers))
    };
    consumers.iter().flat_map(with_workers).collect()
}

/// Returns what of `all` is not `done`, in the same order.
#[must_use]
pub fn remaining(all: &[Measurement], done: &HashSet<Measurement>) -> Vec<Measurement> {
    let open = all
        .iter()
        .filter(|measurement| !done.contains(*measurement));
    open.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_grid_has_all_models_and_fits_into_three_minutes() {
        let cells = Grid::quick().measurements(1);
        assert!((40..=75).contains(&cells.len()), "{}", cells.len());
        let models: HashSet<_> = cells.iter().map(|(_, cell)| cell.model()).collect();
        assert_eq!(models.len(), 4);
    }

    #[test]
    fn the_full_grid_spans_the_whole_ranges_once_each() {
        let cells = Grid::full().measurements(1);
        let distinct: HashSet<_> = cells.iter().collect();
        assert_eq!(distinct.len(), cells.len());
        assert!(
            cells
                .iter()
                .all(|(_, cell)| cell.consumers <= cell.partitions)
        );
        assert!(
            cells
                .iter()
                .any(|(_, cell)| cell.partitions == 64 && cell.handlers() == 16 * 256)
        );
    }

    #[test]
    fn what_is_done_is_not_done_again() {
        let all = Grid::quick().measurements(2);
        let done: HashSet<_> = all.iter().take(3).copied().collect();
        let open = remaining(&all, &done);
        assert_eq!(open.len(), all.len() - 3);
        assert!(open.iter().all(|measurement| !done.contains(measurement)));
        assert_eq!(open.first(), all.get(3));
    }

    #[test]
    fn another_grid_has_another_fingerprint() {
        assert_ne!(Grid::quick().fingerprint(), Grid::full().fingerprint());
        assert_eq!(Grid::quick().fingerprint(), Grid::quick().fingerprint());
    }
}
