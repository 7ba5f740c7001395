//! What a process uses, as Linux tells it under `/proc`.

use std::collections::HashSet;
use std::net::SocketAddr;

use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::{FDTarget, Process};
use serde::{Deserialize, Serialize};

/// What this process uses now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Its threads.
    pub threads: u64,
    /// Its open TCP connections, without those to the server that stands in for another service.
    pub connections: u64,
    /// The most memory it ever had, in KiB.
    pub peak_memory_kib: u64,
}

impl Usage {
    /// Reads it for this process; connections to `other` do not count.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn read(other: SocketAddr) -> wellspring::Result<Self> {
        let process = Process::myself()?;
        let status = process.status()?;
        Ok(Self {
            threads: status.threads,
            connections: connections(&process, other)?,
            peak_memory_kib: status.vmhwm.unwrap_or_default(),
        })
    }
}

fn connections(process: &Process, other: SocketAddr) -> wellspring::Result<u64> {
    let mut sockets = HashSet::new();
    for descriptor in process.fd()? {
        if let FDTarget::Socket(inode) = descriptor?.target {
            sockets.insert(inode);
        }
    }
    // A process without IPv6 has no such table.
    let entries = process
        .tcp()?
        .into_iter()
        .chain(process.tcp6().unwrap_or_default());
    let is_ours = |entry: &TcpNetEntry| {
        entry.state == TcpState::Established
            && entry.remote_address != other
            && sockets.contains(&entry.inode)
    };
    let ours = entries.filter(is_ours).count();
    Ok(u64::try_from(ours)?)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_counts_at_both_ends_unless_it_leads_to_the_other_service() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let nobody = "127.0.0.1:1".parse().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        let accepted = listener.accept().unwrap();

        let to = |other| connections(&Process::myself().unwrap(), other).unwrap();
        assert!(to(nobody) >= 2, "{}", to(nobody));
        let from = stream.local_addr().unwrap();
        assert_eq!(to(nobody) - to(from), 1);
        drop((stream, accepted));
    }
}
