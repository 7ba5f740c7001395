use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(_line: &Text, #[header("source")] _source: &str, _bytes: &[u8]) {}

fn main() {}
