use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card topups")]
struct TopUp {
    card: String,
}

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "${topic:card.refunds")]
struct Refund {
    card: String,
}

fn main() {}
