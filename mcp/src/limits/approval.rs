//! Two steps instead of one: a token that shows the amount, and holds for one sale, once, for ten minutes.
//!
//! It proves that the same arguments came before and were answered with the amount; that a person has seen it, only the
//! client can know.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::Sale;

/// How long a token can be used.
pub(crate) const VALID_FOR: TimeDelta = TimeDelta::minutes(10);

/// The name of the argument that carries a token.
pub(crate) const ARGUMENT: &str = "confirmation_token";

/// A call's tool and arguments in one number; the token itself is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    pub(crate) fn of(tool: &str, arguments: &Map<String, Value>) -> Self {
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        };
        add(tool);
        // Clients may send the same arguments in another order, and null for what they leave out.
        let mut arguments: Vec<_> =
            arguments.iter().filter(|(name, value)| *name != ARGUMENT && !value.is_null()).collect();
        arguments.sort_by_key(|(name, _)| *name);
        for (name, value) in arguments {
            add(name);
            add(&value.to_string());
        }
        Self(hash.finalize().into())
    }
}

/// A token that has been used.
#[derive(Debug)]
pub(super) struct Redeemed(u64);

/// Makes tokens, and remembers those that were used until they would have ended anyway.
pub(super) struct Tokens {
    key: [u8; 64],
    used: BTreeSet<u64>,
    /// The latest end among used tokens that were forgotten. Up to it no token holds any more: a clock that is set
    /// back would else bring a used one back to life.
    forgotten: u64,
    last_end: u64,
}

impl Tokens {
    pub(super) fn new(key: [u8; 64]) -> Self {
        Self { key, used: BTreeSet::new(), forgotten: 0, last_end: 0 }
    }

    /// A token for this sale. No two end in the same millisecond, so that its end also names it.
    pub(super) fn issue(&mut self, sale: &Sale<'_>, now: DateTime<Utc>) -> String {
        let end = milliseconds(now + VALID_FOR).max(self.last_end.saturating_add(1));
        self.last_end = end;
        let mac = self.mac(sale, end).finalize().into_bytes();
        let proof: String = mac.iter().take(10).map(|byte| format!("{byte:02x}")).collect();
        format!("{}{end:012x}{proof}", prefix(sale))
    }

    /// Uses a token up.
    ///
    /// # Errors
    /// Why it does not hold.
    pub(super) fn redeem(
        &mut self,
        token: &str,
        sale: &Sale<'_>,
        now: DateTime<Utc>,
    ) -> Result<Redeemed, &'static str> {
        let other = "The confirmation_token is for other arguments, or from before a restart of the server.";
        let secret = token.strip_prefix(&prefix(sale)).filter(|secret| secret.is_ascii()).ok_or(other)?;
        let (end, proof) = secret.split_at_checked(12).ok_or(other)?;
        let end = u64::from_str_radix(end, 16).map_err(|_| other)?;
        let proof: Vec<u8> = proof
            .as_bytes()
            .chunks(2)
            .filter_map(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok())
            .collect();
        if proof.len() != 10 || token.len() != prefix(sale).len() + 32 {
            return Err(other);
        }
        // Compares in constant time.
        self.mac(sale, end).verify_truncated_left(&proof).map_err(|_| other)?;
        let now = milliseconds(now);
        let remembered = self.used.split_off(&now);
        let ended = std::mem::replace(&mut self.used, remembered);
        self.forgotten = ended.last().copied().unwrap_or_default().max(self.forgotten);
        if end < now || end <= self.forgotten {
            return Err("The confirmation_token has expired.");
        }
        if self.used.insert(end) {
            Ok(Redeemed(end))
        } else {
            Err("The confirmation_token was used already.")
        }
    }

    /// Makes a token good again whose order was not created.
    pub(super) fn give_back(&mut self, Redeemed(end): Redeemed) {
        self.used.remove(&end);
    }

    fn mac(&self, sale: &Sale<'_>, end: u64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(&sale.consent.digest.0);
        mac.update(&end.to_be_bytes());
        mac.update(prefix(sale).as_bytes());
        mac
    }
}

/// The part for people: `750.00-EUR-`.
fn prefix(sale: &Sale<'_>) -> String {
    format!("{}-{}-", sale.amount.to_string_with_scale(sale.fiat.exponent()), sale.fiat)
}

