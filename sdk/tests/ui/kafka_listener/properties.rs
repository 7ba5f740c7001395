use wellspring::prelude::*;

#[kafka_listener(
    topic = "notes",
    group = "notes",
    properties(
        "group.id" = "notes",
        "enable.auto.commit" = "true",
        "" = "1",
        "fetch.min.bytes" = "1",
        "fetch.min.bytes" = "2",
        "fetch.wait.max.ms" = 5,
    )
)]
async fn note(_line: Text) {}

fn main() {}
