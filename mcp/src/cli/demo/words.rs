//! The texts of the demo, in English and Spanish; with the values that are put in, a line has at most 80 columns.

use payments_core::Language;

pub(super) struct Words {
    pub(super) opening: [&'static str; 2],
    pub(super) link: &'static str,
    pub(super) onchain: &'static str,
    pub(super) pays: &'static str,
    pub(super) confirms: &'static str,
    pub(super) amount: &'static str,
    pub(super) price: &'static str,
    pub(super) page: &'static str,
    pub(super) send: &'static str,
    pub(super) to: &'static str,
    pub(super) until: &'static str,
    pub(super) payment: &'static str,
    pub(super) webhook: &'static str,
    pub(super) signed: &'static str,
    pub(super) status: &'static str,
    pub(super) verdict: &'static str,
    pub(super) detected: &'static str,
    pub(super) paid: &'static str,
    /// What the customer writes on the payments.
    pub(super) tickets: &'static str,
    pub(super) tip: &'static str,
    pub(super) ending: &'static str,
    /// A command or a page, and what it is for.
    pub(super) next: [(&'static str, &'static str); 3],
    step: (&'static str, &'static str),
    late: (&'static str, &'static str),
    differs: [&'static str; 3],
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Es => &SPANISH,
        }
    }

    /// A step failed.
    pub(super) fn failed(&self, step: usize, reason: &str) -> String {
        let (before, after) = self.step;
        format!("{before} {step} {after}: {reason}.")
    }

    /// A webhook did not arrive.
    pub(super) fn no_webhook(&self, status: &str, seconds: u64) -> String {
        let (before, after) = self.late;
        format!("{before} {status} {after} {seconds} s")
    }

    /// The API reports another state; each pair is a status and a verdict.
    pub(super) fn unexpected(&self, expected: (&str, &str), found: (&str, &str)) -> String {
        let [want, with, but] = self.differs;
        format!("{want} {} {with} {}, {but} {} {with} {}", expected.0, expected.1, found.0, found.1)
    }
}

static ENGLISH: Words = Words {
    opening: [
        "Bitnovo Pay, a whole sale. The sandbox runs inside this process;",
        "no account is needed and no money is real.",
    ],
    link: "A link: the customer chooses the currency",
    onchain: "An on-chain payment: the customer said \"in Bitcoin\"",
    pays: "The customer pays",
    confirms: "The network confirms",
    amount: "amount",
    price: "25.00 EUR",
    page: "page",
    send: "send",
    to: "to",
    until: "until",
    payment: "payment",
    webhook: "webhook",
    signed: "signature verified",
    status: "status",
    verdict: "verdict",
    detected: "detected: seen, not final; do not ship yet",
    paid: "paid: hand over the goods",
    tickets: "Two tickets",
    tip: "Tip - Table 7",
    ending: "Every step succeeded, and each change came as a signed webhook. Next:",
    next: [
        ("bitnovo-pay-mcp tools", "what an agent can do"),
        ("bitnovo-pay-mcp sandbox", "a sandbox to build against"),
        ("docs/connect.md", "Claude, Gemini, Codex …"),
    ],
    step: ("Step", "failed"),
    late: ("no verified webhook with status", "arrived in"),
    differs: ["expected status", "with verdict", "but the API reports"],
};

static SPANISH: Words = Words {
    opening: [
        "Bitnovo Pay, una venta completa. El sandbox funciona dentro de este",
        "proceso; no hace falta ninguna cuenta y ningún dinero es real.",
    ],
    link: "Un enlace: el cliente elige la moneda",
    onchain: "Un pago on-chain: el cliente dijo «en Bitcoin»",
    pays: "El cliente paga",
    confirms: "La red confirma",
    amount: "importe",
    price: "25,00 €",
    page: "página",
    send: "envíe",
    to: "a",
    until: "hasta",
    payment: "pago",
    webhook: "webhook",
    signed: "firma verificada",
    status: "estado",
    verdict: "veredicto",
    detected: "detectado: visto, no definitivo; no entregue aún",
    paid: "pagado: entregue la mercancía",
    tickets: "Dos entradas",
    tip: "Propina - Mesa 7",
    ending: "Todos los pasos se cumplieron; cada cambio llegó en un webhook firmado.",
    next: [
        ("bitnovo-pay-mcp tools", "lo que puede hacer un agente"),
        ("bitnovo-pay-mcp sandbox", "un sandbox para desarrollar"),
        ("docs/connect.md", "Claude, Gemini, Codex …"),
    ],
    step: ("El paso", "falló"),
    late: ("no llegó ningún webhook verificado con estado", "en"),
    differs: ["se esperaba el estado", "con veredicto", "pero la API devuelve"],
};
