use wellspring::prelude::*;

trait Listens {
    async fn note(&self, line: Text);
}

struct Notes;

#[kafka_listeners]
impl Listens for Notes {
    #[kafka_listener(topic = "notes", group = "notes")]
    async fn note(&self, _line: Text) {}
}

fn main() {}
