//! How an order looks from outside: as a payment, as the answer to its create, and as a webhook.

use crate::{
    bitnovo::order::{Order, TransactionPlace},
    bitnovo::python_json::Json,
    clock::timestamp,
};

fn text(value: Option<&String>) -> Json {
    value.map(String::as_str).into()
}

/// A Payment, as `orders/info`, `orders/` and the WebSocket show it.
pub(crate) fn payment(order: &Order) -> Json {
    let quote = order.quote.as_ref();
    let asked = &order.asked;
    Json::object([
        ("identifier", order.identifier.into()),
        ("reference", text(asked.reference.as_ref())),
        ("created_at", timestamp(order.created_at).into()),
        ("edited_at", timestamp(order.edited_at).into()),
        ("status", order.status.to_string().into()),
        ("fiat_amount", asked.fiat_amount.into()),
        ("crypto_amount", quote.map(|quote| quote.amount).into()),
        ("unconfirmed_amount", order.unconfirmed().into()),
        ("confirmed_amount", order.confirmed().into()),
        ("currency_id", quote.map(|quote| quote.currency.symbol).into()),
        ("merchant_device_id", order.device.number.into()),
        ("merchant_device", order.device.name.as_str().into()),
        ("address", quote.map(|quote| quote.address.as_str()).into()),
        ("tag_memo", quote.map_or("", |quote| quote.tag_memo.as_str()).into()),
        ("url_ko", text(asked.url_ko.as_ref())),
        ("url_ok", text(asked.url_ok.as_ref())),
        ("url_standby", text(asked.url_standby.as_ref())),
        ("expired_time", quote.map(|quote| timestamp(quote.expires_at)).into()),
        ("good_fee", (!order.transactions.is_empty()).into()),
        ("notes", text(asked.notes.as_ref())),
        ("rbf", false.into()),
        ("safe", order.safe.into()),
        ("fiat", asked.fiat.as_str().into()),
        ("language", asked.language.as_str().into()),
        ("percentage", order.percentage().into()),
        ("received_amount", order.received_fiat().into()),
        ("balance_based", "True".into()),
        ("internal_data", text(asked.internal_data.as_ref())),
        ("transactions", Json::Array(transactions(order))),
    ])
}

fn transactions(order: &Order) -> Vec<Json> {
    let symbol = order.quote.as_ref().map_or("", |quote| quote.currency.symbol);
    let show = |transaction: &crate::bitnovo::order::Transaction| {
        let block = match transaction.place {
            TransactionPlace::Block(number) => Some(number),
            TransactionPlace::Mempool | TransactionPlace::Dropped => None,
        };
        Json::object([
            ("confirmed", block.is_some().into()),
            ("currency", symbol.into()),
            ("amount", transaction.amount.into()),
            ("tx_hash", transaction.hash.as_str().into()),
            ("block", block.into()),
            ("created_at", timestamp(transaction.seen_at).into()),
        ])
    };
    order.transactions.iter().map(show).collect()
}

/// The answer to a create: without status, fiat amount and expiry, as the API leaves them out.
pub(crate) fn created(order: &Order, base_url: &str) -> Json {
    let asked = &order.asked;
    let web_url = web_url(order, base_url);
    let Some(quote) = &order.quote else {
        return Json::object([
            ("identifier", order.identifier.into()),
            ("reference", text(asked.reference.as_ref())),
            ("web_url", web_url.into()),
            ("fiat", asked.fiat.as_str().into()),
            ("language", asked.language.as_str().into()),
            ("need_dni", false.into()),
        ]);
    };
    // The price of this very order, so it absorbs the rounding of the crypto amount.
    let rate = asked.fiat_amount.checked_div(quote.amount).map(|rate| rate.round_dp(2));
    Json::object([
        ("payment_uri", quote.payment_uri.as_str().into()),
        ("identifier", order.identifier.into()),
        ("web_url", web_url.into()),
        ("address", quote.address.as_str().into()),
        ("tag_memo", quote.tag_memo.as_str().into()),
        ("input_currency", quote.currency.symbol.into()),
        ("expected_input_amount", quote.amount.into()),
        ("rate", rate.into()),
        ("notes", text(asked.notes.as_ref())),
        ("reference", text(asked.reference.as_ref())),
        ("fiat", asked.fiat.as_str().into()),
        ("language", asked.language.as_str().into()),
    ])
}

/// Where the checkout page of an order is.
pub(crate) fn web_url(order: &Order, base_url: &str) -> String {
    format!("{base_url}/{}/", order.code)
}

/// The body of a webhook, in its extended form. `currency` here is `currency_id` of a Payment.
pub(crate) fn webhook(order: &Order) -> Json {
    let quote = order.quote.as_ref();
    Json::object([
        ("fiat_amount", order.asked.fiat_amount.into()),
        ("fiat_currency", order.asked.fiat.as_str().into()),
        ("status", order.status.to_string().into()),
        ("crypto_amount", quote.map(|quote| quote.amount).into()),
        ("unconfirmed_amount", order.unconfirmed().into()),
        ("confirmed_amount", order.confirmed().into()),
        ("currency", quote.map(|quote| quote.currency.symbol).into()),
        ("identifier", order.identifier.into()),
        ("safe", order.safe.into()),
        ("received_amount", order.received_fiat().into()),
        ("reference", text(order.asked.reference.as_ref())),
        ("edited_at", timestamp(order.edited_at).into()),
    ])
}
