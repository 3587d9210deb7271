//! Texts for people, in English and Spanish. They can be shown to a customer as they are.

use bitnovo_pay::{Fiat, Language, Money, clean_text};
use chrono::{DateTime, SecondsFormat, Utc};

use crate::{arguments::Text, config::limits::in_fiat};

/// The texts in one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts(pub(crate) Language);

impl Texts {
    pub(crate) fn language(self) -> Language {
        self.0
    }

    pub(crate) fn link(self, amount: &str, fiat: &str, url: &str) -> String {
        match self.0 {
            Language::En => format!("Pay {amount} {fiat} here: {url}"),
            Language::Es => format!("Pague {amount} {fiat} aquí: {url}"),
        }
    }

    pub(crate) fn onchain(
        self,
        amount: &str,
        currency: &str,
        network: &str,
        address: &str,
        tag: Option<&str>,
        expires_at: Option<DateTime<Utc>>,
    ) -> String {
        let mut lines = match self.0 {
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
        if let Some(time) = expires_at {
            let time = time.to_rfc3339_opts(SecondsFormat::Secs, true);
            lines.push(match self.0 {
                Language::En => format!("The funds must arrive before {time}."),
                Language::Es => format!("Los fondos deben llegar antes de {time}."),
            });
        }
        lines.join("\n")
    }

    fn tag(self, tag: &str) -> String {
        match self.0 {
            Language::En => format!("Tag / memo: {tag} (required: without it the funds are lost)"),
            Language::Es => format!("Etiqueta / memo: {tag} (obligatoria: sin ella los fondos se pierden)"),
        }
    }

    pub(crate) fn status(
        self,
        amount: &str,
        fiat: &str,
        description: &str,
        verdict: &str,
        remaining: Option<(&str, &str)>,
    ) -> String {
        let mut text = format!("{amount} {fiat}: {description} ({verdict}).");
        if let Some((missing, currency)) = remaining {
            text.push_str(&match self.0 {
                Language::En => format!(" Still missing: {missing} {currency}."),
                Language::Es => format!(" Faltan: {missing} {currency}."),
            });
        }
        text
    }

    pub(crate) fn codes(self, count: usize, tag: Option<&str>) -> String {
        let mut text = match (self.0, count) {
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

    pub(crate) fn events(self, shown: usize, total: usize) -> String {
        match self.0 {
            Language::En => format!("{shown} of {total} webhook events."),
            Language::Es => format!("{shown} de {total} eventos de webhook."),
        }
    }

    /// What the merchant is asked before a payment above their threshold is created.
    pub(crate) fn confirm(
        self,
        amount: Money,
        fiat: Fiat,
        currency: Option<&str>,
        notes: Option<&Text<0, 512>>,
        reference: Option<&Text<1, 256>>,
    ) -> String {
        let amount = in_fiat(amount, fiat);
        let currency = currency.map(clean_text);
        let mut lines = vec![match (self.0, &currency) {
            (Language::En, Some(currency)) => {
                format!("Create a payment of {amount}, to be paid in {currency}?")
            }
            (Language::En, None) => format!("Create a payment link over {amount}?"),
            (Language::Es, Some(currency)) => format!("¿Crear un pago de {amount}, a pagar en {currency}?"),
            (Language::Es, None) => format!("¿Crear un enlace de pago por {amount}?"),
        }];
        // Whoever wrote them may want to be taken for us: they stay between quotes, on one line.
        let (noted, referred) = match self.0 {
            Language::En => ("Notes", "Reference"),
            Language::Es => ("Notas", "Referencia"),
        };
        lines.extend(notes.map(|Text(notes)| format!("{noted}: {:?}", clean_text(notes))));
        lines.extend(reference.map(|Text(reference)| format!("{referred}: {:?}", clean_text(reference))));
        lines.join("\n")
    }

    /// Where to enter the address, and whether it survives a restart.
    pub(crate) fn dashboard(self, provider: &str) -> String {
        if provider == "local" {
            return match self.0 {
                Language::En => "The sandbox sends to this address already; there is nothing to enter.",
                Language::Es => "El sandbox ya envía a esta dirección; no hay nada que introducir.",
            }
            .to_owned();
        }
        match self.0 {
            Language::En => {
                "Copy this URL, open pay.bitnovo.com, Settings, Merchant, Devices, choose the device and paste it into the \
                 field notification_url. The URL is your own and survives a restart."
            }
            Language::Es => {
                "Copie esta URL, abra pay.bitnovo.com, Configuración, Comercio, Dispositivos, elija el dispositivo y péguela \
                 en el campo notification_url. La URL es suya y sobrevive a un reinicio."
            }
        }
        .to_owned()
    }

    pub(crate) fn unproved(self, reason: &str) -> String {
        match self.0 {
            Language::En => {
                format!("A probe through the public address did not reach this process: {reason}.")
            }
            Language::Es => {
                format!("Una prueba a través de la dirección pública no llegó a este proceso: {reason}.")
            }
        }
    }

    pub(crate) fn tunnel(self, provider: &str, public_url: Option<&str>, error: Option<&str>) -> String {
        match (self.0, public_url, error) {
            (_, _, Some(error)) => format!("{provider}: {error}"),
            (Language::En, Some(url), None) => format!("{provider}: webhooks arrive through {url}"),
            (Language::Es, Some(url), None) => format!("{provider}: los webhooks llegan a través de {url}"),
            (Language::En, None, None) => "Nothing carries webhooks to this machine.".to_owned(),
            (Language::Es, None, None) => "Nada lleva webhooks a esta máquina.".to_owned(),
        }
    }

    pub(crate) fn address_only(self, currency: &str, network: &str) -> String {
        match self.0 {
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

    pub(crate) fn address_code_without_tag(self) -> &'static str {
        match self.0 {
            Language::En => {
                "The address code does not hold the tag. Let the customer scan the payment URI code, or enter the tag by hand."
            }
            Language::Es => {
                "El código de la dirección no contiene la etiqueta. El cliente debe escanear el código de la URI de pago o \
                 introducir la etiqueta a mano."
            }
        }
    }
}
