use wellspring::prelude::*;

#[kafka_producer]
trait Notes<T> {
    #[send(topic = "notes")]
    async fn note(&self, line: &Json<T>) -> SendResult;

    #[send(topic = "notes")]
    async fn other<U>(&self, line: &Json<U>) -> SendResult;
}

fn main() {}
