//! How clients reach a server, and how the server notices that one is gone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use tokio::net::TcpStream;

/// Addresses of networks that this machine may have a way to. Nothing is sent there.
const ELSEWHERE: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    IpAddr::V4(Ipv4Addr::new(10, 255, 255, 254)),
    IpAddr::V4(Ipv4Addr::new(172, 31, 255, 254)),
    IpAddr::V4(Ipv4Addr::new(192, 168, 255, 254)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888)),
];

/// Returns the addresses at which people can open a server that listens at `bound`.
pub(super) fn addresses(bound: SocketAddr) -> Vec<SocketAddr> {
    if !bound.ip().is_unspecified() {
        return vec![bound];
    }
    let own: IpAddr = match bound {
        SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    // A server at :: is reached over both versions on most systems.
    let serves = |ip: &IpAddr| bound.is_ipv6() || ip.is_ipv4();
    let mut reached = vec![own];
    for ip in ELSEWHERE.into_iter().filter_map(own_address_towards).filter(serves) {
        if !reached.contains(&ip) {
            reached.push(ip);
        }
    }
    reached.into_iter().map(|ip| SocketAddr::new(ip, bound.port())).collect()
}

/// Returns the address of this machine from which it would reach `other`; `None` if it has no way there.
fn own_address_towards(other: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match other {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A datagram socket that is connected has only looked up the way.
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((other, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified() && !ip.is_loopback())
}

/// Has the system ask an idle client whether it is still there, and end the connection if it is not.
#[cfg(unix)]
pub(super) fn keep_alive(stream: &TcpStream) {
    use rustix::net::sockopt::{set_socket_keepalive, set_tcp_keepcnt, set_tcp_keepidle, set_tcp_keepintvl};
    use std::time::Duration;

    // If that fails, such a client is noticed later.
    let _ = set_socket_keepalive(stream, true)
        .and_then(|()| set_tcp_keepidle(stream, Duration::from_secs(30)))
        .and_then(|()| set_tcp_keepintvl(stream, Duration::from_secs(10)))
        .and_then(|()| set_tcp_keepcnt(stream, 3));
}

/// Does nothing: the system has its own settings.
#[cfg(not(unix))]
pub(super) fn keep_alive(_: &TcpStream) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_people_can_open() {
        let one: SocketAddr = "192.0.2.1:80".parse().expect("an address");
        assert_eq!(addresses(one), [one]);
        for any in ["0.0.0.0:80", "[::]:80"] {
            let found = addresses(any.parse().expect("an address"));
            assert!(found[0].ip().is_loopback() && found.iter().all(|address| !address.ip().is_unspecified()));
            assert!(found.iter().all(|address| address.port() == 80));
        }
    }
}
