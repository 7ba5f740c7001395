use wellspring::prelude::*;

#[kafka_listener(topic = "notes", topics = ["others"], group = "notes")]
async fn note(_line: Text) {}

fn main() {}
