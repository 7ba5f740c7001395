use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", dead_letter, on_exhausted = "skip")]
async fn note(_line: Text) {}

fn main() {}
