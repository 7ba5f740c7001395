use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", concurrency = 0, workers = 10001)]
async fn note(_line: Text) {}

fn main() {}
