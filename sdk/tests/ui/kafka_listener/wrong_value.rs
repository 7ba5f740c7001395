use wellspring::prelude::*;

#[kafka_listener(
    topics = ["notes", 5],
    group = notes,
    concurrency = true,
    retry = 3,
    dead_letter = false,
    classify = "classify",
    auto_startup = 1
)]
async fn note(_line: Text) {}

fn main() {}
