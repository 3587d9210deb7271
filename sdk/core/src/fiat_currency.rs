//! A fiat currency of any provider.

use std::{fmt, str::FromStr};

use crate::{Money, iso4217};

/// A fiat currency, by its ISO 4217 code. Which of them can be charged is up to each provider.
///
/// ```
/// use payments_core::FiatCurrency;
///
/// let yen: FiatCurrency = "JPY".parse()?;
/// assert_eq!((yen.code(), yen.exponent()), ("JPY", 0));
/// # Ok::<(), payments_core::UnknownFiatCurrency>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiatCurrency {
    code: [u8; 3],
    exponent: u32,
}

impl FiatCurrency {
    /// Euro.
    pub const EUR: Self = Self::known("EUR");
    /// United States dollar.
    pub const USD: Self = Self::known("USD");
    /// Japanese yen.
    pub const JPY: Self = Self::known("JPY");
    /// Pound sterling.
    pub const GBP: Self = Self::known("GBP");

    /// Evaluated at compile time: a code that ISO 4217 does not have does not compile.
    const fn known(code: &str) -> Self {
        match Self::from_code(code) {
            Some(currency) => currency,
            None => unreachable!(),
        }
    }

    /// The currency with this code in capitals; `None` when ISO 4217 has none.
    #[must_use]
    pub const fn from_code(code: &str) -> Option<Self> {
        match (iso4217::exponent(code), code.as_bytes()) {
            (Some(exponent), &[first, second, third]) => {
                Some(Self { code: [first, second, third], exponent })
            }
            _ => None,
        }
    }

    /// The ISO 4217 code, such as `EUR`.
    #[must_use]
    pub fn code(&self) -> &str {
        // Always text: it was made of text.
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// How many decimals an amount can have: 2 for `EUR`, 0 for `JPY`.
    #[must_use]
    pub const fn exponent(self) -> u32 {
        self.exponent
    }

    /// An amount with as many decimals as the currency has, without its code: `500.00`.
    #[must_use]
    pub fn decimals_of(self, amount: Money) -> String {
        amount.to_string_with_scale(self.exponent)
    }
}

impl fmt::Display for FiatCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for FiatCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is no ISO 4217 code of a currency in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFiatCurrency;

impl fmt::Display for UnknownFiatCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an ISO 4217 code in capitals, such as EUR")
    }
}

impl std::error::Error for UnknownFiatCurrency {}

impl FromStr for FiatCurrency {
    type Err = UnknownFiatCurrency;

    fn from_str(text: &str) -> Result<Self, UnknownFiatCurrency> {
        Self::from_code(text).ok_or(UnknownFiatCurrency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_in_use_are_currencies() {
        for (code, exponent) in [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CNY", 2)] {
            let currency: FiatCurrency = code.parse().unwrap();
            assert_eq!(
                (currency.code(), currency.exponent(), currency.to_string()),
                (code, exponent, code.into())
            );
        }
        for text in ["", "eur", "EURO", "XXX", "€", "€€€", "EU"] {
            assert_eq!(text.parse::<FiatCurrency>(), Err(UnknownFiatCurrency), "{text}");
        }
    }
}
