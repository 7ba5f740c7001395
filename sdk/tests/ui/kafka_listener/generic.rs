use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note<T>(_line: Json<T>) {}

fn main() {}
