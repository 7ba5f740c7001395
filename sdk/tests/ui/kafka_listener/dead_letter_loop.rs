use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", dead_letter = "notes")]
async fn note(_line: Text) {}

fn main() {}
