//! The records that are consumed: a backlog, and a load at an even pace.

use std::collections::VecDeque;
use std::time::Duration;

use wellspring::prelude::KafkaTemplate;
use wellspring::producer::Sending;
use wellspring::runtime::Clock;

use super::cell::Cell;
use super::keys::{self, KeySource};
use super::payload::{Stamp, nanoseconds};

/// Sends records.
#[derive(Debug)]
pub struct Load {
    template: KafkaTemplate,
    clock: Clock,
}

/// Most records that are sent and not yet acknowledged.
const MAX_IN_FLIGHT: usize = 10_000;

/// How often the paced load sends what is due.
const PACE: Duration = Duration::from_millis(1);

/// Where keys begin; a backlog and a paced load do not share theirs.
const BACKLOG_SEED: u64 = 1;
const PACED_SEED: u64 = 2;

impl Load {
    /// Sends with this producer.
    #[must_use]
    pub fn new(template: KafkaTemplate) -> Self {
        Self {
            template,
            clock: Clock::system(),
        }
    }

    /// Writes `records` to `topic` as fast as Kafka takes them.
    ///
    /// # Errors
    /// When Kafka does not acknowledge one.
    pub async fn fill(&self, topic: &str, cell: &Cell, records: u64) -> wellspring::Result {
        let mut keys = KeySource::new(cell.keys, BACKLOG_SEED)?;
        let mut in_flight = VecDeque::new();
        let sent = nanoseconds(self.clock.wall());
        for _ in 0..records {
            in_flight.push_back(self.send(topic, keys.next_stamp(sent), cell));
            if in_flight.len() >= MAX_IN_FLIGHT {
                acknowledge(&mut in_flight, MAX_IN_FLIGHT / 2).await?;
            }
        }
        acknowledge(&mut in_flight, 0).await
    }

    /// Sends `per_second` records a second to `topic`, for `window`, and returns how many they
    /// were once all are acknowledged. What is due is sent every millisecond.
    ///
    /// # Errors
    /// When Kafka does not acknowledge one.
    pub async fn pace(
        &self,
        topic: &str,
        cell: &Cell,
        per_second: f64,
        window: Duration,
    ) -> wellspring::Result<u64> {
        let mut keys = KeySource::new(cell.keys, PACED_SEED)?;
        let mut in_flight = VecDeque::new();
        let began = self.clock.now();
        let mut sent = 0;
        loop {
            let elapsed = self
                .clock
                .now()
                .saturating_duration_since(began)
                .min(window);
            let due = due(per_second, elapsed);
            while sent < due {
                let stamp = keys.next_stamp(nanoseconds(self.clock.wall()));
                in_flight.push_back(self.send(topic, stamp, cell));
                sent += 1;
            }
            if elapsed >= window {
                break;
            }
            self.clock.sleep(PACE).await;
        }
        acknowledge(&mut in_flight, 0).await?;
        Ok(sent)
    }

    fn send(&self, topic: &str, stamp: Stamp, cell: &Cell) -> Sending {
        let record = self.template.record(topic).key(&keys::name(stamp.key));
        record.bytes(stamp.payload(cell.bytes)).send()
    }
}

/// Returns how many records are due after `elapsed`: the first one at once.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of records that are sent in seconds"
)]
fn due(per_second: f64, elapsed: Duration) -> u64 {
    (per_second * elapsed.as_secs_f64()).floor() as u64 + 1
}

/// Waits for the oldest ones until `left` are.
async fn acknowledge(in_flight: &mut VecDeque<Sending>, left: usize) -> wellspring::Result {
    while in_flight.len() > left {
        if let Some(oldest) = in_flight.pop_front() {
            oldest.await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_due_at_an_even_pace() {
        assert_eq!(due(100.0, Duration::ZERO), 1);
        assert_eq!(due(100.0, Duration::from_millis(9)), 1);
        assert_eq!(due(100.0, Duration::from_millis(10)), 2);
        assert_eq!(due(0.5, Duration::from_secs(1)), 1);
    }
}
