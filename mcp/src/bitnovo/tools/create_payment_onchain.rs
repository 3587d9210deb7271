//! `create_payment_onchain`: a payment in the currency that the customer has named.

use bitnovo_pay::{Currency, Fiat, Money, NewOrder, Payment, TagError};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::answer::failure::{Code, Failure, Outcome};
use crate::answer::reply::Reply;
use crate::bitnovo::arguments::FiatCode;
use crate::bitnovo::context::Context;
use crate::bitnovo::customer_message::CustomerMessage;
use crate::bitnovo::order::{Asked, Placed, described, unusable};
use crate::bitnovo::qr_image::{Look, deliver};
use crate::bitnovo::qr_payload::{Kind, payment_uri};
use crate::bitnovo::{catalogue, order};
use crate::limits::CreateReply;
use crate::protocol::arguments::{Amount, Key, LanguageCode, Text};
use crate::protocol::route::Call;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The amount to be paid, in the currency named by fiat, such as 19.99. Exact; a decimal string is accepted too.
    amount_eur: Amount,
    /// Exact symbol of the cryptocurrency, from list_currencies_catalog, such as BTC or USDC_ERC20.
    input_currency: Text<1, 64>,
    /// Currency of the amount.
    #[serde(default)]
    fiat: FiatCode,
    /// Kept with the payment and shown to the customer.
    notes: Option<Text<0, 512>>,
    /// The shop's own reference, such as an order number.
    reference: Option<Text<1, 256>>,
    /// Language of the checkout page, such as en or es.
    language: Option<LanguageCode>,
    /// Also draw QR codes of the address and of the payment URI.
    #[serde(default)]
    include_qr: bool,
    /// The name of this sale, such as an order number. Reuse the same key when you retry the same sale; a new key for a new sale.
    idempotency_key: Option<Key>,
    /// From the error that asks for approval, once the merchant has approved the amount; otherwise left out.
    confirmation_token: Option<Text<1, 128>>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Identifies the payment.
    identifier: String,
    /// What the customer must do, as a text for them.
    customer_message: String,
    /// What to do next.
    next_action: String,
    /// The payment URI for wallets; absent when a wallet could pay the wrong coin with it, or twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_uri: Option<String>,
    /// Where the customer sends the funds.
    address: String,
    /// Destination tag or memo. When present, funds sent without it are lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_memo: Option<String>,
    /// The exact crypto amount to be sent.
    expected_output_amount: String,
    /// Name of the only network on which the funds may be sent; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    /// Symbol of the cryptocurrency and its network.
    currency_id: String,
    /// The amount in fiat.
    fiat_amount: String,
    /// Currency of fiat_amount.
    fiat_currency: String,
    /// The payment's status; absent when it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Until when the funds must arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    /// A checkout page with the same payment; absent when the payment had to be recovered.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<String>,
    /// QR code of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_address: Option<String>,
    /// QR code of the payment URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_payment_uri: Option<String>,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<CreateReply<Output>, Failure> {
    let fiat = input.fiat.0;
    let amount = input.amount_eur.in_fiat("amount_eur", fiat.into())?;
    let symbol = input.input_currency.0;
    let obstacle = orderable(&cx.context, &symbol, amount, fiat, None).await.err();
    let new = NewOrder::onchain(amount, fiat, symbol.clone());
    let question = cx.context.texts().confirm(
        amount,
        fiat,
        Some(&symbol),
        [None, None],
        input.notes.as_ref(),
        input.reference.as_ref(),
    );
    let approval = cx.approval(question, input.confirmation_token.map(|token| token.0));
    let new = described(&cx.context, new, input.notes, input.reference, input.language);
    let key = input.idempotency_key;
    let asked = Asked { amount, fiat, currency: Some(&symbol), key, approval: &approval, obstacle };
    let Placed { created, read, view, mut warnings } = match order::create(&cx.context, &new, &asked).await {
        Ok(placed) => placed,
        Err(failure) if failure.code == Code::ApiError && failure.outcome == Some(Outcome::NotCreated) => {
            return Err(explain(&cx.context, &symbol, &asked, failure).await);
        }
        Err(failure) => return Err(failure),
    };

    let told = created.expected_input_amount.filter(|amount| amount.is_positive());
    let (Some(address), Some(crypto)) = (created.address.clone(), told) else {
        return Err(unusable(
            &cx.context,
            &created,
            "The order that was created has no address or no amount.".into(),
        ));
    };
    let known = &view.coin;
    let crypto = created.facts(&known.facts).asked.unwrap_or(crypto);
    let network = known.network.as_deref().unwrap_or(&symbol);
    let scannable = payment_uri(&cx.context, &created, &known.facts)?;
    let tag_memo = match known.facts.checked_tag(created.tag_memo.as_deref()) {
        Err(TagError::Unexpected) => {
            warnings.push(cx.context.texts().unexpected_tag(network, created.tag_memo.as_deref()));
            None
        }
        _ => created.tag_memo.clone(),
    };
    if scannable.is_none() && view.is_new() {
        warnings.push(cx.context.texts().address_only(&symbol, network));
    }
    // A wallet that scans it pays the whole amount: a second time, when a part has arrived already.
    let payment_uri = scannable.filter(|_| view.is_new());

    let mut pictures = Vec::new();
    let mut codes = [None, None];
    if input.include_qr && view.is_new() {
        let texts = [(Kind::Address, Some(&address)), (Kind::PaymentUri, payment_uri.as_ref())];
        for (slot, (kind, text)) in codes.iter_mut().zip(texts) {
            let Some(text) = text else { continue };
            match deliver(&cx.context, created.identifier, kind, text, Look::default()).await {
                Ok((field, picture)) => {
                    *slot = Some(field);
                    pictures.push(picture);
                }
                // The order exists: a code that cannot be drawn does not undo it.
                Err(failure) => warnings.push(failure.sentence(cx.context.texts().language())),
            }
        }
    }
    let [qr_address, qr_payment_uri] = codes;
    if tag_memo.is_some() && qr_address.is_some() {
        warnings.push(cx.context.texts().address_code_without_tag(payment_uri.is_some()).to_owned());
    }

    let network = network.to_owned();
    let expires_at = read.as_ref().and_then(|payment| payment.expired_time).map(|time| time.to_utc());
    let texts = cx.context.texts();
    let (expected_output_amount, tag) = (crypto.to_string(), tag_memo.as_deref());
    let before = expires_at.map(|end| texts.forms().before(end, view.now));
    let summary = if view.is_new() {
        texts.onchain(&expected_output_amount, &symbol, &network, &address, tag, before)
    } else {
        CustomerMessage::of(&view).customer_message(texts.forms())
    };
    let output = Output {
        identifier: created.identifier.to_string(),
        customer_message: summary.clone(),
        next_action: view.next_after_create(!pictures.is_empty()),
        payment_uri,
        address,
        tag_memo,
        expected_output_amount,
        network: known.network.clone(),
        currency_id: symbol,
        fiat_amount: amount.to_string_with_scale(fiat.exponent()),
        fiat_currency: fiat.to_string(),
        status: read.as_ref().map(|payment: &Payment| bitnovo_pay::clean_text(payment.status.code())),
        expires_at,
        web_url: created.web_url.clone(),
        qr_address,
        qr_payment_uri,
    };
    Ok(created.reply(Reply::new(output, summary).pictures(pictures).warnings(warnings)))
}

