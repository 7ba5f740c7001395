use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes", retry_panics = true, retry_rejections(yes))]
async fn note(_line: Text) {}

fn main() {}
