struct TestKafka;

#[wellspring_macros::test]
struct Test;

fn main() {}
