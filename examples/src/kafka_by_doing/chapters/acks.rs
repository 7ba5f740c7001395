//! What a producer knows about a record that it has sent: `acks`.

use std::time::Duration;

use wellspring::prelude::*;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, SOON};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{KafkaOrders, Orders as _, producer, told};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "acks",
    title: "acks 0, 1 and all, as the client sees them",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

/// Orders that are sent one after the other, to see what an acknowledgement costs.
const TIMED: u32 = 200;
/// The largest batch that the topic takes, in bytes.
const MAX_BATCH: usize = 1000;

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "`acks` says what a producer waits for. 0: nothing, the record is sent. 1: the leader has \
         it. all: all in-sync replicas have it. With one broker 1 and all come to the same; what 1 \
         loses takes three, in the chapter acks-1-loses. What 0 loses can be seen here.",
    );

    narrator
        .step("Send an order with each, and look at the receipts.")
        .await;
    let limit = MAX_BATCH.to_string();
    let topic = kafka
        .new_topic("acks", 1, &[("max.message.bytes", &limit)])
        .await?;
    let mut producers = Vec::new();
    // An idempotent producer, which Wellspring's is, waits for all.
    for (acks, idempotence, offset) in [("all", "true", 0), ("1", "false", 1), ("0", "false", -1)] {
        let properties = [
            ("acks", acks),
            ("enable.idempotence", idempotence),
            // Or each order waits 5 ms for others that could share its batch.
            ("linger.ms", "0"),
        ];
        let orders = producer(kafka, &topic, &properties)?;
        let receipt = orders.anonymous("order").await?;
        narrator.show(format!("acks={acks}: {receipt}"));
        let told = if offset < 0 {
            "nobody has told the client an offset"
        } else {
            "the broker has told its offset"
        };
        narrator.claim(format!("acks={acks}: {told}"), receipt.offset.0, offset)?;
        producers.push((acks, orders));
    }
    let next = next(kafka, &topic, 3).await?;
    narrator.claim("all three are in the log", next, 3)?;

    narrator
        .step(&format!(
            "Send {TIMED} orders one after the other with each."
        ))
        .await;
    for (acks, orders) in &producers {
        let took = timed(kafka, orders).await?;
        narrator.show(format!(
            "acks={acks:<3} {:>5.0} µs an order",
            took.as_secs_f64() * 1e6 / f64::from(TIMED)
        ));
    }
    let before = 3 + 3 * i64::from(TIMED);
    let next = self::next(kafka, &topic, before).await?;
    narrator.claim("all of them are in the log", next, before)?;

    narrator
        .step(&format!(
            "Send an order that is too large: the topic takes {MAX_BATCH} bytes."
        ))
        .await;
    let large = "x".repeat(2 * MAX_BATCH);
    for (acks, orders) in &producers {
        let sent = orders.anonymous(&large).await;
        narrator.show(format!("acks={acks}: {}", told(&sent)));
        if *acks == "0" {
            narrator.claim("acks=0: the client takes it for sent", sent.is_ok(), true)?;
        } else {
            let refused = matches!(sent, Err(SendError::TooLarge { .. }));
            narrator.claim(
                format!("acks={acks}: the client hears that it was refused"),
                refused,
                true,
            )?;
        }
    }
    let [(_, careful), ..] = &*producers else {
        return Err("there are no producers".into());
    };
    let receipt = careful.anonymous("the next one").await?;
    narrator.show(format!("the next order is at {receipt}"));
    narrator.claim("none of the three is in the log", receipt.offset.0, before)?;
    narrator.note(
        "With acks=0 the broker has no way to say no: it closes the connection, and the client \
         opens another one. An order was lost, and the service has answered: done.",
    );
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}

async fn timed(kafka: &Client, orders: &KafkaOrders) -> wellspring::Result<Duration> {
    let begun = kafka.clock().now();
    for _ in 0..TIMED {
        orders.anonymous("order").await?;
    }
    Ok(kafka.clock().now().duration_since(begun))
}

/// The next offset of the partition, once it is `expected` or can't become that any more.
async fn next(kafka: &Client, topic: &str, expected: i64) -> wellspring::Result<i64> {
    // With acks=0 a client is ahead of the log.
    let look = async || {
        let ends = kafka.inspector().ends(topic, 0).await.ok()?;
        (ends.next >= expected).then_some(ends.next)
    };
    kafka
        .until("the log to have what was sent", SOON, look)
        .await
}
