//! Fetches addresses that others wrote: only public ones, and only a small answer.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use payments_core::http::client_builder;
use url::Url;

/// More than the answer to a probe needs.
const LONGEST_ANSWER: usize = 4096;

/// Fetches `url` once: no redirect, no proxy, at most `deadline` and 4 KiB.
///
/// The host is resolved here and the connection goes to the address that was checked, so that a name that resolves to
/// something else a moment later leads nowhere.
///
/// # Errors
/// The reason why nothing was fetched, without the answer.
pub(crate) async fn fetch(url: &Url, allow_loopback: bool, deadline: Duration) -> Result<Vec<u8>, String> {
    tokio::time::timeout(deadline, fetch_unhurried(url, allow_loopback))
        .await
        .unwrap_or_else(|_| Err("it does not answer in time".to_owned()))
}

async fn fetch_unhurried(url: &Url, allow_loopback: bool) -> Result<Vec<u8>, String> {
    let host = url.host_str().ok_or("it names no host")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().ok_or("it names no port")?;
    let found = tokio::net::lookup_host((bare, port)).await;
    let found = found.map_err(|_| format!("the name {host} is not found"))?;
    // Only those that may be fetched are connected to. Others may stand beside them, as on networks that translate IPv4.
    let (addresses, inside): (Vec<SocketAddr>, Vec<SocketAddr>) =
        found.partition(|address| may_fetch(address.ip(), allow_loopback));
    if addresses.is_empty() {
        return Err(match inside.first() {
            Some(inside) => format!("{host} leads to {}, which is not a public address", inside.ip()),
            None => format!("the name {host} is not found"),
        });
    }
    let client = client_builder()
        .no_proxy()
        .resolve_to_addrs(bare, &addresses)
        .build()
        .map_err(|error| format!("no request can be made: {}", error.without_url()))?;
    // Without this header zrok answers with a page of its own.
    let request = client
        .get(url.clone())
        .header("skip_zrok_interstitial", "1")
        .header("ngrok-skip-browser-warning", "1");
    let mut response = request.send().await.map_err(|error| describe(&error))?;
    if !response.status().is_success() {
        return Err(format!("it answers {}", response.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| describe(&error))? {
        body.extend_from_slice(&piece);
        if body.len() > LONGEST_ANSWER {
            return Err("another program answers at this address".to_owned());
        }
    }
    Ok(body)
}

fn describe(error: &reqwest::Error) -> String {
    if error.is_connect() { "it cannot be reached".to_owned() } else { "the connection broke".to_owned() }
}

fn may_fetch(address: IpAddr, allow_loopback: bool) -> bool {
    match address.to_canonical() {
        ip if ip.is_loopback() => allow_loopback,
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            let shared = first == 100 && (64..128).contains(&second);
            let reserved = first == 0
                || first >= 240
                || (first == 192 && second == 0)
                || (first == 198 && (18..20).contains(&second));
            !(ip.is_private()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_multicast()
                || shared
                || reserved)
        }
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    // 2000::/3 is what is routed; inside it, 6to4 and Teredo carry an IPv4 address, and 2001:db8::/32 is for books.
    (0x2000..0x4000).contains(&first)
        && first != 0x2002
        && !(first == 0x2001 && (second == 0 || second == 0xdb8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_fetched() {
        for inside in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:1::",
            "2001:db8::1",
        ] {
            assert!(!may_fetch(inside.parse().unwrap(), false), "{inside}");
        }
        for outside in ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"] {
            assert!(may_fetch(outside.parse().unwrap(), false), "{outside}");
        }
        assert!(may_fetch("127.0.0.1".parse().unwrap(), true));
        assert!(!may_fetch("10.0.0.1".parse().unwrap(), true));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_by_name() {
        let url = Url::parse("https://localhost/health").unwrap();
        let error = fetch(&url, false, Duration::from_secs(5)).await.unwrap_err();
        assert!(error.contains("not a public address"), "{error}");
    }
}
