use wellspring::prelude::*;

#[kafka_producer]
trait Notes {
    #[send(topic = "notes")]
    fn not_async(&self, line: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn no_self(line: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn mutable(&mut self, line: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn no_answer(&self, line: &Text);
}

fn main() {}
