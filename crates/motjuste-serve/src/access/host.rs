//! Host names as requests carry them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The host of an authority such as `localhost:8750` or `[::1]:8750`, in small letters; none where it is
/// malformed.
pub(super) fn host_of(authority: &str) -> Option<String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => match authority.split_once(':') {
            Some((host, _)) => (host, &authority[host.len()..]),
            None => (authority, ""),
        },
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    let is_port = port.is_empty() || (port.starts_with(':') && digits.parse::<u16>().is_ok());
    let is_host =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c));
    (is_port && is_host).then(|| host.to_ascii_lowercase())
}

/// Whether a host is this machine, whoever asks.
pub(super) fn is_loopback(host: &str) -> bool {
    let is_v4 = host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    let is_v6 = host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback());
    host == "localhost" || is_v4 || is_v6
}

/// Whether a host is an address and no name.
pub(super) fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_with_and_without_ports() {
        for (authority, host) in [
            ("localhost", "localhost"),
            ("LocalHost:8750", "localhost"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]:8750", "::1"),
            ("[::1]", "::1"),
        ] {
            assert_eq!(host_of(authority).as_deref(), Some(host), "{authority}");
        }
        for bad in
            ["", ":80", "localhost:x", "localhost:99999", "[::1", "[::1]x", "a b", "a@b", "::1"]
        {
            assert_eq!(host_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_that_only_begin_like_this_machine_are_not_it() {
        for host in ["localhost.evil.org", "127.0.0.1.evil.org", "127.1", "0.0.0.0", "evil.org"] {
            assert!(!is_loopback(host), "{host}");
        }
        assert!(is_loopback("127.0.0.2") && is_loopback("::1"));
    }
}
