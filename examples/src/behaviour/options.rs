//! How the program is run, and where it is then.

use std::net::SocketAddr;
use std::path::PathBuf;

/// How to run the program.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where HTTP listens.
    pub listen: String,
    /// Where the counts and the archive are, and the broker's log when it is our own; `None` makes
    /// a folder that ends with the program.
    pub data_dir: Option<PathBuf>,
    /// The Kafka to use; `None` asks the configuration, and starts a broker when that names none.
    pub bootstrap_servers: Option<String>,
    /// How many visitors to simulate.
    pub simulate: u32,
}

/// Where a running instance can be reached.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where HTTP listens.
    pub http: SocketAddr,
    /// The Kafka in use.
    pub bootstrap_servers: String,
    /// Whether that Kafka is a broker of our own.
    pub own_broker: bool,
    /// Where the counts and the archive are.
    pub data_dir: PathBuf,
}
