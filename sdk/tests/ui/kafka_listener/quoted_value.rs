use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", workers = "16", auto_startup = "no")]
async fn note(_line: Text) {}

fn main() {}
