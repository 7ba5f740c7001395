use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.topups")]
struct TopUp {
    card: String,
}

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.refunds")]
struct Refund {
    card: String,
}

#[kafka_listener(group = "campus-card")]
async fn credit(_topup: TopUp, _refund: Option<Refund>) {}

fn main() {}
