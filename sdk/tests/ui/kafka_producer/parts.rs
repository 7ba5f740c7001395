use wellspring::prelude::*;

#[kafka_producer]
trait Notes {
    #[send(topic = "notes")]
    async fn none(&self, #[key] key: &str) -> SendResult;

    #[send(topic = "notes")]
    async fn two(&self, line: &Text, other: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn keys(&self, #[key] a: &str, #[key] b: &str, line: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn both(&self, #[key] #[header("a")] a: &str, line: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn list(&self, #[key("a")] a: &str, line: &Text) -> SendResult;

    #[send(topic = "notes")]
    async fn pattern(&self, #[header("")] a: &str, Text(line): Text) -> SendResult;
}

fn main() {}
