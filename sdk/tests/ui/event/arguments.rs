use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topics = "card.topups", topic, key)]
struct TopUp {
    card: String,
}

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.refunds")]
#[event(topic = "card.refunds")]
struct Refund {
    card: String,
}

fn main() {}
