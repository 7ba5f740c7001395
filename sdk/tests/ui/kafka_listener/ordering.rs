use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", ordering = "Keys")]
async fn note(_line: Text) {}

#[kafka_listener(topic = "notes", group = "notes", ordering = "timestamp")]
async fn other(_line: Text) {}

fn main() {}
