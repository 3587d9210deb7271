//! The words of the checkout page, in the language of its order.

/// All texts of the page itself.
pub(super) struct Words {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) no_real_money: &'static str,
    pub(super) choose: &'static str,
    pub(super) waiting: &'static str,
    pub(super) part: &'static str,
    pub(super) accepted: &'static str,
    pub(super) seen: &'static str,
    pub(super) paid: &'static str,
    pub(super) out_of_conditions: &'static str,
    pub(super) expired: &'static str,
    pub(super) cancelled: &'static str,
    pub(super) failed: &'static str,
    pub(super) refunded: &'static str,
    pub(super) no_currency: &'static str,
    pub(super) network: &'static str,
    pub(super) time_left: &'static str,
    pub(super) amount: &'static str,
    pub(super) address: &'static str,
    pub(super) tag: &'static str,
    pub(super) tag_needed: &'static str,
    pub(super) copy: &'static str,
    pub(super) copied: &'static str,
    /// With the places `{currency}` and `{network}`.
    pub(super) only: &'static str,
    pub(super) back: &'static str,
    pub(super) simulate: &'static str,
    pub(super) about_buttons: &'static str,
    /// Labels of the buttons, in their order.
    pub(super) buttons: [&'static str; 8],
}

impl Words {
    /// Spanish or English; English also serves for the languages that the sandbox does not know.
    pub(super) fn of(language: &str) -> &'static Self {
        if language == "es" { &SPANISH } else { &ENGLISH }
    }

    /// A price as people write it. Amounts of a cryptocurrency stay as wallets take them.
    pub(super) fn price(&self, amount: &str, fiat: &str) -> String {
        match (self.code, fiat) {
            ("es", "EUR") => format!("{} €", amount.replace('.', ",")),
            ("es", _) => format!("{} {fiat}", amount.replace('.', ",")),
            _ => format!("{amount} {fiat}"),
        }
    }
}

static ENGLISH: Words = Words {
    code: "en",
    title: "sandbox checkout",
    no_real_money: "no real money",
    choose: "Choose how to pay",
    waiting: "Waiting for your payment",
    part: "A part has arrived: please send the rest",
    accepted: "Payment accepted",
    seen: "Payment seen, waiting for its confirmation",
    paid: "Paid. Thank you!",
    out_of_conditions: "Paid too little or too late: the shop will decide",
    expired: "The time to pay is over",
    cancelled: "Cancelled",
    failed: "The payment was never confirmed",
    refunded: "Refunded",
    no_currency: "No currency can be used for this amount.",
    network: "Network",
    time_left: "Time left",
    amount: "Amount",
    address: "Address",
    tag: "Tag / memo",
    tag_needed: "Without this tag the payment is lost.",
    copy: "Copy",
    copied: "Copied",
    only: "Send only {currency} on the network {network}.",
    back: "Back to the shop",
    simulate: "Simulate",
    about_buttons: "These buttons play the customer and the blockchain. A real checkout page has none of them.",
    buttons: [
        "Pay what is missing",
        "Pay 60 %",
        "Pay 120 %",
        "Mine a block",
        "Let it expire",
        "Cancel",
        "Drop the transaction",
        "Refund",
    ],
};

static SPANISH: Words = Words {
    code: "es",
    title: "pago de prueba",
    no_real_money: "sin dinero real",
    choose: "Elija cómo pagar",
    waiting: "Esperando su pago",
    part: "Ha llegado una parte: envíe el resto",
    accepted: "Pago aceptado",
    seen: "Pago detectado, pendiente de confirmación",
    paid: "Pagado. ¡Gracias!",
    out_of_conditions: "Pagado de menos o fuera de plazo: el comercio decidirá",
    expired: "El plazo para pagar ha terminado",
    cancelled: "Cancelado",
    failed: "El pago no llegó a confirmarse",
    refunded: "Devuelto",
    no_currency: "Ninguna moneda admite este importe.",
    network: "Red",
    time_left: "Tiempo restante",
    amount: "Importe",
    address: "Dirección",
    tag: "Etiqueta / memo",
    tag_needed: "Sin esta etiqueta el pago se pierde.",
    copy: "Copiar",
    copied: "Copiado",
    only: "Envíe solo {currency} por la red {network}.",
    back: "Volver al comercio",
    simulate: "Simular",
    about_buttons: "Estos botones hacen de cliente y de cadena de bloques. Una página de pago real no los tiene.",
    buttons: [
        "Pagar lo que falta",
        "Pagar el 60 %",
        "Pagar el 120 %",
        "Minar un bloque",
        "Dejar que venza",
        "Cancelar",
        "Descartar la transacción",
        "Devolver",
    ],
};
