use wellspring::prelude::*;

#[kafka_listener(group = "notes")]
async fn note(_line: Text) {}

fn main() {}
