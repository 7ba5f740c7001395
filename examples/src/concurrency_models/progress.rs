//! How far a run is, and how long it will take.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use wellspring::runtime::Clock;

use super::row::Row;

/// Shows how far a run is: as a bar on a terminal, else a line for each measurement.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    estimate: Estimate,
    clock: Clock,
    began: Instant,
}

/// How long a run will take, by what it has taken so far.
#[derive(Debug, Clone, Copy)]
struct Estimate {
    all: usize,
    done: usize,
    /// Of one measurement, before there is any.
    guess: Duration,
}

impl Progress {
    /// Begins to show the progress of `all` measurements, each of which may take `guess`.
    #[must_use]
    pub fn begin(all: usize, guess: Duration) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| bar(all));
        let clock = Clock::system();
        let progress = Self {
            bar,
            estimate: Estimate {
                all,
                done: 0,
                guess,
            },
            began: clock.now(),
            clock,
        };
        progress.say(&format!("{all} measurements"));
        progress
    }

    /// Notes that something begins that is no measurement.
    pub fn say(&self, what: &str) {
        let left = self
            .estimate
            .left(self.clock.now().saturating_duration_since(self.began));
        let left = humantime::format_duration(Duration::from_secs(left.as_secs()));
        match &self.bar {
            Some(bar) => bar.set_message(format!("about {left} left · {what}")),
            None => {
                let Estimate { all, done, .. } = self.estimate;
                eprintln!("{done}/{all}, about {left} left: {what}");
            }
        }
    }

    /// Notes that a measurement was made.
    pub fn made(&mut self, row: &Row) {
        self.estimate.done += 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        let (round, cell) = row.measurement();
        self.say(&format!(
            "round {round}, {cell}: {:.0} records/s",
            row.records_per_second
        ));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }
}

impl Estimate {
    fn left(self, elapsed: Duration) -> Duration {
        let count = |measurements| u32::try_from(measurements).unwrap_or(u32::MAX);
        let left = count(self.all.saturating_sub(self.done));
        match elapsed.checked_div(count(self.done)) {
            Some(each) => each.saturating_mul(left),
            None => self.guess.saturating_mul(left),
        }
    }
}

fn bar(all: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(all).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_follows_what_was_measured() {
        let estimate = |done| Estimate {
            all: 10,
            done,
            guess: Duration::from_secs(3),
        };
        let elapsed = Duration::from_secs(8);
        assert_eq!(estimate(0).left(elapsed), Duration::from_secs(30));
        assert_eq!(estimate(4).left(elapsed), Duration::from_secs(12));
        assert_eq!(estimate(10).left(elapsed), Duration::ZERO);
    }
}
