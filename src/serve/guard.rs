//! The guard against pages from elsewhere: a stranger's web page must not reach this server through a learner's browser.
//!
//! A browser sends the page's origin in `Origin` and the name that it connected to in `Host`. A stranger's page has
//! another origin. If the stranger has pointed a name of their own at this machine (DNS rebinding), the origin matches,
//! but `Host` still holds that name.

use std::net::IpAddr;

use hyper::header::{HOST, ORIGIN};
use hyper::{HeaderMap, StatusCode};

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// The body of the answer.
    pub(super) reason: &'static str,
}

const UNCLEAR: Refusal = Refusal {
    status: StatusCode::BAD_REQUEST,
    reason: "A request names one host: here are none, or two, or two origins.\n",
};
const ELSEWHERE: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    reason: "This page comes from elsewhere. Only pages of this server may use it.\n",
};
const OTHER_NAME: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    reason: "Open this server by an IP address or as localhost: any other name can lead here from a stranger's page. \
             To be reached from other machines, it has to listen at another address (--bind).\n",
};

/// Checks that a request comes from a page of this server, or from no page at all.
///
/// `authority` is the host of an HTTP/2 request, which takes the place of the `Host` header. `local` is the address that
/// the server listens at. Unless it is a loopback address, clients may name this machine by any IP address.
///
/// # Errors
/// Says what is wrong with the request.
pub(super) fn check(headers: &HeaderMap, authority: Option<&str>, local: IpAddr) -> Result<(), Refusal> {
    // What comes twice is read in one way here and in another elsewhere.
    if [HOST, ORIGIN].iter().any(|name| headers.get_all(name).iter().count() > 1) {
        return Err(UNCLEAR);
    }
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = match (authority, header(HOST)) {
        (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(host) => return Err(UNCLEAR),
        (authority, host) => authority.or(host).ok_or(UNCLEAR)?,
    };
    let is_same_origin = match header(ORIGIN) {
        Some(origin) => origin.strip_prefix("http://") == Some(host),
        None => true,
    };
    match (is_same_origin, names_this_machine(host, local)) {
        (_, false) => Err(OTHER_NAME),
        (false, true) => Err(ELSEWHERE),
        (true, true) => Ok(()),
    }
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
        check(&headers, None, local.into()).is_ok()
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
        assert_eq!(check(&HeaderMap::new(), None, local.into()), Err(UNCLEAR), "without a host");
        assert_eq!(check(&HeaderMap::new(), Some("localhost:1"), local.into()), Ok(()));
    }

    #[test]
    fn a_host_that_is_named_twice_is_unclear() {
        let mut headers = HeaderMap::new();
        headers.append(HOST, "localhost:1".parse().expect("a header"));
        assert_eq!(check(&headers, Some("localhost:1"), Ipv4Addr::LOCALHOST.into()), Ok(()));
        assert_eq!(check(&headers, Some("127.0.0.1:1"), Ipv4Addr::LOCALHOST.into()), Err(UNCLEAR));
        headers.append(HOST, "localhost:1".parse().expect("a header"));
        assert_eq!(check(&headers, None, Ipv4Addr::LOCALHOST.into()), Err(UNCLEAR));
    }
}
