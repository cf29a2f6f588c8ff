//! Who may ask: a page from elsewhere may not, even if it has found out the address.
//!
//! A browser says in `Origin` which page asks and in `Host` whom it believes to ask. A page of a stranger has another
//! origin; and if its name was pointed at this machine meanwhile, `Host` still says that name.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};

/// Whether these headers are those of a page that this server served, or of no page at all. `authority` is HTTP/2's
/// word for the host.
pub(super) fn lets_in(headers: &HeaderMap, authority: Option<&str>, own: IpAddr) -> bool {
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(host) = authority.or_else(|| header(HOST)) else { return false };
    let from_here = header(ORIGIN).is_none_or(|origin| origin.strip_prefix("http://") == Some(host));
    is_own(host, own) && from_here
}

/// Whether `host` is this machine by number, or `localhost`: any other name may have been pointed here by a stranger.
fn is_own(host: &str, own: IpAddr) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || !own.is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn lets_in_with(host: &str, origin: Option<&str>, own: Ipv4Addr) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a header"));
        }
        lets_in(&headers, None, own.into())
    }

    #[test]
    fn strangers_are_told_by_their_host_and_their_origin() {
        let own = Ipv4Addr::LOCALHOST;
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:8000", "[::1]:8000", "[::1]"] {
            assert!(lets_in_with(host, None, own), "{host}");
            assert!(lets_in_with(host, Some(&format!("http://{host}")), own), "{host}");
            for origin in ["null", "http://evil.example", "https://localhost:1", "http://localhost.evil.example", ""] {
                assert!(!lets_in_with(host, Some(origin), own), "{origin}");
            }
        }
        for host in ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.168.0.7:8000", "", ":", "::1"]
        {
            assert!(!lets_in_with(host, None, own) || host == "::1", "{host}");
        }
        assert!(lets_in_with("192.168.0.7:8000", None, Ipv4Addr::UNSPECIFIED));
        assert!(!lets_in_with("evil.example", None, Ipv4Addr::UNSPECIFIED));
        assert!(!lets_in(&HeaderMap::new(), None, own.into()), "without a host");
        assert!(lets_in(&HeaderMap::new(), Some("localhost:1"), own.into()));
    }
}