/// The entry of a currency in which a payment of this amount can be created now.
async fn orderable(
    context: &Context,
    symbol: &str,
    amount: Money,
    fiat: Fiat,
    since: Option<Instant>,
) -> Result<Currency, Failure> {
    let started = Instant::now();
    let mut catalogue = context.catalogue_since(since).await?;
    if catalogue::find(&catalogue, symbol).is_err() {
        // It may have been activated since the catalogue was read.
        catalogue = context.catalogue_since(since.or(Some(started))).await?;
    }
    let catalogue = context.with_entry(catalogue, symbol).await?;
    catalogue.check_readable(symbol)?;
    let currency = catalogue::find(&catalogue, symbol)?;
    catalogue::check_address(currency)?;
    catalogue::check_limits(currency, amount, fiat)?;
    Ok(currency.clone())
}

/// The API refuses an unknown currency and a wrong amount with the same 404. The catalogue, read anew, tells which.
async fn explain(context: &Context, symbol: &str, asked: &Asked<'_>, failure: Failure) -> Failure {
    use Code::{AmountTooHigh, AmountTooLow, CurrencyNotSupported};
    let Asked { amount, fiat, .. } = *asked;
    match orderable(context, symbol, amount, fiat, Some(Instant::now())).await {
        Ok(currency) => catalogue::explain_limits(&currency, amount, fiat, failure),
        Err(reason) if matches!(reason.code, CurrencyNotSupported | AmountTooLow | AmountTooHigh) => {
            reason.outcome(Outcome::NotCreated)
        }
        Err(_) => failure,
    }
}
