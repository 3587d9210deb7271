//! Amounts, exact to the last digit.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;

mod decimals;
mod parse;
pub mod text;

/// An exact decimal number: an amount of a fiat or of a cryptocurrency.
///
/// Only [`rounded_up`](Self::rounded_up) and [`rounded_down`](Self::rounded_down) round. An amount has up to 28 significant
/// digits and up to 28 decimals; a longer one is an error.
/// Trailing zeros are not kept, so `50`, `50.0` and `50.00` are one value that prints as `50`.
///
/// In JSON it is read from a number or from a string, and written as a number. That is exact in plain structs that
/// are read from text or bytes. Through [`serde_json::Value`], `serde_json` itself goes through binary fractions and
/// loses digits without an error; `#[serde(flatten)]` and tagged or untagged enums cannot read it at all. A field that
/// may go such a way, because it is stored, is written as [`text`].
///
/// ```
/// use payments_core::Money;
///
/// let asked: Money = "0.0005254".parse()?;
/// let seen: Money = "3.09e-05".parse()?;
/// assert_eq!(seen.to_string(), "0.0000309");
/// assert_eq!(asked.checked_sub(seen).map(|rest| rest.to_string()).as_deref(), Some("0.0004945"));
/// assert_eq!("50".parse::<Money>()?.to_string_with_scale(2), "50.00");
/// # Ok::<(), payments_core::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(Decimal);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Not the shape of a JSON number: a comma, a space, a sign in front, a word, nothing at all.
    #[error("expected a plain decimal number with a point, such as 19.99")]
    NotANumber,
    /// A number that only rounding could hold.
    #[error("expected at most {} digits, because nothing is rounded", Money::MAX_DIGITS)]
    TooManyDigits,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Significant digits, and decimals, that an amount can have.
    pub const MAX_DIGITS: u32 = 28;

    /// Whether the amount is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether the amount is greater than zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self > Self::ZERO
    }

    /// How many decimals the amount has: 0 for `50.00`, 3 for `0.125`.
    #[must_use]
    pub fn scale(self) -> u32 {
        self.0.scale()
    }

    /// The sum, or `None` when it has more digits than an amount can hold.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.exactly(other, i128::checked_add)
    }

    /// The difference, or `None` when it has more digits than an amount can hold.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.exactly(other, i128::checked_sub)
    }

    /// Prints at least `min_decimals` decimals: `50` with 2 is `50.00`, `0.125` with 2 stays `0.125`.
    #[must_use]
    pub fn to_string_with_scale(self, min_decimals: u32) -> String {
        let mut text = self.to_string();
        let missing = min_decimals.saturating_sub(self.scale());
        if self.scale() == 0 && missing > 0 {
            text.push('.');
        }
        text.extend((0..missing).map(|_| '0'));
        text
    }

    /// `rust_decimal` rounds a sum that does not fit; this does not.
    fn exactly(self, other: Self, operation: fn(i128, i128) -> Option<i128>) -> Option<Self> {
        let scale = self.scale().max(other.scale());
        let units = |amount: Self| {
            let factor = 10_i128.checked_pow(scale.checked_sub(amount.scale())?)?;
            amount.0.mantissa().checked_mul(factor)
        };
        Self::from_units(operation(units(self)?, units(other)?)?, scale)
    }

    /// `units` × 10^-`scale`, without trailing zeros.
    fn from_units(mut units: i128, mut scale: u32) -> Option<Self> {
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale = scale.saturating_sub(1);
        }
        let fits = units.unsigned_abs() < 10_u128.pow(Self::MAX_DIGITS) && scale <= Self::MAX_DIGITS;
        if fits { Decimal::try_from_i128_with_scale(units, scale).ok().map(Self) } else { None }
    }
}

impl From<u32> for Money {
    fn from(whole: u32) -> Self {
        Self(Decimal::from(whole))
    }
}

