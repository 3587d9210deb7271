//! `generate_payment_qr`: pictures of a payment that exists.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::failure::{Code, Failure};
use crate::answer::reply::Reply;
use crate::bitnovo::context::Context;
use crate::bitnovo::customer_message::CustomerMessage;
use crate::bitnovo::qr_image::{Look, PixelSize, Style, deliver};
use crate::bitnovo::qr_payload::{Kind, QrPayload};
use crate::protocol::arguments::Identifier;
use crate::protocol::route::Call;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The payment's identifier.
    identifier: Identifier,
    /// What the code says: address, payment_uri (with the amount), both, or gateway_url (the checkout page).
    #[serde(default)]
    qr_type: QrType,
    /// Side of the picture in pixels.
    #[serde(default)]
    size: PixelSize,
    /// basic is plain, branded has a logo in the middle.
    #[serde(default = "branded")]
    style: Style,
    /// false draws a plain code, regardless of style.
    #[serde(default = "yes")]
    branding: bool,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum QrType {
    Address,
    PaymentUri,
    #[default]
    Both,
    GatewayUrl,
}

#[derive(Default, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// QR code of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_address: Option<String>,
    /// QR code of the payment URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_payment_uri: Option<String>,
    /// QR code of the checkout page.
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_gateway_url: Option<String>,
    /// What the customer must do, as a text for them.
    customer_message: String,
    /// Name of the network on which the funds must be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    /// Where the customer sends the funds.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Destination tag or memo. When present, funds sent without it are lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_memo: Option<String>,
    /// The payment URI for wallets.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_uri: Option<String>,
    /// The checkout page.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<String>,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<Reply<Output>, Failure> {
    let context = &cx.context;
    let identifier = input.identifier.0;
    let (view, payload) = QrPayload::read(context, identifier).await?;
    let style = if input.branding { input.style } else { Style::Basic };
    let look = Look { size: input.size, style };
    let texts = context.texts();
    let mut warnings = Vec::new();
    let mut pictures = Vec::new();
    let mut output = Output {
        customer_message: CustomerMessage::of(&view).customer_message(texts.forms()),
        network: view.coin.network.clone(),
        ..Output::default()
    };

    let kinds: &[Kind] = match input.qr_type {
        QrType::Address => &[Kind::Address],
        QrType::PaymentUri => &[Kind::PaymentUri],
        QrType::Both => &[Kind::Address, Kind::PaymentUri],
        QrType::GatewayUrl => &[Kind::GatewayUrl],
    };
    for kind in kinds {
        let text = match payload.text(*kind) {
            Ok(text) => text,
            // A token has an address and no safe URI: with `both`, the address alone is the right answer.
            Err(failure)
                if kinds.len() > 1 && failure.code == Code::QrNotAvailable && !pictures.is_empty() =>
            {
                warnings.push(failure.sentence(texts.language()));
                continue;
            }
            Err(failure) => return Err(failure),
        };
        let (field, picture) = deliver(context, identifier, *kind, text, look).await?;
        pictures.push(picture);
        let (code, said) = match kind {
            Kind::Address => (&mut output.qr_address, &mut output.address),
            Kind::PaymentUri => (&mut output.qr_payment_uri, &mut output.payment_uri),
            Kind::GatewayUrl => (&mut output.qr_gateway_url, &mut output.web_url),
        };
        *code = Some(field);
        *said = Some(text.to_owned());
    }
    if output.address.is_some() || output.payment_uri.is_some() {
        output.tag_memo = view.tag.clone();
    }
    if output.tag_memo.is_some() && output.address.is_some() {
        warnings.push(texts.address_code_without_tag(payload.text(Kind::PaymentUri).is_ok()).to_owned());
    }
    if view.facts.has_begun() {
        warnings.push(texts.begun().to_owned());
    }
    let codes = texts.codes(pictures.len(), output.tag_memo.as_deref());
    let summary = format!("{codes}\n{}", output.customer_message);
    Ok(Reply::new(output, summary).pictures(pictures).warnings(warnings))
}

fn branded() -> Style {
    Style::Branded
}

fn yes() -> bool {
    true
}
