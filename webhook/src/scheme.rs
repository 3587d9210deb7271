//! What every provider's way of signing has in common: a request that nobody vouches for goes in, a proved one comes out.
//!
//! Where the signature lies, what it covers and how long it stays fresh differ from provider to provider, and stay in
//! the provider's module.

use std::{fmt, time::SystemTime};

pub mod bitnovo;

/// A request as it was received, before anybody vouches for it.
#[derive(Clone, Copy, Debug)]
pub struct Unverified<'a> {
    /// Names in any case, and values as bytes; a name that came twice is listed twice.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The raw body. Parsing and printing it again would change the bytes that were signed.
    pub body: &'a [u8],
}

impl<'a> Unverified<'a> {
    fn header(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|&(_, value)| value)
    }
}

/// A request whose signature and freshness a scheme has proved; only a scheme can make one.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    body: &'a [u8],
    signature: Signature,
    signed_at: SystemTime,
}

impl<'a> Verified<'a> {
    /// The body, byte for byte as it was signed.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The MAC over the request. Two requests are the same one exactly when this is, whatever the case of the header.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// When the sender signed the request, by the sender's clock.
    #[must_use]
    pub fn signed_at(&self) -> SystemTime {
        self.signed_at
    }
}

/// An HMAC-SHA256 tag. `Display` prints its 64 lower-case hex digits; `Debug` masks it, for logs.
#[derive(Clone)]
pub struct Signature([u8; 32]);

impl Signature {
    /// The bytes of the tag.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, ..] = self.0;
        write!(formatter, "Signature({first:02x}{second:02x}{third:02x}…)")
    }
}
