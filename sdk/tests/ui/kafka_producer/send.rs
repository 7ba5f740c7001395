use wellspring::prelude::*;

#[kafka_producer]
trait Notes {
    #[send]
    async fn a(&self, line: &Text) -> SendResult;

    #[send(topics = "notes")]
    async fn b(&self, line: &Text) -> SendResult;

    #[send(topic = "a note")]
    async fn c(&self, line: &Text) -> SendResult;

    #[send(topic = "notes")]
    #[send(topic = "others")]
    async fn d(&self, line: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn e(&self, line: &Text) -> SendResult {
        self.a(line).await
    }
}

fn main() {}
