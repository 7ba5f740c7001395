use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(_line: Text) -> u32 {
    0
}

fn main() {}
