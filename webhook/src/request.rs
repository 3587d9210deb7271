//! The states of a request during verification; each can only be made from the one before.

use std::time::{Duration, SystemTime};

use subtle::{Choice, ConstantTimeEq};

use crate::{
    rejection::Rejection,
    signature::{Claim, Signature},
};

/// A request as received, before verification.
#[derive(Clone, Copy, Debug)]
pub struct Unverified<'a> {
    /// Names in any case, and values as bytes; a name that came twice is listed twice.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The raw body. Parsing and printing it again would change the bytes that were signed.
    pub body: &'a [u8],
}

impl<'a> Unverified<'a> {
    /// The value of a header that must be there exactly once.
    ///
    /// # Errors
    ///
    /// [`Rejection::MissingHeader`], or [`Rejection::RepeatedHeader`] because two readers could disagree on its value.
    pub fn only_header(&self, name: &'static str) -> Result<&'a [u8], Rejection> {
        let mut values = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|&(_, value)| value);
        match (values.next(), values.next()) {
            (None, _) => Err(Rejection::MissingHeader { name }),
            (Some(value), None) => Ok(value),
            (Some(_), Some(_)) => Err(Rejection::RepeatedHeader { name }),
        }
    }
}

/// A request that a holder of the secret has signed, at some time; only [`Scheme::verify`](crate::Scheme::verify) makes one.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    body: &'a [u8],
    signature: Signature,
    signed_at: Option<SystemTime>,
}

impl<'a> Verified<'a> {
    /// Compares every presented signature with every expected one, in constant time and without an early exit.
    pub(crate) fn prove(request: Unverified<'a>, claim: &Claim) -> Result<Self, Rejection> {
        let mut genuine = Choice::from(0);
        let mut signature = None;
        for expected in &claim.expected {
            for presented in &claim.presented {
                let same = expected.as_bytes().ct_eq(presented.as_bytes());
                genuine |= same;
                if bool::from(same) {
                    signature = Some(expected);
                }
            }
        }
        match signature {
            Some(signature) if bool::from(genuine) => {
                Ok(Self { body: request.body, signature: signature.clone(), signed_at: claim.signed_at })
            }
            _ => Err(Rejection::BadSignature),
        }
    }

    /// The body, byte for byte as it was signed.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The signature that we computed. Two requests are the same one exactly when this is, whatever the case of the
    /// header.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// When the sender signed the request, by the sender's clock; `None` when the scheme signs no time.
    #[must_use]
    pub fn signed_at(&self) -> Option<SystemTime> {
        self.signed_at
    }

    /// Checks that the request was signed no further than `window` from `now`; without a window it always was.
    ///
    /// # Errors
    ///
    /// [`Rejection::Stale`], with the age.
    pub fn fresh(&self, window: Option<Duration>, now: SystemTime) -> Result<Fresh<'a>, Rejection> {
        if let (Some(window), Some(signed_at)) = (window, self.signed_at) {
            let age_seconds = match now.duration_since(signed_at) {
                Ok(age) => whole_seconds(age),
                Err(ahead) => whole_seconds(ahead.duration()).saturating_neg(),
            };
            if age_seconds.unsigned_abs() > window.as_secs() {
                return Err(Rejection::Stale { age_seconds, tolerance_seconds: window.as_secs() });
            }
        }
        Ok(Fresh(self.clone()))
    }
}

/// A verified request that was signed just now, as far as its scheme can know; only [`Verified::fresh`] makes one.
#[derive(Clone, Debug)]
pub struct Fresh<'a>(Verified<'a>);

impl<'a> Fresh<'a> {
    /// The verified request.
    #[must_use]
    pub fn verified(&self) -> &Verified<'a> {
        &self.0
    }
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
