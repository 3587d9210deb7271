//! The fiat currencies in which an order can be made.

use std::{fmt, str::FromStr};

use payments_core::FiatCurrency;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Declares the currencies once: variant and ISO 4217 code.
macro_rules! fiats {
    ($($variant:ident $code:literal $name:literal,)+) => {
        /// A fiat currency in which an order can be made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fiat {
            $(#[doc = $name] $variant,)+
        }

        impl Fiat {
            /// Every fiat currency of the API, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The ISO 4217 code, such as `EUR`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The same currency as a value that all providers share.
            #[must_use]
            pub const fn currency(self) -> FiatCurrency {
                match self { $(Self::$variant => const { iso4217($code) },)+ }
            }

            /// How many decimals an amount can have, from ISO 4217: 2 for `EUR`, 0 for `JPY`.
            #[must_use]
            pub const fn exponent(self) -> u32 {
                self.currency().exponent()
            }
        }

        impl From<Fiat> for FiatCurrency {
            fn from(fiat: Fiat) -> Self {
                fiat.currency()
            }
        }
    };
}

fiats! {
    Ars "ARS" "Argentine peso.",
    Aud "AUD" "Australian dollar.",
    Bgn "BGN" "Bulgarian lev.",
    Bob "BOB" "Boliviano.",
    Brl "BRL" "Brazilian real.",
    Cad "CAD" "Canadian dollar.",
    Chf "CHF" "Swiss franc.",
    Clp "CLP" "Chilean peso.",
    Cop "COP" "Colombian peso.",
    Dkk "DKK" "Danish krone.",
    Dop "DOP" "Dominican peso.",
    Eur "EUR" "Euro.",
    Gbp "GBP" "Pound sterling.",
    Gel "GEL" "Georgian lari.",
    Huf "HUF" "Hungarian forint.",
    Isk "ISK" "Icelandic króna.",
    Jpy "JPY" "Japanese yen.",
    Krw "KRW" "South Korean won.",
    Mxn "MXN" "Mexican peso.",
    Nok "NOK" "Norwegian krone.",
    Nzd "NZD" "New Zealand dollar.",
    Pen "PEN" "Peruvian sol.",
    Pln "PLN" "Polish złoty.",
    Pyg "PYG" "Paraguayan guaraní.",
    Ron "RON" "Romanian leu.",
    Sek "SEK" "Swedish krona.",
    Sgd "SGD" "Singapore dollar.",
    Svc "SVC" "Salvadoran colón.",
    Usd "USD" "United States dollar.",
    Uyu "UYU" "Uruguayan peso.",
}

/// Evaluated at compile time: a code that ISO 4217 does not have does not compile.
const fn iso4217(code: &str) -> FiatCurrency {
    match FiatCurrency::from_code(code) {
        Some(currency) => currency,
        None => unreachable!(),
    }
}

/// The text is no ISO 4217 code that the API takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFiat;

impl fmt::Display for UnknownFiat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = Fiat::ALL.iter().map(|fiat| fiat.code()).collect();
        write!(f, "expected one of {}, in capitals", codes.join(", "))
    }
}

impl std::error::Error for UnknownFiat {}

impl FromStr for Fiat {
    type Err = UnknownFiat;

    fn from_str(text: &str) -> Result<Self, UnknownFiat> {
        Self::ALL.iter().copied().find(|fiat| fiat.code() == text).ok_or(UnknownFiat)
    }
}

impl fmt::Display for Fiat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Serialize for Fiat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Fiat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_currencies_are_those_of_the_document() {
        let document = include_str!("../../../openapi/bitnovo-pay.yaml");
        let (_, rest) = document.split_once("\n    Fiat:\n").unwrap();
        let (_, rest) = rest.split_once("enum: [").unwrap();
        let (list, _) = rest.split_once(']').unwrap();
        let documented: Vec<&str> = list.split(',').map(str::trim).collect();
        let ours: Vec<&str> = Fiat::ALL.iter().map(|fiat| fiat.code()).collect();
        assert_eq!(ours, documented);
        assert_eq!(ours.len(), 30);
    }

    #[test]
    fn five_currencies_have_no_minor_unit_and_none_has_more_than_two_decimals() {
        let without: Vec<&str> =
            Fiat::ALL.iter().filter(|fiat| fiat.exponent() == 0).map(|fiat| fiat.code()).collect();
        assert_eq!(without, ["CLP", "ISK", "JPY", "KRW", "PYG"]);
        assert!(Fiat::ALL.iter().all(|fiat| [0, 2].contains(&fiat.exponent())));
    }

    #[test]
    fn a_code_reads_back_and_anything_else_is_refused_with_the_list() {
        for fiat in Fiat::ALL {
            assert_eq!(fiat.to_string().parse(), Ok(*fiat));
        }
        for wrong in ["", "eur", "EURO", " EUR", "€", "XAU"] {
            assert_eq!(wrong.parse::<Fiat>(), Err(UnknownFiat), "{wrong:?}");
        }
        assert!(UnknownFiat.to_string().starts_with("expected one of ARS, AUD, "));
    }

    #[test]
    fn in_json_it_is_its_code() {
        assert_eq!(serde_json::to_string(&Fiat::Eur).unwrap(), "\"EUR\"");
        assert_eq!(serde_json::from_str::<Fiat>("\"CLP\"").unwrap(), Fiat::Clp);
        assert!(serde_json::from_str::<Fiat>("\"clp\"").is_err());
    }
}
