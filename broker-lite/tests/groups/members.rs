//! librdkafka's consumers, a few at a time and polled in turn.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use broker_lite::runtime::Clock;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientContext, Message, Offset, TopicPartitionList};

use super::TOPIC;

/// How long anything may take before a test gives up.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

/// Counts the times that a member was given partitions or had some taken away.
#[derive(Clone, Default)]
pub(crate) struct Rebalances(Arc<AtomicUsize>);

impl ClientContext for Rebalances {}

impl ConsumerContext for Rebalances {
    fn post_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if !matches!(rebalance, Rebalance::Error(_)) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

pub(crate) struct Member {
    pub(crate) consumer: BaseConsumer<Rebalances>,
    /// What it has read: partition and offset.
    pub(crate) records: Vec<(i32, i64)>,
    rebalances: Rebalances,
}

impl Member {
    /// A member of the group `g`, unless `settings` say otherwise.
    pub(crate) fn join(bootstrap: &str, settings: &[(&str, &str)]) -> Self {
        let rebalances = Rebalances::default();
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", bootstrap)
            .set("group.id", "g")
            .set("auto.offset.reset", "earliest");
        config.set("session.timeout.ms", "6000");
        for (key, value) in settings {
            config.set(*key, *value);
        }
        let consumer: BaseConsumer<_> = config.create_with_context(rebalances.clone()).unwrap();
        consumer.subscribe(&[TOPIC]).unwrap();
        Self {
            consumer,
            records: Vec::new(),
            rebalances,
        }
    }

    pub(crate) fn assignment(&self) -> BTreeSet<i32> {
        self.consumer
            .assignment()
            .unwrap()
            .elements()
            .iter()
            .map(|element| element.partition())
            .collect()
    }

    pub(crate) fn rebalances(&self) -> usize {
        self.rebalances.0.load(Ordering::SeqCst)
    }

    fn poll(&mut self) {
        while let Some(message) = self.consumer.poll(Duration::from_millis(5)) {
            let message = message.unwrap();
            self.records.push((message.partition(), message.offset()));
        }
    }
}

/// Members that are polled in turn.
pub(crate) struct Crew {
    pub(crate) members: Vec<Member>,
}

impl Crew {
    pub(crate) fn new<const N: usize>(members: [Member; N]) -> Self {
        Self {
            members: members.into(),
        }
    }

    /// Polls everybody until something is so.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let clock = Clock::new();
        let deadline = clock.now() + TIMEOUT;
        while !is_so(self) {
            assert!(
                clock.now() < deadline,
                "not in {TIMEOUT:?}: {what}; shares are {:?}",
                self.shares()
            );
            for member in &mut self.members {
                member.poll();
            }
        }
    }

    /// How many partitions each one has.
    pub(crate) fn shares(&self) -> Vec<usize> {
        self.members
            .iter()
            .map(|member| member.assignment().len())
            .collect()
    }

    pub(crate) fn all_partitions(&self) -> BTreeSet<i32> {
        self.members.iter().flat_map(Member::assignment).collect()
    }

    pub(crate) fn records(&self) -> usize {
        self.members.iter().map(|member| member.records.len()).sum()
    }

    pub(crate) fn distinct_records(&self) -> usize {
        self.members
            .iter()
            .flat_map(|member| &member.records)
            .collect::<BTreeSet<_>>()
            .len()
    }
}

pub(crate) fn partitions(range: Range<i32>) -> BTreeSet<i32> {
    range.collect()
}

/// Produces records with distinct keys and waits until all are acknowledged.
pub(crate) fn produce(bootstrap: &str, count: usize) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .unwrap();
    for number in 0..count {
        let key = number.to_string();
        producer
            .send(BaseRecord::to(TOPIC).key(&key).payload("x"))
            .map_err(|(error, _)| error)
            .unwrap();
    }
    producer.flush(TIMEOUT).unwrap();
}

/// What the consumer's group has committed for a partition.
pub(crate) fn committed(
    consumer: &BaseConsumer<Rebalances>,
    topic: &str,
    partition: i32,
) -> Offset {
    let mut wanted = TopicPartitionList::new();
    wanted.add_partition(topic, partition);
    let found = consumer.committed_offsets(wanted, TIMEOUT).unwrap();
    found.find_partition(topic, partition).unwrap().offset()
}
