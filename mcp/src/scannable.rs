//! What a QR code of a payment may say. The rules here keep money from being sent to the wrong coin, without its tag,
//! or too late.

use bitnovo_pay::{
    CurrencyFacts, Payment, PlacedOrder,
    payment_uri::{PaymentUri, UriError},
};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Code, Failure},
    foreign::is_plain,
    order::unusable,
};

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Address,
    PaymentUri,
    GatewayUrl,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Address, Self::PaymentUri, Self::GatewayUrl];

    /// The name in arguments and resource URIs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::PaymentUri => "payment_uri",
            Self::GatewayUrl => "gateway_url",
        }
    }
}

/// The texts of one payment's codes.
#[derive(Debug)]
pub(crate) struct Scannable {
    pub(crate) tag_memo: Option<String>,
    address: Option<String>,
    payment_uri: Option<String>,
    web_url: Option<String>,
    currency: Option<String>,
    /// Whether the customer has sent something already.
    pub(crate) begun: bool,
}

impl Scannable {
    /// Reads the payment and puts together what may be scanned.
    ///
    /// # Errors
    /// `PAYMENT_EXPIRED` when its time is over, `TAG_REQUIRED` when the currency needs a tag that is missing.
    pub(crate) async fn read(app: &App, identifier: Uuid) -> Result<Self, Failure> {
        let payment =
            app.client()?.orders_info(identifier).await.map_err(|error| Failure::from_api(&error))?;
        let known = app.currency_of(&payment).await;
        Self::of(&payment, &known.facts, app.orders().order(identifier))
    }

    fn of(
        payment: &Payment,
        facts: &CurrencyFacts,
        remembered: Option<PlacedOrder>,
    ) -> Result<Self, Failure> {
        if payment.is_over() {
            let message =
                format!("This payment is over ({}); what is sent now may be lost.", payment.status.code());
            return Err(Failure::new(Code::PaymentExpired, message));
        }
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (web_url, told) = match remembered {
            Some(order) => (order.web_url, order.told_uri),
            None => (None, None),
        };
        // What is scanned now must not have the customer pay all of it once more.
        let remaining = payment.remaining_amount();
        let told = told.filter(|_| remaining.is_none());
        let (address, tag_memo, currency) =
            (filled(&payment.address), filled(&payment.tag_memo), filled(&payment.currency_id));
        if ![&address, &tag_memo].into_iter().flatten().all(|text| is_plain(text)) {
            let message = "The payment names an address or a tag that reads differently from what it is. No code is drawn.";
            return Err(Failure::new(Code::ApiError, message));
        }
        let payment_uri = match (&address, &currency) {
            (Some(address), Some(currency)) => {
                let parts = PaymentUri {
                    told: told.as_ref(),
                    currency,
                    facts: *facts,
                    address,
                    amount: remaining.or(payment.crypto_amount),
                    tag: tag_memo.as_deref(),
                };
                parts.resolve().map_err(|error| refused(&error))?
            }
            _ => None,
        };
        // None on a network that has none, whatever the API says.
        let tag_memo = facts.checked_tag(tag_memo.as_deref()).ok().flatten().map(str::to_owned);
        Ok(Self { tag_memo, address, payment_uri, web_url, currency, begun: payment.is_begun() })
    }

    /// What the code of this kind says.
    ///
    /// # Errors
    /// `QR_NOT_AVAILABLE`, with what is available instead.
    pub(crate) fn text(&self, kind: Kind) -> Result<&str, Failure> {
        let text = match kind {
            Kind::Address => &self.address,
            Kind::PaymentUri => &self.payment_uri,
            Kind::GatewayUrl => &self.web_url,
        };
        text.as_deref().ok_or_else(|| self.missing(kind))
    }

    fn missing(&self, kind: Kind) -> Failure {
        let (message, action) = match (kind, &self.address) {
            (Kind::GatewayUrl, _) => (
                "The checkout page of this payment was created by another process, and the API tells it only once."
                    .to_owned(),
                "Use the web_url that the create returned, or ask for qr_type address or payment_uri.",
            ),
            (_, None) => (
                "The customer has not chosen a currency yet, so there is no address to draw.".to_owned(),
                "Ask for qr_type gateway_url: it opens the checkout page.",
            ),
            (_, Some(_)) => (
                format!(
                    "No payment URI can be made for {} without risk of paying the wrong coin: only the address is drawn. \
                     The customer enters the amount, and sends on exactly this network.",
                    bitnovo_pay::clean_text(self.currency.as_deref().unwrap_or("this currency"))
                ),
                "Ask for qr_type address, and tell the customer the network.",
            ),
        };
        Failure::new(Code::QrNotAvailable, message).next(action)
    }
}

/// The payment URI of an order that was just created.
///
/// # Errors
/// `TAG_REQUIRED` with outcome `created`: the order must not be paid.
pub(crate) fn payment_uri(created: &PlacedOrder, facts: &CurrencyFacts) -> Result<Option<String>, Failure> {
    created.payment_uri(facts).map_err(|error| {
        let mut failure = unusable(created, format!("{error}."));
        failure.code = refused(&error).code;
        failure
    })
}

fn refused(error: &UriError) -> Failure {
    match error {
        UriError::TagRequired { .. } => Failure::new(Code::TagRequired, format!("{error}.")),
        _ => Failure::new(Code::ApiError, format!("{error}. No code is drawn.")),
    }
}
