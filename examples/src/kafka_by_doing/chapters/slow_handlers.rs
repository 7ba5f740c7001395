//! A handler that takes long holds up its own key, and the commit; it costs no membership.

use std::time::Duration;

use wellspring::app::RunningApp;
use wellspring::client::Record;
use wellspring::prelude::*;
use wellspring::runtime::Clock;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, SOON, unique};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::reader::{Delivery, Seen};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "slow-handlers",
    title: "who waits for a handler that takes long",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

/// What roasting takes: longer than the group lets a consumer go without a poll.
const ROASTING: Duration = Duration::from_secs(8);
const ROAST: &str = "roast";

/// Brews in no time and roasts in eight seconds.
#[kafka_listener(
    topic = "${doing.topic}",
    group = "${doing.group}",
    id = "barista",
    workers = 4,
    ordering = "key",
    properties("session.timeout.ms" = "6000", "max.poll.interval.ms" = "6000")
)]
async fn serve(order: Text, record: Record, State(served): State<Seen>) {
    if order.0 == ROAST {
        Clock::system().sleep(ROASTING).await;
    }
    let key = record
        .key()
        .map(|key| String::from_utf8_lossy(key).into_owned());
    served.add(Delivery {
        partition: record.partition().0,
        offset: record.offset().0,
        key,
        order: order.0,
    });
}

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    narrator.expect(
        "With `workers = 4` and `ordering = \"key\"`, four orders of one partition are handled at \
         the same time, those of one customer one after the other. A slow one holds up its own \
         customer, and the commit; it does not hold up the others, and it does not cost the \
         membership, since polling never waits for a handler.",
    );

    narrator
        .step("Send Ada's roast, her coffee, and four orders of others, to one partition.")
        .await;
    let topic = kafka.new_topic("slow", 1, &[]).await?;
    let orders = producer(kafka, &topic, &[])?;
    orders.placed("Ada", ROAST).await?;
    orders.placed("Ada", "coffee").await?;
    for customer in ["Grace", "Edsger", "Barbara", "Donald"] {
        orders.placed(customer, "coffee").await?;
    }
    let group = unique("slow");
    let served = Seen::default();
    let app = kafka.app(&topic, &group)?.state(served.clone());
    let app = app.listener(serve).start().await?;

    let count = async |count| {
        let what = format!("{count} orders to be served");
        let look = async || Some(served.all()).filter(|all| all.len() >= count);
        kafka.until(&what, SOON, look).await
    };
    let others: Vec<i64> = offsets(&count(4).await?);
    narrator.show(format!(
        "served while the roast is not done: offsets {others:?}"
    ));
    narrator.claim(
        "the others' orders do not wait for it",
        sorted(others),
        vec![2, 3, 4, 5],
    )?;

    let committed = kafka.inspector().committed(&group, &topic, 0).await?;
    let shown = committed.map_or("nothing".to_owned(), |next| next.to_string());
    narrator.show(format!("committed {shown}"));
    narrator.claim(
        "the commit waits at the roast, so that a crash loses nothing",
        committed.unwrap_or(0),
        0,
    )?;

    narrator
        .step("Wait for the roast: eight seconds, with a `max.poll.interval.ms` of six.")
        .await;
    let all = count(6).await?;
    narrator.show(format!("served: offsets {:?}", offsets(&all)));
    narrator.claim(
        "Ada's coffee came after her roast",
        offsets(&all).split_off(4),
        vec![0, 1],
    )?;
    narrator.claim(
        "the listener has kept its partition",
        partitions(&app),
        vec![0],
    )?;
    let look = async || {
        let committed = kafka.inspector().committed(&group, &topic, 0).await;
        committed.ok().flatten().filter(|next| *next == 6)
    };
    let committed = kafka
        .until("the group to have committed 6", SOON, look)
        .await?;
    narrator.claim("the commit has caught up", committed, 6)?;
    narrator.claim("every order was served once", served.all().len(), 6)?;
    narrator.note(
        "A loop that handles on the thread that polls would have been out of its group after six \
         seconds, and somebody else would have roasted as well.",
    );
    app.stop(Duration::from_secs(5)).await;
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}

fn offsets(served: &[Delivery]) -> Vec<i64> {
    served.iter().map(|at| at.offset).collect()
}

fn sorted(mut offsets: Vec<i64>) -> Vec<i64> {
    offsets.sort_unstable();
    offsets
}

fn partitions(app: &RunningApp) -> Vec<i32> {
    let listeners = app.listeners();
    let partitions = listeners.iter().flat_map(|listener| listener.partitions());
    partitions.map(|at| at.partition.0).collect()
}
