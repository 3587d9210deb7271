//! Where every HTTP client begins. Which TLS it speaks, and why: `docs/decisions/one-tls-provider.md`.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect::Policy};

use super::Timeouts;

/// Whether https can be spoken: one of the features that bring TLS is on.
pub const HAS_TLS: bool = cfg!(any(feature = "rustls-no-provider", feature = "native-tls"));

/// The beginning of a client that follows no redirect: one would carry credentials, and a create, to wherever it points.
///
/// With the feature `rustls`, `ring` is the TLS provider of this process from here on, unless the program has installed
/// another one. A client that is built without a provider panics.
pub fn client_builder() -> ClientBuilder {
    #[cfg(feature = "rustls")]
    {
        // Fails only where there is a provider already, and that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let builder = Client::builder().redirect(Policy::none());
    #[cfg(any(feature = "rustls-no-provider", feature = "native-tls"))]
    let builder = builder.tls_version_min(reqwest::tls::Version::TLS_1_2);
    builder
}

/// The beginning of the client of a provider's API: https only, but for an API on this machine, and one attempt for each
/// request, because retries are decided by [`with_retries`](super::with_retries).
pub fn api_client_builder(user_agent: &str, timeouts: Timeouts, is_loopback: bool) -> ClientBuilder {
    let builder = client_builder()
        .user_agent(user_agent)
        .retry(reqwest::retry::never())
        .connect_timeout(timeouts.connect())
        // Below the idle limit of common servers and balancers: a create must not meet a connection that is closing.
        .pool_idle_timeout(Duration::from_secs(20))
        .https_only(!is_loopback);
    if is_loopback { builder.no_proxy() } else { builder }
}
