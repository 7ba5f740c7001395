//! The CSV file: one row per measurement, appended as it is made, so that a run can go on later.
//!
//! Its first line is a comment that says on which machine, Kafka and grid the rows were measured.
//! Rows of another one are never added to it.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::grid::Measurement;
use super::machine::Machine;
use super::row::Row;

/// What all rows of a file have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The machine.
    pub machine: Machine,
    /// The Kafka.
    pub broker: String,
    /// The grid in one line.
    pub grid: String,
    /// The longest time that a backlog is drained, and that a paced load lasts.
    pub window: Duration,
    /// Records of a backlog with small payloads.
    pub backlog: u64,
    /// How the program was built: `release` or `debug`.
    pub build: String,
}

/// The file, with the measurements that it has.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    file: File,
    done: HashSet<Measurement>,
}

/// A file of results cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultsError {
    /// It cannot be read or written.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It has rows, but not of this run.
    #[error("{} was measured with another {what}: {theirs}; here it is {ours}. Give another file with --csv, or remove this one", path.display())]
    AnotherOrigin {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// In the file.
        theirs: String,
        /// Of this run.
        ours: String,
    },
    /// It is not what this program writes.
    #[error("{} is no file of results: {reason}. Give another file with --csv, or remove this one", path.display())]
    NotResults {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

const MARK: &str = "# concurrency-models ";

impl Results {
    /// Opens the file, or makes it. A row that was cut off when a run was killed is removed.
    ///
    /// # Errors
    /// When it cannot be used, or has rows of another machine, Kafka or grid.
    pub fn open(path: &Path, origin: &Origin) -> Result<Self, ResultsError> {
        let io = |source| ResultsError::Io {
            path: path.to_owned(),
            source,
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(io(error)),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut done = HashSet::new();
        if let Some(text) = text.get(..whole).filter(|text| !text.is_empty()) {
            let (theirs, rows) = parse(path, text)?;
            theirs.check(path, origin)?;
            done.extend(rows.iter().map(Row::measurement));
        }
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(io)?;
        file.set_len(u64::try_from(whole).unwrap_or(u64::MAX))
            .map_err(io)?;
        if whole == 0 {
            let origin = serde_json::to_string(origin).map_err(|error| io(error.into()))?;
            file.write_all(format!("{MARK}{origin}\n").as_bytes())
                .map_err(io)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            done,
        })
    }

    /// The measurements that the file has.
    #[must_use]
    pub const fn done(&self) -> &HashSet<Measurement> {
        &self.done
    }

    /// Adds a row; it is in the file when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, row: &Row) -> Result<(), ResultsError> {
        let is_first = self.done.is_empty();
        self.write(row, is_first)
            .map_err(|source| ResultsError::Io {
                path: self.path.clone(),
                source,
            })?;
        self.done.insert(row.measurement());
        Ok(())
    }

    /// Writes a row, behind the names of the columns if it is the first, in a single write: whoever
    /// is killed in between leaves a line that is whole or has no end.
    fn write(&mut self, row: &Row, is_first: bool) -> io::Result<()> {
        let mut lines = csv::WriterBuilder::new()
            .has_headers(is_first)
            .from_writer(Vec::new());
        lines.serialize(row).map_err(io::Error::other)?;
        let lines = lines
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))?;
        self.file.write_all(&lines)?;
        self.file.sync_data()
    }
}

/// Reads a file of results.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn read(path: &Path) -> Result<(Origin, Vec<Row>), ResultsError> {
    let text = std::fs::read_to_string(path).map_err(|source| ResultsError::Io {
        path: path.to_owned(),
        source,
    })?;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    parse(path, text.get(..whole).unwrap_or_default())
}

fn parse(path: &Path, text: &str) -> Result<(Origin, Vec<Row>), ResultsError> {
    let wrong = |reason: String| ResultsError::NotResults {
        path: path.to_owned(),
        reason,
    };
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let origin = first.strip_prefix(MARK).ok_or_else(|| {
        wrong(format!(
            "its first line does not begin with `{}`",
            MARK.trim()
        ))
    })?;
    let origin = serde_json::from_str(origin).map_err(|error| wrong(error.to_string()))?;
    let rows: Result<Vec<Row>, _> = csv::Reader::from_reader(rest.as_bytes())
        .deserialize()
        .collect();
    Ok((origin, rows.map_err(|error| wrong(error.to_string()))?))
}

impl Origin {
    /// Checks that rows of `ours` may stand beside rows of this one.
    fn check(&self, path: &Path, ours: &Self) -> Result<(), ResultsError> {
        let pairs = [
            (
                "machine",
                self.machine.to_string(),
                ours.machine.to_string(),
            ),
            ("Kafka", self.broker.clone(), ours.broker.clone()),
            ("grid", self.grid.clone(), ours.grid.clone()),
            (
                "window",
                format!("{:?}", self.window),
                format!("{:?}", ours.window),
            ),
            (
                "backlog",
                self.backlog.to_string(),
                ours.backlog.to_string(),
            ),
            ("build", self.build.clone(), ours.build.clone()),
        ];
        for (what, theirs, ours) in pairs {
            if theirs != ours {
                return Err(ResultsError::AnotherOrigin {
                    path: path.to_owned(),
                    what,
                    theirs,
                    ours,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{origin, row};
    use super::*;

    #[test]
    fn what_was_written_is_there_again_and_more_can_follow() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        for round in 1..=2 {
            let mut results = Results::open(&path, &origin()).unwrap();
            assert_eq!(results.done().len(), round as usize - 1);
            results.append(&row(round, 4, 1, 1000.0)).unwrap();
        }
        let (found, rows) = read(&path).unwrap();
        assert_eq!(found, origin());
        assert_eq!(rows, [row(1, 4, 1, 1000.0), row(2, 4, 1, 1000.0)]);
    }

    #[test]
    fn a_row_that_was_cut_off_is_measured_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        let mut results = Results::open(&path, &origin()).unwrap();
        results.append(&row(1, 4, 1, 1000.0)).unwrap();
        let one = std::fs::read_to_string(&path).unwrap();
        results.append(&row(2, 4, 1, 1000.0)).unwrap();
        let two = std::fs::read_to_string(&path).unwrap();
        for end in one.len()..two.len() {
            std::fs::write(&path, &two[..end]).unwrap();
            assert_eq!(read(&path).unwrap().1.len(), 1);
            assert_eq!(Results::open(&path, &origin()).unwrap().done().len(), 1);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), one);
        }
    }

    #[test]
    fn rows_of_another_machine_or_grid_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.csv");
        drop(Results::open(&path, &origin()).unwrap());
        let mut other = origin();
        other.machine.cores = 64;
        let refusal = Results::open(&path, &other).unwrap_err().to_string();
        assert!(
            refusal.contains("another machine") && refusal.contains("64 cores"),
            "{refusal}"
        );
        let other = Origin {
            grid: "full".to_owned(),
            ..origin()
        };
        let refusal = Results::open(&path, &other).unwrap_err().to_string();
        assert!(
            refusal.contains("another grid") && refusal.contains("--csv"),
            "{refusal}"
        );
    }

    #[test]
    fn a_file_of_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "milk\neggs\n").unwrap();
        let refusal = Results::open(&path, &origin()).unwrap_err().to_string();
        assert!(refusal.contains("is no file of results"), "{refusal}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "milk\neggs\n");
    }
}
