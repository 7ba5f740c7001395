//! Computing for a given time: a loop whose length is found out once per run.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How much of the loop a microsecond of processor time is.
///
/// It is measured once, before the run, and handed to every cell: measured in each cell, the noise
/// of that measurement would be part of the result.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Speed {
    turns_per_us: u64,
}

const PROBES: u32 = 5;
const TURNS_OF_A_PROBE: u64 = 5_000_000;

impl Speed {
    /// Measures it, in some 50 ms. The fastest of several probes counts, since others on the
    /// machine can only slow one down.
    #[must_use]
    pub fn measure() -> Self {
        let probes = (0..PROBES).map(|_| {
            let before = processor_time(ClockId::ThreadCPUTime);
            spin(TURNS_OF_A_PROBE);
            let took = processor_time(ClockId::ThreadCPUTime).saturating_sub(before);
            TURNS_OF_A_PROBE * 1_000 / u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1)
        });
        Self {
            turns_per_us: probes.max().unwrap_or_default().max(1),
        }
    }

    /// Computes for `time` of processor time.
    pub fn compute(self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        spin(self.turns_per_us.saturating_mul(us));
    }
}

/// Returns the user and system time of this process, or of this thread.
#[must_use]
pub fn processor_time(of: ClockId) -> Duration {
    let time = clock_gettime(of);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds)
        + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default())
}

fn spin(turns: u64) {
    let mut state = black_box(88_172_645_463_325_252_u64);
    for _ in 0..turns {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computing_takes_processor_time() {
        let speed = Speed::measure();
        let before = processor_time(ClockId::ThreadCPUTime);
        speed.compute(Duration::from_millis(5));
        assert!(processor_time(ClockId::ThreadCPUTime) > before);
    }
}
