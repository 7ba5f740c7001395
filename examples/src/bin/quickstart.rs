//! The smallest whole service: a producer, a listener, and a broker that starts with them.
//!
//! ```text
//! cargo run --bin quickstart
//! ```

#![expect(clippy::print_stdout, reason = "it talks to a person")]

use broker_lite::Broker;
use wellspring::prelude::*;

/// The type names its topic and its key, so producer and listener cannot disagree.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(topic = "greetings", key = "name")]
struct Greeting {
    name: String,
    text: String,
}

#[kafka_producer]
trait Greetings {
    async fn greet(&self, #[header("source")] source: &str, greeting: &Greeting) -> SendResult;
}

#[kafka_listener(
    group = "quickstart",
    workers = 4,
    retry = "3 x 200ms exponential",
    dead_letter
)]
async fn print(greeting: Greeting, #[header("source")] source: String, meta: Metadata) {
    let Greeting { name, text } = greeting;
    println!("{name}: {text} (from {source}, offset {})", meta.offset);
}

#[tokio::main]
async fn main() -> wellspring::Result {
    // Any Kafka will do: leave the broker out and set WELLSPRING_BOOTSTRAP_SERVERS.
    let broker = Broker::builder().start().await?;

    let app = App::from_env()?
        .set("kafka.bootstrap-servers", broker.bootstrap())
        .topic("greetings", 4)
        .discover() // every #[kafka_listener] in this program
        .start() // returns once the partitions are assigned
        .await?;

    let greetings = KafkaGreetings::new(app.template()?);
    for name in ["Ada", "Grace", "Edsger"] {
        let (name, text) = (name.to_owned(), "hello".to_owned());
        let greeting = Greeting { name, text };
        let sent = greetings.greet("quickstart", &greeting).await?;
        let (partition, offset) = (sent.partition, sent.offset);
        println!("sent to partition {partition} at offset {offset}");
    }

    app.run().await // until SIGTERM or ctrl-c
}
