//! The token of two steps instead of one: it shows the amount, and holds for one create, once, for ten minutes.
//!
//! It proves that the same arguments came before and were answered with the amount; that a person has seen the amount, only
//! the client can know. A model copies the token, so that it is short and begins with words. The sealed request state of the
//! protocol library is neither, and reads the clock itself; where the protocol carries a state, this token is the state.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::limits::request::CreateRequest;

/// How long a token can be used.
pub(super) const VALID_FOR: TimeDelta = TimeDelta::minutes(10);

/// How much of the MAC a token holds: 80 bits.
const PROOF_BYTES: usize = 10;

/// Makes tokens, and recognises its own.
pub(super) struct TokenIssuer {
    key: [u8; 64],
    last_end: i64,
}

impl TokenIssuer {
    /// `key` must be random: whatever knows it can approve in a person's place.
    pub(super) fn new(key: [u8; 64]) -> Self {
        Self { key, last_end: 0 }
    }

    /// A token for this create. No two end in the same millisecond, so that no two are equal.
    pub(super) fn issue(&mut self, request: &CreateRequest<'_>, now: DateTime<Utc>) -> String {
        let end = (now + VALID_FOR).timestamp_millis().max(self.last_end.saturating_add(1));
        self.last_end = end;
        let mac = self.mac(request, end).finalize().into_bytes();
        let proof: String = mac.iter().take(PROOF_BYTES).map(|byte| format!("{byte:02x}")).collect();
        format!("{}{end:012x}{proof}", prefix(request))
    }

    /// When the token ends.
    ///
    /// # Errors
    /// When it is not a token for this create.
    pub(super) fn verify(
        &self,
        token: &str,
        request: &CreateRequest<'_>,
    ) -> Result<DateTime<Utc>, &'static str> {
        self.end(token, request)
            .ok_or("The confirmation_token is for other arguments, or from before a restart of the server.")
    }

    fn end(&self, token: &str, request: &CreateRequest<'_>) -> Option<DateTime<Utc>> {
        let secret = token.strip_prefix(&prefix(request))?;
        if secret.len() != 12 + 2 * PROOF_BYTES || !secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let (end, proof) = secret.split_at_checked(12)?;
        let end = i64::from_str_radix(end, 16).ok()?;
        let proof = u128::from_str_radix(proof, 16).ok()?.to_be_bytes();
        // Compares in constant time.
        self.mac(request, end).verify_truncated_left(proof.get(proof.len() - PROOF_BYTES..)?).ok()?;
        DateTime::from_timestamp_millis(end)
    }

    fn mac(&self, request: &CreateRequest<'_>, end: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(request.approval.digest.as_bytes());
        mac.update(&end.to_be_bytes());
        mac.update(prefix(request).as_bytes());
        mac
    }
}

/// The part for people: `750.00-EUR-`.
fn prefix(request: &CreateRequest<'_>) -> String {
    format!("{}-{}-", request.amount.to_string_with_scale(request.fiat.exponent()), request.fiat)
}

#[cfg(test)]
mod tests {
    use payments_core::FiatCurrency;
    use serde_json::{Map, json};

    use super::*;
    use crate::limits::request::Approval;

    fn approval(notes: &str) -> Approval {
        Approval::unasked(&Map::from_iter([("notes".to_owned(), json!(notes))]))
    }

    fn request<'a>(amount: &str, approval: &'a Approval) -> CreateRequest<'a> {
        CreateRequest { amount: amount.parse().unwrap(), fiat: FiatCurrency::EUR, approval, mark: None }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_token_shows_the_amount_and_ends_after_ten_minutes() {
        let approval = approval("a");
        let request = request("750", &approval);
        let mut issuer = TokenIssuer::new([7; 64]);
        let token = issuer.issue(&request, at(0));
        let secret = token.strip_prefix("750.00-EUR-").unwrap();
        assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
        assert_eq!(issuer.verify(&token, &request), Ok(at(600)));
        assert_ne!(issuer.issue(&request, at(0)), token, "two tokens of one moment are two");
    }

    #[test]
    fn a_token_belongs_to_one_create() {
        let (these, those) = (approval("a"), approval("b"));
        let mut issuer = TokenIssuer::new([7; 64]);
        let token = issuer.issue(&request("750", &these), at(0));
        let dollars = CreateRequest { fiat: FiatCurrency::USD, ..request("750", &these) };
        for other in [request("750", &those), request("751", &these), request("7500", &these), dollars] {
            let error = issuer.verify(&token, &other).unwrap_err();
            assert!(error.contains("other arguments"), "{other:?}");
        }
        assert!(TokenIssuer::new([8; 64]).verify(&token, &request("750", &these)).is_err());
        assert!(issuer.verify(&token, &request("750", &these)).is_ok());
    }

    #[test]
    fn a_token_that_was_changed_anywhere_is_rejected() {
        let approval = approval("a");
        let request = request("750", &approval);
        let mut issuer = TokenIssuer::new([7; 64]);
        let token = issuer.issue(&request, at(0));
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(issuer.verify(&changed, &request).is_err(), "{changed}");
        }
        let many = [String::new(), token[..token.len() - 2].to_owned(), format!("{token}00"), "€".repeat(40)];
        for changed in many.into_iter().chain(["750.00-EUR-€".to_owned(), "750.00-EUR-+0000000000".repeat(2)])
        {
            assert!(issuer.verify(&changed, &request).is_err(), "{changed}");
        }
        assert!(issuer.verify(&token, &request).is_ok());
    }
}
