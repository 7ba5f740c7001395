use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.topups")]
struct TopUp {
    card: String,
}


#[kafka_listener(topic = "card.topup", group = "campus-card")]
async fn credit(_topup: TopUp) {}

#[kafka_listener(topics = ["card.topups", "card.refunds"], group = "campus-card")]
async fn refund(_key: Key<String>, _topup: Option<TopUp>) {}

fn main() {}
