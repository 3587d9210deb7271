//! Texts of the webhook tools, in English and Spanish.

use payments_core::Language;

/// The texts in one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReceivingTexts(pub(crate) Language);

impl ReceivingTexts {
    pub(crate) fn events(self, shown: usize, total: usize) -> String {
        match self.0 {
            Language::En => format!("{shown} of {total} webhook events."),
            Language::Es => format!("{shown} de {total} eventos de webhook."),
        }
    }

    pub(crate) fn events_cut(self, shown: usize, wanted: usize) -> String {
        match self.0 {
            Language::En => format!(
                "The newest {shown} of {wanted} events are shown, because an answer holds 1 MiB at most: ask for one \
                 payment with identifier, or set a smaller limit."
            ),
            Language::Es => format!(
                "Se muestran los {shown} más recientes de {wanted} eventos, porque una respuesta contiene 1 MiB como \
                 máximo: pida un solo pago con identifier, o ponga un limit menor."
            ),
        }
    }

    /// `reason` is in the words of the system, which are English.
    pub(crate) fn not_receiving(self, reason: &str) -> String {
        match self.0 {
            Language::En => reason.to_owned(),
            Language::Es => {
                "No se reciben webhooks: este proceso no puede escuchar en su puerto (WEBHOOK_HOST, WEBHOOK_PORT)."
                    .to_owned()
            }
        }
    }

    pub(crate) fn unreachable(self, reason: &str) -> String {
        match self.0 {
            Language::En => {
                format!("A probe through the public address did not reach this process: {reason}.")
            }
            // The reason is in the words of programs, which are English.
            Language::Es => "Una prueba a través de la dirección pública no llegó a este proceso; get_tunnel_status puede \
                 indicar la causa."
                .to_owned(),
        }
    }

    pub(crate) fn tunnel(self, carrier: &str, public_url: Option<&str>, error: Option<&str>) -> String {
        match (self.0, public_url, error) {
            (Language::En, _, Some(error)) => format!("{carrier}: {error}"),
            // The error is in the words of a program, which are English.
            (Language::Es, _, Some(_)) => {
                format!("{carrier}: el túnel no está conectado; la causa está en last_error.")
            }
            (Language::En, Some(url), None) => format!("{carrier}: webhooks arrive through {url}"),
            (Language::Es, Some(url), None) => format!("{carrier}: los webhooks llegan a través de {url}"),
            (Language::En, None, None) => "Nothing carries webhooks to this machine.".to_owned(),
            (Language::Es, None, None) => "Nada lleva webhooks a esta máquina.".to_owned(),
        }
    }

    /// A sandbox on this machine was given the address when it started.
    pub(crate) fn registered_at_sandbox(self) -> &'static str {
        match self.0 {
            Language::En => "The sandbox sends to this address already; there is nothing to enter.",
            Language::Es => "El sandbox ya envía a esta dirección; no hay nada que introducir.",
        }
    }

    /// Whether the address that `carrier` leads to survives a restart, and what to do about it.
    pub(crate) fn persistence(self, carrier: &str, is_stable: bool) -> &'static str {
        match (self.0, carrier) {
            (Language::En, _) if is_stable => "The URL is your own and survives a restart.",
            (Language::Es, _) if is_stable => "La URL es suya y sobrevive a un reinicio.",
            (Language::En, "ngrok") => {
                "The URL may change at each start: set NGROK_DOMAIN to the domain that ngrok's dashboard shows \
                 for your account, and it stays."
            }
            (Language::Es, "ngrok") => {
                "La URL puede cambiar en cada arranque: ponga en NGROK_DOMAIN el dominio que el panel de ngrok \
                 muestra para su cuenta, y se mantendrá."
            }
            (Language::En, "zrok") => "The URL changes at each start: set ZROK_UNIQUE_NAME, and it stays.",
            (Language::Es, "zrok") => {
                "La URL cambia en cada arranque: defina ZROK_UNIQUE_NAME, y se mantendrá."
            }
            (Language::En, "cloudflared") => {
                "The URL changes at each start, because a quick tunnel has no name of its own: enter it anew \
                 each time, or use ngrok or zrok with a name."
            }
            (Language::Es, "cloudflared") => {
                "La URL cambia en cada arranque, porque un túnel rápido no tiene nombre propio: introdúzcala de \
                 nuevo cada vez, o use ngrok o zrok con un nombre."
            }
            (Language::En, _) => {
                "The URL may change at each start: when the program always opens the same one, set \
                 WEBHOOK_PUBLIC_URL to it."
            }
            (Language::Es, _) => {
                "La URL puede cambiar en cada arranque: si el programa abre siempre la misma, póngala en \
                 WEBHOOK_PUBLIC_URL."
            }
        }
    }
}