/// Plain decimals, never an exponent.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Money({})", self.0)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The text itself: any other way to a number passes through a binary fraction.
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        if text.starts_with('"') {
            let text: String = serde_json::from_str(text).map_err(D::Error::custom)?;
            text.parse().map_err(D::Error::custom)
        } else {
            text.parse().map_err(D::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn pads_decimals_and_drops_none() {
        for (text, scale, padded) in [
            ("50", 2, "50.00"),
            ("50.5", 2, "50.50"),
            ("0.125", 2, "0.125"),
            ("1000", 0, "1000"),
            ("-3", 1, "-3.0"),
            ("9999999999999999999999999999", 2, "9999999999999999999999999999.00"),
        ] {
            assert_eq!(money(text).to_string_with_scale(scale), padded, "{text} {scale}");
        }
    }

    #[test]
    fn sums_are_exact_or_absent() {
        assert_eq!(money("0.1").checked_add(money("0.2")), Some(money("0.3")));
        assert_eq!(money("4.534059").checked_sub(money("2.0")), Some(money("2.534059")));
        assert_eq!(money("1").checked_sub(money("1.0")), Some(Money::ZERO));
        // rust_decimal alone answers 7000000000000000000000000000 here.
        assert_eq!(money("7e27").checked_add(money("1e-28")), None);
        assert_eq!(money("9e27").checked_add(money("9e27")), None);
    }

    #[test]
    fn equal_amounts_are_one_value() {
        let same: std::collections::HashSet<Money> = ["50", "50.0", "5e1", "500e-1"].map(money).into();
        assert_eq!(same.len(), 1);
        assert!(money("0.1") < money("0.10000000000000000000001"));
        assert!(money("1").is_positive() && !money("0").is_positive() && !money("-1").is_positive());
        assert_eq!((money("100.0").scale(), money("0.1250").scale()), (0, 3));
    }

    #[test]
    fn json_keeps_every_digit_in_both_directions() {
        #[derive(Deserialize, Serialize)]
        struct Body {
            amount: Money,
            more: Option<Money>,
        }
        for (read, written) in [
            (r#"{"amount":3.09e-05,"more":null}"#, r#"{"amount":0.0000309,"more":null}"#),
            (r#"{"amount":"10000.00"}"#, r#"{"amount":10000,"more":null}"#),
            (
                r#"{ "amount" : 0.1234567890123456789 , "more": 100.0 }"#,
                r#"{"amount":0.1234567890123456789,"more":100}"#,
            ),
        ] {
            let body: Body = serde_json::from_str(read).unwrap();
            assert_eq!(serde_json::to_string(&body).unwrap(), written);
        }
        for wrong in ["true", "[]", "{}", r#""12,50""#, r#""""#, r#"" 5""#, "1e999"] {
            assert!(serde_json::from_str::<Money>(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_give_the_same_amount(
            units in -9_999_999_999_999_999_999_999_999_999_i128..=9_999_999_999_999_999_999_999_999_999,
            scale in 0_u32..=28,
        ) {
            let amount = Money::from_units(units, scale).unwrap();
            let plain = amount.to_string();
            prop_assert!(!plain.contains(['e', 'E']));
            prop_assert_eq!(plain.parse::<Money>(), Ok(amount));
            prop_assert_eq!(format!("{units}e-{scale}").parse::<Money>(), Ok(amount));
            prop_assert_eq!(serde_json::from_str::<Money>(&serde_json::to_string(&amount).unwrap()).unwrap(), amount);
        }

        #[test]
        fn taking_back_what_was_added_changes_nothing(a in -1_000_000_000_000_i64..1_000_000_000_000,
            b in -1_000_000_000_000_i64..1_000_000_000_000, x in 0_u32..=12, y in 0_u32..=12) {
            let (a, b) = (Money::from_units(a.into(), x).unwrap(), Money::from_units(b.into(), y).unwrap());
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b), Some(a));
        }
    }
}
