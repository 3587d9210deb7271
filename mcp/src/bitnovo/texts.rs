//! Texts for people, in English and Spanish. They can be shown to a customer as they are.

mod english;
mod spanish;
mod words;

use std::ops::Deref;

use bitnovo_pay::{Fiat, Language, LeftOut, Money, Reading, RedirectUrl, Verdict, clean_text};
use chrono::{DateTime, SecondsFormat, Utc};

use self::words::Words;
use crate::config::forms::{Forms, Price};
use crate::protocol::arguments::Text;

/// The texts in one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts<'a>(pub(crate) &'a Forms);

impl Deref for Texts<'_> {
    type Target = dyn Words;

    fn deref(&self) -> &Self::Target {
        match self.0.language {
            Language::En => &english::English,
            Language::Es => &spanish::Spanish,
        }
    }
}

impl<'a> Texts<'a> {
    pub(crate) fn forms(self) -> &'a Forms {
        self.0
    }

    /// A row that could not be read: its name, when it has one, and the field.
    pub(crate) fn left_out(self, row: &LeftOut) -> String {
        let field = self.unreadable(&row.unreadable);
        match &row.name {
            Some(name) => format!("{name}: {field}"),
            None => field,
        }
    }

    pub(crate) fn language(self) -> Language {
        self.0.language
    }

    pub(crate) fn link(self, price: &Price, url: &str) -> String {
        let price = self.0.price(price);
        match self.0.language {
            Language::En => format!("Pay {price} here: {url}"),
            Language::Es => format!("Pague {price} aquí: {url}"),
        }
    }

    /// `before` is the end of the payment, as [`Forms::before`] says it.
    pub(crate) fn onchain(
        self,
        amount: &str,
        currency: &str,
        network: &str,
        address: &str,
        tag: Option<&str>,
        before: Option<String>,
    ) -> String {
        let mut lines = match self.0.language {
            Language::En => vec![
                format!("Send exactly {amount} {currency}"),
                format!("Network: {network}"),
                format!("Address: {address}"),
            ],
            Language::Es => vec![
                format!("Envíe exactamente {amount} {currency}"),
                format!("Red: {network}"),
                format!("Dirección: {address}"),
            ],
        };
        if let Some(tag) = tag {
            lines.push(self.tag(tag));
        }
        if let Some(before) = before {
            lines.push(match self.0.language {
                Language::En => format!("The funds must arrive {before}."),
                Language::Es => format!("Los fondos deben llegar {before}."),
            });
        }
        lines.join("\n")
    }

    fn tag(self, tag: &str) -> String {
        match self.0.language {
            Language::En => format!("Tag / memo: {tag} (required: without it the funds are lost)"),
            Language::Es => format!("Etiqueta / memo: {tag} (obligatoria: sin ella los fondos se pierden)"),
        }
    }

    /// How far a wait is.
    pub(crate) fn waiting(self, verdict: Verdict, seconds: u64, of: u64) -> String {
        let verdict = self.verdict(verdict);
        match self.0.language {
            Language::En => format!("{verdict}; {seconds} of {of} s"),
            Language::Es => format!("{verdict}; {seconds} de {of} s"),
        }
    }

    /// A result that is not the last word, and why.
    pub(crate) fn stale(self, reading: &Reading, cause: Option<(&str, &str)>) -> String {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let read_at = time(reading.read_at);
        let since = reading.outdated_since.map(time);
        match (self.0.language, since, cause) {
            (Language::En, Some(since), Some((code, why))) => format!(
                "The payment was last read at {read_at}; since {since} it could not be read again ({code}: {why}) It may \
                 have changed: read it again before you act on this result."
            ),
            (Language::En, Some(since), None) => format!(
                "The payment was last read at {read_at}; a change announced by {since} could not be read yet. Read it again \
                 before you act on this result."
            ),
            (Language::En, None, _) => format!(
                "The payment was last read at {read_at} and may have changed since: read it again before you act on this \
                 result."
            ),
            (Language::Es, Some(since), Some((code, why))) => format!(
                "El pago se leyó por última vez a las {read_at}; desde {since} no se ha podido leer otra vez ({code}: {why}) \
                 Puede haber cambiado: léalo de nuevo antes de actuar."
            ),
            (Language::Es, Some(since), None) => format!(
                "El pago se leyó por última vez a las {read_at}; un cambio anunciado a las {since} aún no se ha podido leer. \
                 Léalo de nuevo antes de actuar."
            ),
            (Language::Es, None, _) => format!(
                "El pago se leyó por última vez a las {read_at} y puede haber cambiado: léalo de nuevo antes de actuar."
            ),
        }
    }

    /// The provider calls it paid, and its own amounts do not.
    pub(crate) fn paid_with_less(self, received: Money, asked: Money, currency: &str) -> String {
        match self.0.language {
            Language::En => format!(
                "The provider reports this payment as paid, but by its own amounts only {received} of {asked} {currency} has \
                 arrived. The provider's word counts; have the merchant look at it in the dashboard."
            ),
            Language::Es => format!(
                "El proveedor da este pago por pagado, pero según sus propios importes solo han llegado {received} de {asked} \
                 {currency}. Vale la palabra del proveedor; el comercio debería revisarlo en el panel."
            ),
        }
    }

    pub(crate) fn payments(self, shown: usize, total: usize) -> String {
        match self.0.language {
            Language::En => format!("{shown} of {total} payments."),
            Language::Es => format!("{shown} de {total} pagos."),
        }
    }

    pub(crate) fn codes(self, count: usize, tag: Option<&str>) -> String {
        let mut text = match (self.0.language, count) {
            (Language::En, 1) => "1 QR code.".to_owned(),
            (Language::En, count) => format!("{count} QR codes."),
            (Language::Es, 1) => "1 código QR.".to_owned(),
            (Language::Es, count) => format!("{count} códigos QR."),
        };
        if let Some(tag) = tag {
            text.push('\n');
            text.push_str(&self.tag(tag));
        }
        text
    }

    /// That an answer ends before all that was asked for.
    /// What the merchant is asked before a payment above their threshold is created.
    pub(crate) fn confirm(
        self,
        amount: Money,
        fiat: Fiat,
        currency: Option<&str>,
        [url_ok, url_ko]: [Option<&RedirectUrl>; 2],
        notes: Option<&Text<0, 512>>,
        reference: Option<&Text<1, 256>>,
    ) -> String {
        let amount = self.0.price(&Price { amount, code: fiat.to_string() });
        let currency = currency.map(clean_text);
        let mut lines = vec![match (self.0.language, &currency) {
            (Language::En, Some(currency)) => {
                format!("Create a payment of {amount}, to be paid in {currency}?")
            }
            (Language::En, None) => format!("Create a payment link over {amount}?"),
            (Language::Es, Some(currency)) => format!("¿Crear un pago de {amount}, a pagar en {currency}?"),
            (Language::Es, None) => format!("¿Crear un enlace de pago por {amount}?"),
        }];
        // The customer is sent to these pages: an unknown one is a reason to reject the payment.
        let (paid, unpaid) = match self.0.language {
            Language::En => ("After paying, the customer is sent to", "Without having paid, to"),
            Language::Es => ("Tras pagar, el cliente irá a", "Si no paga, a"),
        };
        lines.extend(url_ok.map(|url| format!("{paid}: {url}")));
        lines.extend(url_ko.map(|url| format!("{unpaid}: {url}")));
        // Their author may imitate our own words: they stay between quotes, on one line.
        let (noted, referred) = match self.0.language {
            Language::En => ("Notes", "Reference"),
            Language::Es => ("Notas", "Referencia"),
        };
        lines.extend(notes.map(|Text(notes)| format!("{noted}: {:?}", clean_text(notes))));
        lines.extend(reference.map(|Text(reference)| format!("{referred}: {:?}", clean_text(reference))));
        lines.join("\n")
    }

    pub(crate) fn address_only(self, currency: &str, network: &str) -> String {
        match self.0.language {
            Language::En => format!(
                "There is no payment URI for {currency}: the customer sends to the address, on network {network} and no other, \
                 and enters the amount."
            ),
            Language::Es => format!(
                "No hay URI de pago para {currency}: el cliente envía a la dirección, en la red {network} y en ninguna otra, \
                 e introduce el importe."
            ),
        }
    }

    /// A tag where no wallet asks for one.
    pub(crate) fn unexpected_tag(self, network: &str, tag: Option<&str>) -> String {
        let tag = tag.unwrap_or_default();
        match self.0.language {
            Language::En => format!(
                "The API returned the tag or memo {tag:?}, and {network} has none: the customer sends without it. Tell the \
                 merchant when it does not arrive."
            ),
            Language::Es => format!(
                "La API devolvió la etiqueta o memo {tag:?}, y {network} no las tiene: el cliente envía sin ella. Avise al \
                 comercio si no llega."
            ),
        }
    }

    /// `uri` when there is a payment URI, which holds the tag.
    pub(crate) fn address_code_without_tag(self, uri: bool) -> &'static str {
        match (self.0.language, uri) {
            (Language::En, false) => {
                "The address code does not hold the tag: the customer enters the tag by hand, or the funds are lost."
            }
            (Language::Es, false) => {
                "El código de la dirección no contiene la etiqueta: el cliente debe introducirla a mano, o los fondos se pierden."
            }
            (Language::En, true) => {
                "The address code does not hold the tag. Let the customer scan the payment URI code, or enter the tag by hand."
            }
            (Language::Es, true) => {
                "El código de la dirección no contiene la etiqueta. El cliente debe escanear el código de la URI de pago o \
                 introducir la etiqueta a mano."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_uri_is_named_only_where_there_is_one() {
        for language in [Language::En, Language::Es] {
            let forms = Forms { language, zone: None };
            let says_uri = |uri| Texts(&forms).address_code_without_tag(uri).contains("URI");
            assert_eq!([true, false].map(says_uri), [true, false], "{language:?}");
        }
    }

    #[test]
    fn the_approval_shows_where_the_customer_is_sent() {
        let pages: [RedirectUrl; 2] =
            ["https://shop.example/ok", "https://other.example/ko"].map(|url| url.parse().unwrap());
        for language in [Language::En, Language::Es] {
            let forms = Forms { language, zone: None };
            let ask = |pages| Texts(&forms).confirm(Money::from(750), Fiat::Eur, None, pages, None, None);
            let lines = ask([Some(&pages[0]), Some(&pages[1])]);
            let lines: Vec<&str> = lines.lines().collect();
            assert_eq!(lines.len(), 3, "{lines:?}");
            assert!(lines[1].ends_with(": https://shop.example/ok"), "{lines:?}");
            assert!(lines[2].ends_with(": https://other.example/ko"), "{lines:?}");
            assert_eq!(ask([None, None]).lines().count(), 1);
        }
    }
}
