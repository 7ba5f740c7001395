struct TestKafka;

#[wellspring_macros::test(topics = "a topic:1, orders:0, ${orders}:many", topcis = "orders")]
async fn placeholder(_kafka: TestKafka) {}

#[wellspring_macros::test(topics = "a topic:1, orders:0, others:many")]
async fn names(_kafka: TestKafka) {}

#[wellspring_macros::test(topics, settings("log.retention.ms" = 5))]
async fn values(_kafka: TestKafka) {}

fn main() {}
