use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.topups", key = "crad")]
struct TopUp {
    card: String,
}

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.refunds", key = "card..no")]
struct Refund {
    card: String,
}

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "pings", key = "id")]
struct Ping;

fn main() {}
