use wellspring::prelude::*;

struct Notes<T>(T);

#[kafka_listeners]
impl<T> Notes<T> {
    #[kafka_listener(topic = "notes", group = "notes")]
    async fn note(&self, _line: Text) {}
}

fn main() {}
