//! What a consumer's process counts while it handles records.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rustix::time::ClockId;
use tokio::sync::Notify;
use wellspring::runtime::Clock;

use super::compute::processor_time;
use super::order::OrderChecker;
use super::payload::{Stamp, nanoseconds};

/// Counts handled records, and notes when the first one began and the last one ended.
#[derive(Debug)]
pub struct Tally {
    clock: Clock,
    order: OrderChecker,
    first: OnceLock<Began>,
    /// One for each partition, which only one consumer reads at a time: a single counter would
    /// slow down those models that handle on several threads.
    shards: Vec<Shard>,
    latencies: Latencies,
    has_begun: Notify,
    /// The first failure of a handler, which makes the whole measurement void.
    failure: OnceLock<String>,
}

/// Whether the time from sending to handling means something: not for a backlog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latencies {
    /// They are noted.
    Noted,
    /// They are not.
    Ignored,
}

/// When the first handler began, and the processor time that was used before.
#[derive(Debug, Clone, Copy)]
pub struct Began {
    /// By the monotonic clock.
    pub at: Instant,
    /// Of the whole process.
    pub processor_time: Duration,
}

/// Of one partition. On cache lines of its own.
#[derive(Debug)]
#[repr(align(128))]
struct Shard {
    handled: AtomicU64,
    /// When its last handler ended, in nanoseconds since the first one began.
    last_end: AtomicU64,
    /// In microseconds. Held for one entry.
    latencies: Mutex<Histogram<u64>>,
}

/// The longest latency that is told apart, in microseconds.
const MAX_LATENCY_US: u64 = 600_000_000;

impl Tally {
    /// A tally for records of `partitions` partitions with the numbers of `keys` keys.
    ///
    /// # Errors
    /// When a histogram cannot be made.
    pub fn new(partitions: u16, keys: u32, latencies: Latencies) -> wellspring::Result<Self> {
        let shards: Result<Vec<Shard>, _> = (0..partitions).map(|_| Shard::new()).collect();
        Ok(Self {
            clock: Clock::system(),
            order: OrderChecker::new(keys),
            first: OnceLock::new(),
            shards: shards?,
            latencies,
            has_begun: Notify::new(),
            failure: OnceLock::new(),
        })
    }

    /// Notes that a handler begins.
    pub fn begin(&self, stamp: Stamp) {
        if self.first.get().is_none() {
            self.first.get_or_init(|| Began {
                at: self.clock.now(),
                processor_time: processor_time(ClockId::ProcessCPUTime),
            });
            self.has_begun.notify_one();
        }
        self.order.begin(stamp.key, stamp.place);
    }

    /// Notes that a handler ends.
    pub fn end(&self, stamp: Stamp, partition: i32) {
        self.order.end(stamp.key);
        let shard = usize::try_from(partition)
            .ok()
            .and_then(|at| self.shards.get(at));
        let (Some(shard), Some(first)) = (shard, self.first.get()) else {
            return self.fail(format!(
                "a record of partition {partition}, which the topic should not have"
            ));
        };
        if self.latencies == Latencies::Noted {
            let took = nanoseconds(self.clock.wall()).saturating_sub(stamp.sent);
            shard.note_latency(took / 1_000);
        }
        let since = self.clock.now().saturating_duration_since(first.at);
        shard
            .last_end
            .fetch_max(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX), Relaxed);
        shard.handled.fetch_add(1, Relaxed);
    }

    /// Notes that a handler failed.
    pub fn fail(&self, reason: String) {
        drop(self.failure.set(reason));
    }

    /// Waits until the first handler has begun, and returns when that was.
    pub async fn begun(&self) -> Began {
        loop {
            if let Some(first) = self.first.get() {
                return *first;
            }
            self.has_begun.notified().await;
        }
    }

    /// Returns how many records were handled.
    #[must_use]
    pub fn handled(&self) -> u64 {
        self.shards
            .iter()
            .map(|shard| shard.handled.load(Relaxed))
            .sum()
    }

    /// Returns the time from the beginning of the first handler to the end of the last.
    #[must_use]
    pub fn span(&self) -> Duration {
        let ends = self.shards.iter().map(|shard| shard.last_end.load(Relaxed));
        Duration::from_nanos(ends.max().unwrap_or_default())
    }

    /// Returns the latencies of all records, in microseconds.
    ///
    /// # Errors
    /// When the histograms cannot be added up.
    pub fn latencies(&self) -> wellspring::Result<Histogram<u64>> {
        let mut all = histogram()?;
        for shard in &self.shards {
            all.add(
                &*shard
                    .latencies
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner),
            )?;
        }
        Ok(all)
    }

    /// What was seen of the order.
    #[must_use]
    pub const fn order(&self) -> &OrderChecker {
        &self.order
    }

    /// Returns the first failure of a handler.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }
}

impl Shard {
    fn new() -> wellspring::Result<Self> {
        Ok(Self {
            handled: AtomicU64::new(0),
            last_end: AtomicU64::new(0),
            latencies: Mutex::new(histogram()?),
        })
    }

    fn note_latency(&self, us: u64) {
        let mut latencies = self
            .latencies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        latencies.saturating_record(us.max(1));
    }
}

fn histogram() -> wellspring::Result<Histogram<u64>> {
    Ok(Histogram::new_with_max(MAX_LATENCY_US, 3)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn records_are_counted_over_all_partitions() {
        let tally = Tally::new(2, 2, Latencies::Noted).unwrap();
        for (key, partition) in [(0, 0), (1, 1)] {
            let stamp = Stamp {
                sent: nanoseconds(Clock::system().wall()),
                key,
                place: 0,
            };
            tally.begin(stamp);
            tally.end(stamp, partition);
        }
        tally.begun().await;
        assert_eq!(tally.handled(), 2);
        assert_eq!(tally.latencies().unwrap().len(), 2);
        assert!(tally.span() > Duration::ZERO);
        assert_eq!((tally.order().violations(), tally.failure()), (0, None));
    }
}
