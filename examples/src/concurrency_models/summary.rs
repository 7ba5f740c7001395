//! The rows of all rounds, cell by cell: medians, and comparisons that are taken inside a round.

use std::collections::BTreeMap;

use super::cell::{Cell, Model};
use super::row::Row;

/// The rows of a run, cell by cell.
#[derive(Debug)]
pub struct Summary {
    cells: BTreeMap<Cell, Measured>,
}

/// All rounds of a cell.
#[derive(Debug)]
pub struct Measured {
    /// The cell.
    pub cell: Cell,
    rows: Vec<Row>,
}

/// How much one cell is faster than another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// Median over the rounds that have both; a ratio is taken inside a round.
    pub median: f64,
    /// The lowest round's.
    pub low: f64,
    /// The highest round's.
    pub high: f64,
    /// Rounds that have both.
    pub rounds: usize,
    /// Rounds in which the one that the median calls faster was faster.
    pub agreeing: usize,
}

/// What a ratio says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The first is faster.
    Faster,
    /// The second is faster.
    Slower,
    /// The difference is within [`EQUAL`].
    Equal,
    /// More than a fifth of the rounds say the opposite.
    Unclear,
}

/// Ratios up to this, and down to its inverse, count as equal: single runs of the same cell differ
/// by as much.
pub const EQUAL: f64 = 1.15;

impl Summary {
    /// Gathers rows.
    #[must_use]
    pub fn of(rows: Vec<Row>) -> Self {
        let mut cells: BTreeMap<Cell, Measured> = BTreeMap::new();
        for row in rows {
            let (_, cell) = row.measurement();
            let rows = Vec::new();
            let measured = cells.entry(cell).or_insert(Measured { cell, rows });
            measured.rows.push(row);
        }
        Self { cells }
    }

    /// Returns all cells, by partitions, consumers and workers.
    pub fn all(&self) -> impl Iterator<Item = &Measured> {
        self.cells.values()
    }

    /// Returns the cell with the highest throughput of those that `is_meant`.
    #[must_use]
    pub fn fastest(&self, is_meant: impl Fn(&Cell) -> bool) -> Option<&Measured> {
        self.all()
            .filter(|measured| is_meant(&measured.cell))
            .max_by(|one, other| one.rate().total_cmp(&other.rate()))
    }

    /// Returns the fastest cell of a model among those that `is_meant`.
    #[must_use]
    pub fn fastest_of(&self, model: Model, is_meant: impl Fn(&Cell) -> bool) -> Option<&Measured> {
        self.fastest(|cell| cell.model() == model && is_meant(cell))
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.all().map(|measured| measured.rows.len()).sum()
    }

    /// Returns the lowest and the highest load of the machine at the end of a cell.
    #[must_use]
    pub fn loads(&self) -> (f64, f64) {
        let loads = || {
            self.all()
                .flat_map(|measured| &measured.rows)
                .map(|row| row.load)
        };
        (
            loads().fold(f64::INFINITY, f64::min),
            loads().fold(0.0, f64::max),
        )
    }
}

impl Measured {
    /// Median of a column.
    #[must_use]
    pub fn median(&self, column: impl Fn(&Row) -> f64) -> f64 {
        median(self.rows.iter().map(column))
    }

    /// The median throughput in records per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.median(|row| row.records_per_second)
    }

    /// How much faster its fastest round was than its slowest; `None` when it has one.
    #[must_use]
    pub fn spread(&self) -> Option<f64> {
        let rates = || self.rows.iter().map(|row| row.records_per_second);
        let fastest = rates().fold(0.0, f64::max);
        let slowest = rates().fold(f64::INFINITY, f64::min);
        (self.rows.len() > 1).then_some(fastest / slowest)
    }

    /// Sum of a column over all rounds.
    #[must_use]
    pub fn total(&self, column: impl Fn(&Row) -> u64) -> u64 {
        self.rows.iter().map(column).sum()
    }

    /// Compares throughput with another cell's, round by round; `None` when no round has both.
    #[must_use]
    pub fn against(&self, other: &Self) -> Option<Ratio> {
        let pairs = self.rows.iter().filter_map(|row| {
            let same_round = |theirs: &&Row| theirs.round == row.round;
            let theirs = other.rows.iter().find(same_round)?;
            Some(row.records_per_second / theirs.records_per_second)
        });
        let ratios: Vec<f64> = pairs.collect();
        let median = median(ratios.iter().copied());
        let agrees = |ratio: &&f64| (**ratio > 1.0) == (median > 1.0);
        (!ratios.is_empty()).then(|| Ratio {
            median,
            rounds: ratios.len(),
            agreeing: ratios.iter().filter(agrees).count(),
            low: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            high: ratios.iter().copied().fold(0.0, f64::max),
        })
    }
}

impl Ratio {
    /// What it says.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        if (1.0 / EQUAL..=EQUAL).contains(&self.median) {
            Verdict::Equal
        } else if self.agreeing * 5 < self.rounds * 4 {
            Verdict::Unclear
        } else if self.median > 1.0 {
            Verdict::Faster
        } else {
            Verdict::Slower
        }
    }
}

/// The middle value; of an even number of values the higher one of the middle two.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::super::samples::row;
    use super::*;

    fn ratio(pairs: &[(f64, f64)]) -> Ratio {
        let mut rows = Vec::new();
        for (round, (one, other)) in (1..).zip(pairs) {
            rows.extend([row(round, 4, 1, *one), row(round, 1, 16, *other)]);
        }
        let summary = Summary::of(rows);
        let of = |model| summary.fastest_of(model, |_| true).unwrap();
        of(Model::ConsumerPerThread)
            .against(of(Model::ManyWorkers))
            .unwrap()
    }

    #[test]
    fn ratios_are_taken_inside_a_round() {
        // The machine was ten times as slow in the second round.
        let found = ratio(&[(2000.0, 1000.0), (200.0, 100.0), (2100.0, 1000.0)]);
        assert_eq!((found.median, found.low, found.high), (2.0, 2.0, 2.1));
    }

    #[test]
    fn a_verdict_needs_a_clear_difference_in_four_of_five_rounds() {
        assert_eq!(ratio(&[(2000.0, 1000.0)]).verdict(), Verdict::Faster);
        assert_eq!(ratio(&[(1000.0, 2000.0)]).verdict(), Verdict::Slower);
        assert_eq!(ratio(&[(1100.0, 1000.0)]).verdict(), Verdict::Equal);
        let contradictory = [(2000.0, 1000.0), (900.0, 1000.0), (2000.0, 1000.0)];
        assert_eq!(ratio(&contradictory).verdict(), Verdict::Unclear);
        let one_of_five = [(2000.0, 1000.0), (2000.0, 1000.0), (900.0, 1000.0)];
        let one_of_five = [&one_of_five[..], &[(2000.0, 1000.0); 2]].concat();
        assert_eq!(ratio(&one_of_five).verdict(), Verdict::Faster);
    }
}