fn milliseconds(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp_millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use bitnovo_pay::Fiat;
    use serde_json::json;

    use super::{super::Consent, *};

    fn digest(arguments: Value) -> Digest {
        Digest::of("create_payment_link", arguments.as_object().unwrap())
    }

    fn consent(arguments: Value) -> Consent {
        Consent { digest: digest(arguments), question: String::new(), token: None, no: None }
    }

    fn sale<'a>(amount: &str, consent: &'a Consent) -> Sale<'a> {
        Sale { amount: amount.parse().unwrap(), fiat: Fiat::Eur, consent, id: None }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn tokens() -> Tokens {
        Tokens::new([7; 64])
    }

    #[test]
    fn a_token_shows_the_amount_and_holds_once() {
        let arguments = consent(json!({ "amount_eur": 750 }));
        let sale = sale("750", &arguments);
        let mut tokens = tokens();
        let token = tokens.issue(&sale, at(0));
        let secret = token.strip_prefix("750.00-EUR-").unwrap();
        assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
        assert!(tokens.redeem(&token, &sale, at(60)).is_ok());
        assert!(tokens.redeem(&token, &sale, at(61)).unwrap_err().contains("used already"));
    }

    #[test]
    fn a_token_ends_after_ten_minutes() {
        let arguments = consent(json!({}));
        let sale = sale("750", &arguments);
        let mut tokens = tokens();
        let token = tokens.issue(&sale, at(0));
        assert!(tokens.redeem(&token, &sale, at(601)).unwrap_err().contains("expired"));
        assert!(tokens.redeem(&token, &sale, at(600)).is_ok());
    }

    #[test]
    fn a_token_belongs_to_one_sale() {
        let (these, those) = (consent(json!({ "notes": "a" })), consent(json!({ "notes": "b" })));
        let mut tokens = tokens();
        let token = tokens.issue(&sale("750", &these), at(0));
        let dollars = Sale { fiat: Fiat::Usd, ..sale("750", &these) };
        for other in [sale("750", &those), sale("751", &these), sale("7500", &these), dollars] {
            assert!(
                tokens.redeem(&token, &other, at(1)).unwrap_err().contains("other arguments"),
                "{other:?}"
            );
        }
        let mut elsewhere = Tokens::new([8; 64]);
        assert!(elsewhere.redeem(&token, &sale("750", &these), at(1)).is_err());
        assert!(tokens.redeem(&token, &sale("750", &these), at(1)).is_ok());
    }

    #[test]
    fn a_token_that_was_changed_anywhere_does_not_hold() {
        let arguments = consent(json!({}));
        let sale = sale("750", &arguments);
        let mut tokens = tokens();
        let token = tokens.issue(&sale, at(0));
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(tokens.redeem(&changed, &sale, at(1)).is_err(), "{changed}");
        }
        let many = [String::new(), token[..token.len() - 2].to_owned(), format!("{token}00"), "€".repeat(40)];
        for changed in many.into_iter().chain(["750.00-EUR-€".to_owned(), "750.00-EUR-+0000000000".repeat(2)])
        {
            assert!(tokens.redeem(&changed, &sale, at(1)).is_err(), "{changed}");
        }
        assert!(tokens.redeem(&token, &sale, at(1)).is_ok());
    }

    #[test]
    fn two_tokens_of_one_moment_are_two_and_a_token_comes_back_when_nothing_was_created() {
        let arguments = consent(json!({}));
        let sale = sale("750", &arguments);
        let mut tokens = tokens();
        let (first, second) = (tokens.issue(&sale, at(0)), tokens.issue(&sale, at(0)));
        assert_ne!(first, second);
        let redeemed = tokens.redeem(&first, &sale, at(1)).unwrap();
        assert!(tokens.redeem(&second, &sale, at(1)).is_ok());
        tokens.give_back(redeemed);
        assert!(tokens.redeem(&first, &sale, at(1)).is_ok());
    }

    #[test]
    fn used_tokens_are_forgotten_once_they_have_ended() {
        let arguments = consent(json!({}));
        let sale = sale("750", &arguments);
        let mut tokens = tokens();
        for minute in 0..100 {
            let token = tokens.issue(&sale, at(60 * minute));
            tokens.redeem(&token, &sale, at(60 * minute)).unwrap();
        }
        assert!(tokens.used.len() <= 11, "{}", tokens.used.len());
    }

    #[test]
    fn a_used_token_stays_used_when_the_clock_is_set_back() {
        let arguments = consent(json!({}));
        let sale = sale("750", &arguments);
        let mut tokens = tokens();
        let (used, other) = (tokens.issue(&sale, at(0)), tokens.issue(&sale, at(3600)));
        let redeemed = tokens.redeem(&used, &sale, at(1)).unwrap();
        // Time goes on far enough for the first to be forgotten, and then back to before it was made.
        assert!(tokens.redeem(&other, &sale, at(3601)).is_ok());
        for seconds in [1, 599, -3600, 3601] {
            assert!(tokens.redeem(&used, &sale, at(seconds)).is_err(), "{seconds}");
            assert!(tokens.redeem(&other, &sale, at(seconds)).is_err(), "{seconds}");
        }
        tokens.give_back(redeemed);
        assert!(tokens.redeem(&used, &sale, at(2)).is_err(), "what is forgotten cannot be given back");
        let fresh = tokens.issue(&sale, at(-3600));
        assert!(tokens.redeem(&fresh, &sale, at(-3600)).is_ok(), "a new one holds on the earlier clock");
    }

    #[test]
    fn a_digest_does_not_depend_on_the_order_and_not_on_the_token() {
        let one = digest(json!({ "a": 1, "b": "x" }));
        assert_eq!(one, digest(json!({ "b": "x", "a": 1, "c": null, "confirmation_token": "t" })));
        for other in [json!({ "a": 1 }), json!({ "a": 1, "b": "y" }), json!({ "a": 1.0, "b": "x" })] {
            assert_ne!(one, digest(other));
        }
        assert_ne!(
            one,
            Digest::of("create_payment_onchain", json!({ "a": 1, "b": "x" }).as_object().unwrap())
        );
    }
}
