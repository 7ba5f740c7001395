use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
struct TopUp {
    card: String,
}

#[derive(Serialize, Deserialize, Event)]
#[event(key = "card")]
struct Refund {
    card: String,
}

fn main() {}
