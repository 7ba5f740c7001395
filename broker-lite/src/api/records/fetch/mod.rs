//! Fetch, key 1, versions 4-18.
//!
//! *Behaviour.* Reads whole batches, from the one that contains the offset asked for on, within the
//! limits of the request; the first batch of the first partition that has any goes out even over
//! the limits. If there are fewer than `min_bytes` and nothing is wrong with any partition, the
//! request waits for an append, a deletion or its deadline. The data is read when the answer is
//! made. Unknown topics and partitions wait along with the others.
//!
//! A connection that fetches other partitions than before is answered after 2 ms at the latest, its
//! next fetch for the same ones after 4 ms, and so on up to the wait it asks for: a consumer that
//! has just been given its partitions learns their offsets one by one, asks for the first of them
//! alone, and would wait half a second there, or twice, before it asks for the others. A request
//! with `min_bytes` above 1 waits as long as it asks for.
//!
//! Batches that are damaged on disk are not sent: the reader gets CORRUPT_MESSAGE and stays in front
//! of them. Kafka sends them and leaves the check to its clients.
//!
//! *Versions.* 5: log start offset. 7: sessions (KIP-227). 9: leader epochs (KIP-320). 10: zstd,
//! which older versions get as well. 11: rack (KIP-392). 12: flexible, diverging epochs (KIP-595).
//! 13: topics by id (KIP-516). 15: the replica's id is a tag (KIP-903). 16: leader hints (KIP-951).
//! 17: directory ids (KIP-853). 18: high watermarks of replicas (KIP-1166).
//!
//! *Known gaps.* No leader hints, since leadership does not move. A follower's fetch is
//! answered like a consumer's. An isolation level that does not exist reads what is uncommitted.

mod session_cache;
mod session;
mod target;
mod read;

use std::ops::RangeInclusive;
use std::time::Duration;

pub(crate) use session_cache::FetchSessionCache;

use self::read::Pass;
use self::target::FetchTarget;
use crate::api::context::{Call, RecordsContext};
use crate::api::{Api, NoReply};
use crate::purgatory::{Wait, Woken};
use crate::replica::Registration;
use crate::wire::ErrorCode;
use crate::wire::fetch::{FetchRequest, FetchResponse};

/// Longest wait of the first fetch for these partitions on a connection.
const FIRST_WAIT: Duration = Duration::from_millis(2);

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct Fetch;

impl Api for Fetch {
    const KEY: i16 = 1;
    const NAME: &'static str = "Fetch";
    const VERSIONS: RangeInclusive<i16> = 4..=18;
    const WAITS: bool = true;

    type Context = RecordsContext;
    type Request = FetchRequest;
    type Response = FetchResponse;

    async fn handle(
        context: &RecordsContext,
        call: &mut Call<'_>,
        request: FetchRequest,
    ) -> Result<FetchResponse, NoReply> {
        let by_id = call.version >= 13;
        let opened = context
            .fetch_sessions
            .open(&request, by_id, context.clock.now());
        let (kind, mut targets) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                return Ok(FetchResponse {
                    error,
                    session_id: 0,
                    topics: Vec::new(),
                });
            }
        };
        let pass = read_or_wait(context, call, &request, &mut targets).await;
        Ok(FetchResponse {
            error: ErrorCode::None,
            session_id: kind.id(),
            topics: context.fetch_sessions.answer(kind, pass.partitions),
        })
    }
}

/// Reads until there is enough data or the time is up.
async fn read_or_wait(
    context: &RecordsContext,
    call: &mut Call<'_>,
    request: &FetchRequest,
    targets: &mut [FetchTarget],
) -> Pass {
    let first = Pass::read(context, request, targets).await;
    if first.is_enough(request, first.unknown) {
        return first;
    }
    let wait = Wait::new(&context.clock, max_wait(call, request, targets));
    let view = context.replicas.view();
    let _registered: Vec<Registration> = targets
        .iter()
        .filter_map(|target| target.partition(&view).ok())
        .map(|partition| partition.register(wait.news()))
        .collect();
    loop {
        // Registered before reading, so that an append in between is noticed.
        let pass = Pass::read(context, request, targets).await;
        if pass.is_enough(request, first.unknown) || wait.wait().await == Woken::Deadline {
            return pass;
        }
    }
}

/// Returns how long the request may wait for data.
fn max_wait(call: &mut Call<'_>, request: &FetchRequest, targets: &[FetchTarget]) -> Duration {
    let asked = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    if request.min_bytes > 1 {
        return asked;
    }
    // Their order changes with every answer, so it does not count.
    let partitions = targets
        .iter()
        .map(FetchTarget::fingerprint)
        .fold(1, u64::wrapping_add);
    asked.min(longest_wait(call.session.fetches.record(partitions)))
}

/// Returns the longest wait after so many fetches in a row for the same partitions: it doubles with
/// each.
fn longest_wait(repeated: u32) -> Duration {
    2_u32
        .checked_pow(repeated)
        .and_then(|times| FIRST_WAIT.checked_mul(times))
        .unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::session::FetchHistory;

    #[test]
    fn a_connection_is_made_to_wait_longer_the_longer_it_asks_for_the_same_partitions() {
        let mut history = FetchHistory::default();
        let mut wait = |partitions| longest_wait(history.record(partitions)).as_millis();
        assert_eq!(
            [wait(7), wait(7), wait(7)],
            [2, 4, 8],
            "the same partitions"
        );
        assert_eq!([wait(8), wait(8)], [2, 4], "others");
        assert_eq!(wait(7), 2, "the first ones again");
        assert_eq!(longest_wait(u32::MAX), Duration::MAX);
    }
}
