use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", on_exhausted = "deadletter")]
async fn note(_line: Text) {}

fn main() {}
