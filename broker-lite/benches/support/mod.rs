//! What both benchmarks need: the program as a process, and figures in a table.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A broker-lite process; killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: String,
    /// From the call of exec to the ready line.
    pub(crate) ready_after: Duration,
}

impl Process {
    /// Starts the release binary on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_broker-lite"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready_after = started.elapsed();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self {
            child,
            address,
            ready_after,
        }
    }

    /// Memory in use now, in KiB.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The middle of the measured times, and the worst.
pub(crate) fn median(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() - 1])
}

/// Rows of equal width, for people.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate().take(columns) {
            let width = width(column).unwrap_or(0);
            if column == 0 {
                write!(text, "{cell:width$}").unwrap();
            } else {
                write!(text, "  {cell:>width$}").unwrap();
            }
        }
        text.push('\n');
    }
    text
}

/// The same rows as CSV, for plots: into `BENCH_CSV_DIR`, or cargo's folder for such files.
pub(crate) fn csv(name: &str, rows: &[Vec<String>]) {
    let folder =
        std::env::var("BENCH_CSV_DIR").unwrap_or_else(|_| env!("CARGO_TARGET_TMPDIR").to_owned());
    let path = std::path::Path::new(&folder).join(name);
    let text: String = rows.iter().map(|row| row.join(",") + "\n").collect();
    std::fs::write(&path, text).unwrap();
    println!("CSV: {}", path.display());
}
