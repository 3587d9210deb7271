//! The status of a payment, as the API reports it.

use std::{borrow::Cow, convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Language, clean_text};

/// Declares the known codes once: variant, code, and the words in English and in Spanish.
macro_rules! statuses {
    ($($(#[$doc:meta])+ $variant:ident $code:literal $en:literal $es:literal,)+) => {
        /// The state of a payment, in the API's terms.
        ///
        /// The set is open: a code that is not known here is kept as it is. For what a status means to a merchant,
        /// read `Payment::verdict`.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum PaymentStatus {
            $($(#[$doc])+ $variant,)+
            /// A code that was not known when this was written.
            Unknown(String),
        }

        impl PaymentStatus {
            /// Every known status.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)+];

            /// The code of the API, such as `CO`.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Unknown(code) => code,
                }
            }

            /// The status in words, for people.
            #[must_use]
            pub fn description(&self, language: Language) -> Cow<'static, str> {
                match (self, language) {
                    $((Self::$variant, Language::En) => $en.into(), (Self::$variant, Language::Es) => $es.into(),)+
                    (Self::Unknown(code), Language::En) => format!("Unknown ({})", clean_text(code)).into(),
                    (Self::Unknown(code), Language::Es) => format!("Desconocido ({})", clean_text(code)).into(),
                }
            }
        }
    };
}

statuses! {
    /// Created; no cryptocurrency chosen yet.
    Nr "NR" "Not Ready" "No preparado",
    /// Waiting for funds.
    Pe "PE" "Pending" "Pendiente",
    /// Seen in the mempool. Goods may be released once `safe` is true.
    Ac "AC" "Awaiting Completion" "Esperando confirmación",
    /// Less than required received so far.
    Ia "IA" "Insufficient Amount" "Importe insuficiente",
    /// Confirmed on chain.
    Co "CO" "Completed" "Completado",
    /// Completed by hand by the merchant.
    Cm "CM" "Completed by Merchant" "Completado por el comercio",
    /// Not on time, or not in full.
    Oc "OC" "Out of Conditions" "Fuera de condiciones",
    /// Nothing received in time.
    Ex "EX" "Expired" "Expirado",
    /// Expired for more than a day.
    Ca "CA" "Cancelled" "Cancelado",
    /// Refunded.
    Rf "RF" "Refunded" "Reembolsado",
    /// The transaction never confirmed.
    Fa "FA" "Failed" "Fallido",
    /// Deleted.
    De "DE" "Deleted" "Eliminado",
}

impl PaymentStatus {
    /// Whether the status never changes again.
    ///
    /// `EX` is not: it becomes `CA` after a day, or `OC` when funds arrive late. `OC` waits for the merchant's decision.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Co | Self::Cm | Self::Ca | Self::Rf | Self::Fa | Self::De)
    }
}

impl From<&str> for PaymentStatus {
    fn from(code: &str) -> Self {
        let known = Self::KNOWN.iter().find(|status| status.code() == code);
        known.cloned().unwrap_or_else(|| Self::Unknown(code.to_owned()))
    }
}

impl FromStr for PaymentStatus {
    type Err = Infallible;

    fn from_str(code: &str) -> Result<Self, Infallible> {
        Ok(code.into())
    }
}

/// The code of the API.
impl fmt::Display for PaymentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Serialize for PaymentStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for PaymentStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(String::deserialize(deserializer)?.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_codes_are_those_of_the_document() {
        let document = include_str!("../../../openapi/bitnovo-pay.yaml");
        let (_, rest) = document.split_once("x-extensible-enum: [").unwrap();
        let (list, _) = rest.split_once(']').unwrap();
        let documented: Vec<&str> = list.split(',').map(str::trim).collect();
        let ours: Vec<&str> = PaymentStatus::KNOWN.iter().map(PaymentStatus::code).collect();
        assert_eq!(ours, documented);
    }

    #[test]
    fn an_unknown_code_is_kept_as_it_is() {
        let status: PaymentStatus = serde_json::from_str("\"ZZ\"").unwrap();
        assert_eq!(status, PaymentStatus::Unknown("ZZ".into()));
        assert_eq!(serde_json::to_string(&status).unwrap(), "\"ZZ\"");
        assert_eq!(status.description(Language::En), "Unknown (ZZ)");
        assert_eq!(status.description(Language::Es), "Desconocido (ZZ)");
        assert!(!status.is_final());
    }

    #[test]
    fn a_code_is_matched_exactly() {
        assert_eq!(PaymentStatus::from("CO"), PaymentStatus::Co);
        assert_eq!(PaymentStatus::from("co"), PaymentStatus::Unknown("co".into()));
    }

    #[test]
    fn descriptions_are_in_the_language_asked_for() {
        assert_eq!(PaymentStatus::Ac.description(Language::En), "Awaiting Completion");
        assert_eq!(PaymentStatus::Ac.description(Language::Es), "Esperando confirmación");
        assert_eq!(PaymentStatus::Cm.description(Language::Es), "Completado por el comercio");
    }

    #[test]
    fn an_expired_payment_can_still_change() {
        let open: Vec<&str> = PaymentStatus::KNOWN
            .iter()
            .filter(|status| !status.is_final())
            .map(PaymentStatus::code)
            .collect();
        assert_eq!(open, ["NR", "PE", "AC", "IA", "OC", "EX"]);
    }
}
