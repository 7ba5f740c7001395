use wellspring::prelude::*;

#[kafka_listener(topic = "notes", group = "notes")]
async fn note(
    _line: Text,
    #[header] _a: String,
    #[header = "b"] _b: String,
    #[header("")] _c: String,
    #[header("d")]
    #[header("e")]
    _d: String,
) {
}

fn main() {}
