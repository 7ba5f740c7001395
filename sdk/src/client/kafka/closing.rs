//! The end of a consumer: it leaves its group, within a time.
//!
//! librdkafka closes a consumer once all its requests are answered or have timed out, and a commit
//! to a broker that answers nothing does that after minutes. A stop has a deadline, so after a
//! while a thread of its own sees the client to its end.

use std::thread;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, ConsumerContext};

use crate::runtime::Clock;

/// Longest wait for the answer to the last requests. librdkafka itself gives up on LeaveGroup after
/// the same time.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Interval at which a closing consumer is asked whether it is closed: nothing wakes its thread.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// Closes the client and serves its last callbacks.
///
/// One that is not closed in time is left to a thread of its own: another member gets its
/// partitions when the session has timed out.
pub(super) fn close<C: ConsumerContext + 'static>(client: BaseConsumer<C>) {
    // Without an error the destructor finds the client closed, and only frees it. With one, such as
    // a fatal error of the client, there is nothing to wait for.
    if client.close_queue().is_err() || is_closed_within(&client, CLOSE_TIMEOUT) {
        return drop(client);
    }
    tracing::warn!(
        within = ?CLOSE_TIMEOUT,
        "the consumer could not leave its group, since no broker answers: its partitions are given to others when its session times out"
    );
    let spawned = thread::Builder::new()
        .name("closing consumer".to_owned())
        .spawn(move || drop(client));
    if let Err(error) = spawned {
        tracing::error!(%error, "no thread to close the consumer in: it was waited for");
    }
}

fn is_closed_within<C: ConsumerContext>(client: &BaseConsumer<C>, within: Duration) -> bool {
    let clock = Clock::system();
    let deadline = clock.after(within);
    while !client.closed() {
        if clock.now() >= deadline {
            return false;
        }
        // The group's last rebalance is served here. Records are not: their partitions are gone.
        drop(client.poll(POLL_INTERVAL));
    }
    true
}
