use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.topups", key = "card")]
struct TopUp {
    #[key]
    card: String,
}

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.refunds")]
struct Refund {
    #[key]
    card: String,
    #[key]
    cents: u64,
}

fn main() {}
