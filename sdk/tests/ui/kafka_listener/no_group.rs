use wellspring::prelude::*;

#[kafka_listener(topic = "notes")]
async fn note(_line: Text) {}

fn main() {}
