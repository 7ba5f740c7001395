//! The listener that most chapters use.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wellspring::app::RunningApp;
use wellspring::client::Record;
use wellspring::prelude::*;

use super::client::{Client, SOON};

/// Notes each order.
#[kafka_listener(topic = "${doing.topic}", group = "${doing.group}", id = "reader")]
async fn read(order: Text, record: Record, State(seen): State<Seen>) {
    let key = record
        .key()
        .map(|key| String::from_utf8_lossy(key).into_owned());
    seen.add(Delivery {
        partition: record.partition().0,
        offset: record.offset().0,
        key,
        order: order.0,
    });
}

/// An order as it was delivered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delivery {
    /// Where it was read from.
    pub partition: i32,
    /// Its place there.
    pub offset: i64,
    /// Its key as text.
    pub key: Option<String>,
    /// The order.
    pub order: String,
}

/// What a reader has been handed, in its order. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<Delivery>>>);

impl Seen {
    /// Adds a delivery.
    pub fn add(&self, delivery: Delivery) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(delivery);
    }

    /// Everything so far.
    #[must_use]
    pub fn all(&self) -> Vec<Delivery> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A running application with `read` as its one listener.
#[derive(Debug)]
pub struct Reader {
    app: RunningApp,
    seen: Seen,
    client: Client,
}

impl Reader {
    /// Starts a reader of `topic` in `group`; it has its partitions when this returns.
    ///
    /// # Errors
    /// When the application does not start.
    pub async fn start(client: &Client, topic: &str, group: &str) -> wellspring::Result<Self> {
        let seen = Seen::default();
        let app = client.app(topic, group)?;
        let app = app.state(seen.clone()).listener(read).start().await?;
        Ok(Self {
            app,
            seen,
            client: client.clone(),
        })
    }

    /// The partitions it has now.
    #[must_use]
    pub fn partitions(&self) -> Vec<i32> {
        let listeners = self.app.listeners();
        let partitions = listeners.iter().flat_map(|listener| listener.partitions());
        partitions.map(|at| at.partition.0).collect()
    }

    /// What it was handed so far, in its order.
    #[must_use]
    pub fn seen(&self) -> Vec<Delivery> {
        self.seen.all()
    }

    /// Waits until it was handed so many orders, and returns them.
    ///
    /// # Errors
    /// When it was not within half a minute.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub async fn has_seen(&self, count: usize) -> wellspring::Result<Vec<Delivery>> {
        let what = format!("a reader to be handed {count} orders");
        let look = async || Some(self.seen()).filter(|seen| seen.len() >= count);
        self.client.until(&what, SOON, look).await
    }

    /// Stops it: it commits what it has finished and leaves its group.
    pub async fn stop(self) {
        self.app.stop(Duration::from_secs(5)).await;
    }
}
