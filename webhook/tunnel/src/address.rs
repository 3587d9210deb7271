//! Addresses: the server's own, which a tunnel leads to, and those that programs print.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use payments_webhook::server::Server;

/// Where a program on this machine reaches the server.
pub(super) fn local(server: &Server) -> SocketAddr {
    let mut address = server.local_addr();
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// The text as the public address of a tunnel, when it can be one: https, and a name. With `allow_loopback` also
/// `http://127.0.0.1`, where the other end of a test's tunnel is.
pub(super) fn public(text: &str, allow_loopback: bool) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let possible = match url.host()? {
        Host::Domain(name) => url.scheme() == "https" && name.contains('.') && !name.ends_with(".localhost"),
        Host::Ipv4(ip) => allow_loopback && ip.is_loopback() && url.scheme() == "http",
        Host::Ipv6(_) => false,
    };
    (plain && possible).then_some(url)
}

/// The addresses that a line mentions, in their order, without the brackets, bars and full stops around them.
pub(super) fn mentioned(line: &str) -> impl Iterator<Item = &str> {
    let around = |c: char| c.is_whitespace() || "|<>()[]{}\"'`\\,;".contains(c);
    line.split(around).filter_map(|word| {
        let start = word.find("https://").or_else(|| word.find("http://"))?;
        word.get(start..).map(|url| url.trim_end_matches(['.', ':', '!', '?', '*']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_with_a_name_is_a_public_address() {
        for good in
            ["https://abc.share.zrok.io", "https://abc.share.zrok.io/", "https://pay.shop.example:8443"]
        {
            assert!(public(good, false).is_some(), "{good}");
        }
        for bad in [
            "http://abc.share.zrok.io",
            "https://127.0.0.1:3000",
            "https://[::1]",
            "https://localhost:3000",
            "https://me@abc.share.zrok.io",
            "http://127.0.0.1:3000",
            "tcp://abc.share.zrok.io",
            "abc.share.zrok.io",
            "",
        ] {
            assert_eq!(public(bad, false), None, "{bad}");
        }
        assert!(public("http://127.0.0.1:3000", true).is_some());
        for bad in
            ["https://127.0.0.1:3000", "http://10.0.0.1", "http://localhost:3000", "http://shop.example"]
        {
            assert_eq!(public(bad, true), None, "{bad}");
        }
    }

    #[test]
    fn addresses_are_found_in_a_line() {
        for (line, found) in [
            ("|  https://a.example  |", vec!["https://a.example"]),
            (
                "see [https://a.example/x]. Or http://b.example.",
                vec!["https://a.example/x", "http://b.example"],
            ),
            (r#"{"url":"https://a.example","n":1}"#, vec!["https://a.example"]),
            (
                r"endpoints:\n https://a.example\nhttps://b.example",
                vec!["https://a.example", "https://b.example"],
            ),
            ("url=https://a.example", vec!["https://a.example"]),
            ("a.example, no scheme", vec![]),
        ] {
            assert_eq!(mentioned(line).collect::<Vec<_>>(), found, "{line}");
        }
    }
}
