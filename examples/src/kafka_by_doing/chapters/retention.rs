//! Retention deletes what is old, whether or not anybody has read it.

use std::time::Duration;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, unique};
use crate::kafka_by_doing::inspect::Ends;
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::reader::Reader;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "retention",
    title: "what is old is deleted, though nobody has read it",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

/// How often a broker looks for segments to delete.
const CHECK_INTERVAL: &str = "log.retention.check.interval.ms";
/// A broker that looks less often would hold up the tour.
const MAX_CHECK_INTERVAL: Duration = Duration::from_secs(60);
/// A day and an hour, in milliseconds.
const DAY_MS: &str = "86400000";
const HOUR_MS: &str = "3600000";

/// Kafka looks for the first time half a minute after its start.
const FIRST_CHECK: Duration = Duration::from_secs(60);

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    let interval = kafka.inspector().broker_setting(CHECK_INTERVAL).await?;
    let interval = interval.and_then(|text| text.parse().ok());
    let interval = Duration::from_millis(interval.unwrap_or(u64::MAX));
    if interval > MAX_CHECK_INTERVAL {
        return Ok(Outcome::Skipped(format!(
            "this Kafka looks for what is past retention every {} s only: set {CHECK_INTERVAL} to a \
             minute or less",
            interval.as_secs()
        )));
    }
    narrator.expect(
        "A topic keeps records for `retention.ms`, a week by default, or up to `retention.bytes`. \
         Then they are gone, segment by segment. Nobody is asked: not the groups that have read \
         them, and not those that have not.",
    );

    narrator
        .step("Make a topic that keeps records for a day, and send three orders of two days ago.")
        .await;
    let settings = [("retention.ms", DAY_MS), ("segment.ms", HOUR_MS)];
    let topic = kafka.new_topic("retention", 1, &settings).await?;
    let orders = producer(kafka, &topic, &[])?;
    let two_days_ago = kafka.clock().wall() - Duration::from_hours(48);
    for number in 0..3 {
        let order = format!("order {number}");
        let receipt = orders.placed_at(two_days_ago, &order).await?;
        narrator.show(format!("{order} is at {receipt}"));
    }
    narrator.note(
        "A record's time is its sender's word, and retention goes by that time: so two days pass \
         without any waiting.",
    );

    narrator.step("Send one order of now.").await;
    let receipt = orders.anonymous("order 3").await?;
    narrator.show(format!("order 3 is at {receipt}"));
    narrator.note(
        "It does not share a segment with the others: theirs has been open for longer than \
         `segment.ms`. Retention deletes whole segments.",
    );

    narrator
        .step(&format!(
            "Wait until the broker has looked for old segments (here every {} ms).",
            interval.as_millis()
        ))
        .await;
    let what = "retention to delete what is older than a day";
    let gone = async || {
        let ends = kafka.inspector().ends(&topic, 0).await.ok()?;
        (ends.first >= 3).then_some(ends)
    };
    let ends = kafka.until(what, interval + FIRST_CHECK, gone).await?;
    narrator.show(format!("first {}, next {}", ends.first, ends.next));
    let left = Ends { first: 3, next: 4 };
    narrator.claim(
        "the three are gone, and no group had ever read them",
        ends,
        left,
    )?;

    narrator
        .step("Read the topic from its beginning, and send one more.")
        .await;
    let reader = Reader::start(kafka, &topic, &unique("retention")).await?;
    let receipt = orders.anonymous("order 4").await?;
    narrator.claim(
        "offsets are not given twice: the next one is 4",
        receipt.offset.0,
        4,
    )?;
    let seen = reader.has_seen(2).await?;
    let read: Vec<String> = seen
        .iter()
        .map(|at| format!("{} at {}", at.order, at.offset))
        .collect();
    narrator.show(format!("read: {}", read.join(", ")));
    narrator.claim(
        "a group that comes too late sees what is left, and nothing tells it of the others",
        read,
        vec!["order 3 at 3".to_owned(), "order 4 at 4".to_owned()],
    )?;
    narrator.note(
        "`retention.ms` is a promise to the disk, not to the readers: make it longer than the \
         longest time that a reader may be down.",
    );
    reader.stop().await;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}
