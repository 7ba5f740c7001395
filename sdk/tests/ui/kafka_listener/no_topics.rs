use wellspring::prelude::*;

#[kafka_listener(topics = [], group = "notes")]
async fn note(_line: Text) {}

fn main() {}
