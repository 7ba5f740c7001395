use wellspring::prelude::*;

struct Notes;

#[kafka_listeners]
impl Notes {
    #[kafka_listener(topic = "notes", group = "notes")]
    async fn note(self, _line: Text) {}

    #[kafka_listener(topic = "notes", group = "notes")]
    async fn change(&mut self, _line: Text) {}
}

fn main() {}
