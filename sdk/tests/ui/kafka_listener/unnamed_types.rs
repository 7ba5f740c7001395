use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(_line: impl Into<String>) -> impl Sized {}

fn main() {}
