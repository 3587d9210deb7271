//! What a QR code of a payment may say. The rules here keep money from being sent to the wrong coin, without its tag,
//! or too late.

use bitnovo_pay::{
    CurrencyFacts, PlacedOrder, StoredOrder,
    payment_uri::{PaymentUri, UriError},
};
use uuid::Uuid;

use crate::answer::failure::{Code, Failure, sentence};
use crate::bitnovo::context::Context;
use crate::bitnovo::order::unusable;
use crate::bitnovo::payment_reader;
use crate::bitnovo::payment_view::PaymentView;

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
pub(crate) struct QrPayload {
    address: Option<String>,
    payment_uri: Option<String>,
    web_url: Option<String>,
    currency: Option<String>,
}

impl QrPayload {
    /// Reads the payment and puts together what may be scanned.
    ///
    /// # Errors
    /// `PAYMENT_EXPIRED`, `PAYMENT_NOT_PAYABLE` or `TAG_REQUIRED` when the customer must not be asked to send anything.
    pub(crate) async fn read(context: &Context, identifier: Uuid) -> Result<(PaymentView, Self), Failure> {
        let (.., view) = payment_reader::read(context, identifier).await?;
        let remembered = match context.stored_order(identifier).await? {
            StoredOrder::Placed(order) => Some(*order),
            StoredOrder::Unknown | StoredOrder::Withheld => None,
        };
        let payload = Self::of(&view, remembered)?;
        Ok((view, payload))
    }

    pub(crate) fn of(view: &PaymentView, remembered: Option<PlacedOrder>) -> Result<Self, Failure> {
        if let Some(refusal) = view.refusal() {
            return Err(refusal);
        }
        let (web_url, returned) = match remembered {
            Some(order) => (order.web_url, order.told_uri),
            None => (None, None),
        };
        // The URI that the API returned asks for the whole amount.
        let returned = returned.filter(|_| view.is_new());
        let payment_uri = match (&view.address, &view.currency) {
            (Some(address), Some(currency)) => {
                let parts = PaymentUri {
                    told: returned.as_ref(),
                    currency,
                    facts: view.coin.facts,
                    address,
                    amount: view.payable.amount(),
                    tag: view.reported_tag.as_deref(),
                };
                parts.resolve().map_err(|error| refused(&error))?
            }
            _ => None,
        };
        Ok(Self { address: view.address.clone(), payment_uri, web_url, currency: view.currency.clone() })
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
                "The checkout page of this payment was created by another process, and the API returns it only once."
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
pub(crate) fn payment_uri(
    context: &Context,
    created: &PlacedOrder,
    facts: &CurrencyFacts,
) -> Result<Option<String>, Failure> {
    created.payment_uri(facts).map_err(|error| {
        let mut failure = unusable(context, created, sentence(&error));
        failure.code = refused(&error).code;
        failure
    })
}

fn refused(error: &UriError) -> Failure {
    match error {
        UriError::TagRequired { .. } => Failure::new(Code::TagRequired, sentence(error)),
        _ => Failure::new(Code::ApiError, format!("{} No code is drawn.", sentence(error))),
    }
}
