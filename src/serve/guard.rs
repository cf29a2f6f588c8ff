//! The guard against pages from elsewhere: a stranger's web page must not reach this server through a learner's browser.
//!
//! A browser sends the page's origin in `Origin` and the name that it connected to in `Host`. A stranger's page has
//! another origin. If the stranger has pointed a name of their own at this machine (DNS rebinding), the origin matches,
//! but `Host` still holds that name.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};

/// Returns whether a request comes from a page of this server, or from no page at all.
///
/// `authority` is the host of an HTTP/2 request, which takes the place of the `Host` header. `local` is the address that
/// the server listens at. Unless it is a loopback address, clients may name this machine by any IP address.
pub(super) fn is_allowed(headers: &HeaderMap, authority: Option<&str>, local: IpAddr) -> bool {
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(host) = authority.or_else(|| header(HOST)) else { return false };
    let is_same_origin = match header(ORIGIN) {
        Some(origin) => origin.strip_prefix("http://") == Some(host),
        None => true,
    };
    is_same_origin && names_this_machine(host, local)
}

/// Returns whether `host` is an IP address of this machine or `localhost`. A stranger can point any other name here.
fn names_this_machine(host: &str, local: IpAddr) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || !local.is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn allows(host: &str, origin: Option<&str>, local: Ipv4Addr) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a header"));
        }
        is_allowed(&headers, None, local.into())
    }

    #[test]
    fn strangers_are_told_by_their_host_and_their_origin() {
        let local = Ipv4Addr::LOCALHOST;
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:8000", "[::1]:8000", "[::1]"] {
            assert!(allows(host, None, local), "{host}");
            assert!(allows(host, Some(&format!("http://{host}")), local), "{host}");
            for origin in ["null", "http://evil.example", "https://localhost:1", "http://localhost.evil.example", ""] {
                assert!(!allows(host, Some(origin), local), "{origin}");
            }
        }
        for host in ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.168.0.7:8000", "", ":", "::1"]
        {
            assert!(!allows(host, None, local) || host == "::1", "{host}");
        }
        assert!(allows("192.168.0.7:8000", None, Ipv4Addr::UNSPECIFIED));
        assert!(!allows("evil.example", None, Ipv4Addr::UNSPECIFIED));
        assert!(!is_allowed(&HeaderMap::new(), None, local.into()), "without a host");
        assert!(is_allowed(&HeaderMap::new(), Some("localhost:1"), local.into()));
    }
}
