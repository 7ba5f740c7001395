//! Every event is counted once and archived, whatever is delivered how often.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use serde_json::{Value, json};
use wellspring::prelude::KafkaTemplate;
use wellspring::types::PartitionId;

use crate::instance::{Instance, archived, batch, ids, program, until_holds};

#[test]
fn events_are_counted_once_by_minute_page_and_kind_and_archived() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    let first = batch("a-1", 90);
    instance.accept(&first);
    // A page that heard no answer sends its batch again.
    instance.accept(&first);
    instance.accept(&batch("b-2", 9));

    until_holds("all deliveries", || {
        let counts = instance.counts();
        (&counts["events"], &counts["repeats"]) == (&json!(99), &json!(90))
    });
    let counts = instance.counts();
    let sum = |list: &str, kind: &str| -> i64 {
        let told = counts[list].as_array().unwrap().iter();
        told.map(|told| told[kind].as_i64().unwrap()).sum()
    };
    for list in ["minutes", "pages"] {
        assert_eq!(
            ["views", "clicks", "scrolls"].map(|kind| sum(list, kind)),
            [33; 3]
        );
    }
    let pages: BTreeSet<&str> = counts["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|told| told["page"].as_str().unwrap())
        .collect();
    assert_eq!(pages, BTreeSet::from(["/", "/coffee", "/tea"]));
    until_holds("the archive", || archived(folder.path()).len() == 99);
}

#[test]
fn a_group_that_starts_over_counts_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    instance.accept(&batch("a-1", 300));
    until_holds("all events", || instance.counts()["events"] == 300);
    assert!(instance.stop().success());

    // A group without offsets reads from the beginning, as one does whose commits were lost.
    let mut again = program(folder.path());
    again.env("WELLSPRING_LISTENERS_COUNT_GROUP", "starts-over");
    let instance = Instance::run(again);
    until_holds("all redeliveries", || instance.counts()["repeats"] == 300);
    assert_eq!(instance.counts()["events"], 300);
    assert_eq!(archived(folder.path()).len(), 300);
}

#[test]
fn a_program_that_is_killed_under_load_has_lost_and_doubled_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut killed = Instance::start(folder.path());
    let (told, hears) = mpsc::channel();
    let batches: Vec<Value> = thread::scope(|scope| {
        let page = killed.page();
        let posts = scope.spawn(move || {
            let mut batches = Vec::new();
            loop {
                let batch = batch("a-1", 50);
                let answer = page.post(&batch.to_string());
                batches.push(batch);
                if answer.is_none_or(|(status, _)| status != 202) {
                    return batches;
                }
                told.send(()).ok();
            }
        });
        for _ in 0..20 {
            hears.recv().unwrap();
        }
        killed.kill();
        posts.join().unwrap()
    });

    let instance = Instance::start(folder.path());
    // The last batch was not confirmed: it is sent again, as the page does.
    instance.accept(batches.last().unwrap());
    let posted: BTreeSet<String> = batches.iter().flat_map(ids).collect();
    until_holds("all events", || {
        instance.counts()["events"].as_u64() >= u64::try_from(posted.len()).ok()
    });
    until_holds("the archive", || archived(folder.path()) == posted);
    assert_eq!(instance.counts()["events"], json!(posted.len()));
}

#[test]
fn a_record_that_is_no_event_is_a_dead_letter_and_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let template = KafkaTemplate::builder(&instance.kafka).build().unwrap();
        for partition in 0..4 {
            let record = template.record("behaviour.events").text("no event");
            record
                .partition(PartitionId(partition))
                .send()
                .await
                .unwrap();
        }
    });
    for visitor in 0..20 {
        instance.accept(&batch(&format!("a-{visitor}"), 1));
    }
    until_holds("the events behind them", || {
        instance.counts()["events"] == 20
    });
    until_holds("the archive", || archived(folder.path()).len() == 20);
    let letters: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &instance.kafka)
        .create()
        .unwrap();
    let written = |partition| {
        let within = Duration::from_secs(10);
        let ends = letters.fetch_watermarks("behaviour.events-dlt", partition, within);
        ends.map_or(0, |(_, end)| end)
    };
    until_holds("one letter of each", || {
        (0..4).map(written).sum::<i64>() == 4
    });
}
