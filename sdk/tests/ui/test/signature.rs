struct TestKafka;

#[wellspring_macros::test]
fn not_async(_kafka: TestKafka) {}

#[wellspring_macros::test]
async fn no_kafka() {}

#[wellspring_macros::test]
async fn two(_kafka: TestKafka, _other: TestKafka) {}

#[wellspring_macros::test]
async fn generic<T>(_kafka: T) {}

#[wellspring_macros::test]
async fn borrowed(_kafka: &TestKafka) {}

fn main() {}
