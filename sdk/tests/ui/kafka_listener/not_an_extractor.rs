use wellspring::prelude::*;

struct Ledger;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(_ledger: Ledger) {}

fn main() {}
