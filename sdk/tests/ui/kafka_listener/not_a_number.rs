use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(_line: Text, _partition: i32, _meta: Metadata) {}

struct Notes;

#[kafka_listeners]
impl Notes {
    #[kafka_listener(topic = "notes", group = "notes")]
    async fn note(&self, _line: Text, _attempt: u32) {}
}

fn main() {}
