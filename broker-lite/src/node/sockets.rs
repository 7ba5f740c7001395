//! Binds the sockets that a node listens on.

use std::collections::HashSet;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

use super::StartError;
use crate::config::Endpoint;

/// Most attempts to find a port that is free on every address.
const MAX_ATTEMPTS: u32 = 10;

/// Binds every address that the host resolves to, and returns the sockets and the first address.
///
/// # Errors
/// [`StartError::Listen`] if this machine has none of the addresses, or one of them is taken.
pub(super) async fn bind(listen: &Endpoint) -> Result<(Vec<TcpListener>, SocketAddr), StartError> {
    let cannot = |source| StartError::Listen {
        address: shown(listen),
        source,
    };
    let wanted = addresses(listen).await.map_err(cannot)?;
    let mut attempts = if listen.port == 0 { MAX_ATTEMPTS } else { 1 };
    loop {
        attempts -= 1;
        match wanted.bind().await {
            Ok(bound) => return Ok(bound),
            Err(error) if attempts > 0 && error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(cannot(error)),
        }
    }
}

/// The addresses to bind.
#[derive(Debug)]
enum Wanted {
    /// Those of these that this machine has.
    All(Vec<SocketAddr>),
    /// All interfaces, with one IPv6 socket that takes IPv4 clients as well, where there is IPv6.
    Everywhere(u16),
}

async fn addresses(listen: &Endpoint) -> io::Result<Wanted> {
    let port = listen.port;
    let Some(host) = listen.host.as_deref() else {
        return Ok(Wanted::Everywhere(port));
    };
    let mut seen = HashSet::new();
    let resolved = tokio::net::lookup_host((host, port)).await?;
    let mut addresses: Vec<SocketAddr> = resolved.filter(|address| seen.insert(*address)).collect();
    if addresses == [SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))] {
        return Ok(Wanted::Everywhere(port));
    }
    // The first address is the one that clients are told, and every client can use IPv4.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    Ok(Wanted::All(addresses))
}

impl Wanted {
    async fn bind(&self) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
        match self {
            Self::All(addresses) => all(addresses).await,
            Self::Everywhere(port) => match all(&[(Ipv6Addr::UNSPECIFIED, *port).into()]).await {
                Err(error) if is_missing(&error) => {
                    all(&[(Ipv4Addr::UNSPECIFIED, *port).into()]).await
                }
                bound => bound,
            },
        }
    }
}

async fn all(addresses: &[SocketAddr]) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
    let mut sockets = Vec::with_capacity(addresses.len());
    let mut first: Option<SocketAddr> = None;
    let mut missing = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in addresses {
        // If the system chose the port of the first address, the others use the same one.
        let port = first.map_or(address.port(), |first| first.port());
        match TcpListener::bind(SocketAddr::new(address.ip(), port)).await {
            Ok(socket) => {
                first = first.or(Some(socket.local_addr()?));
                sockets.push(socket);
            }
            Err(error) if is_missing(&error) => missing = error,
            Err(error) => return Err(error),
        }
    }
    Ok((sockets, first.ok_or(missing)?))
}

/// Whether this machine has no such address, rather than another process using it.
fn is_missing(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::AddrInUse | ErrorKind::PermissionDenied
    )
}

fn shown(Endpoint { host, port }: &Endpoint) -> String {
    format!("{}:{port}", host.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_with_several_addresses_is_bound_at_all_of_them_on_one_port() {
        let loopback = [
            (Ipv4Addr::LOCALHOST, 0).into(),
            (Ipv6Addr::LOCALHOST, 0).into(),
        ];
        let (sockets, first) = Wanted::All(loopback.to_vec()).bind().await.unwrap();
        let bound: Vec<SocketAddr> = sockets
            .iter()
            .map(|socket| socket.local_addr().unwrap())
            .collect();
        assert_eq!(bound[0], first);
        assert!(
            bound.iter().all(|address| address.port() == first.port()),
            "{bound:?}"
        );
        let taken = Wanted::All(vec![first]).bind().await.unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::AddrInUse);
    }

    #[tokio::test]
    async fn an_address_that_is_not_ours_is_passed_over_unless_there_is_no_other() {
        // Set aside for documentation.
        let foreign: SocketAddr = ([192, 0, 2, 1], 0).into();
        assert!(all(&[foreign]).await.is_err());
        let (sockets, first) = all(&[foreign, ([127, 0, 0, 1], 0).into()]).await.unwrap();
        assert_eq!((sockets.len(), first.ip()), (1, Ipv4Addr::LOCALHOST.into()));
    }
}
