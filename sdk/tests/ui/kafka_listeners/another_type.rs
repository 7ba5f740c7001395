use wellspring::prelude::*;

#[kafka_producer]
trait Sends {
    #[send(topic = "sent")]
    async fn sent(&self, line: &str) -> SendResult;
}

struct Notes<S>(S);

#[kafka_listeners(Other<KafkaSends>)]
impl<S: Sends> Notes<S> {
    #[kafka_listener(topic = "notes", group = "notes")]
    async fn note(&self, _line: Text) {}
}

struct Lines<S>(S);

#[kafka_listeners]
impl<S: Sends> Lines<S> {
    #[kafka_listener(topic = "lines", group = "lines")]
    async fn note(&self, _line: Text) {}
}

fn main() {}
