use wellspring::prelude::*;

#[derive(Serialize, Deserialize, Event)]
#[event(topic = "card.topups")]
struct TopUp {
    card: String,
}

#[kafka_producer]
trait TopUps {
    #[send(topic = "card.topup")]
    async fn requested(&self, topup: &TopUp) -> SendResult;
}

fn main() {}
