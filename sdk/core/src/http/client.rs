//! Where every HTTP client begins. Which TLS it speaks, and why: `docs/decisions/one-tls-provider.md`.

use reqwest::{Client, ClientBuilder, redirect::Policy};

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
