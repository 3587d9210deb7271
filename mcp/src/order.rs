//! Placing an order, for both create tools: create, remember what is told only once, read, compare.

use bitnovo_pay::{CreatedOrder, Fiat, Money, NewOrder, Payment};

use crate::{
    app::App,
    arguments::{LanguageCode, Text},
    error::{Code, Failure, Outcome},
    foreign::{is_plain, is_plain_page},
    guard::{Consent, Sale},
    orders::Remembered,
};

/// What the caller asked for, to be held against what came back.
pub(crate) struct Asked<'a> {
    pub(crate) amount: Money,
    pub(crate) fiat: Fiat,
    pub(crate) currency: Option<&'a str>,
    pub(crate) consent: &'a Consent,
}

/// An order that exists and is the one that was asked for.
pub(crate) struct Placed {
    pub(crate) created: CreatedOrder,
    /// The order as read back. A create does not tell the status or the expiry.
    pub(crate) read: Option<Payment>,
    pub(crate) warnings: Vec<String>,
}

/// The order with what the merchant says about the sale.
pub(crate) fn described(
    mut order: NewOrder,
    notes: Option<Text<0, 512>>,
    reference: Option<Text<1, 256>>,
    language: Option<LanguageCode>,
) -> NewOrder {
    if let Some(Text(notes)) = notes {
        order = order.notes(notes);
    }
    if let Some(Text(reference)) = reference {
        order = order.reference(reference);
    }
    if let Some(LanguageCode(language)) = language {
        order = order.language(language);
    }
    order
}

/// Creates the order, if the merchant's limits let it pass, and reads it back.
///
/// # Errors
/// What the limits forbid; the API's refusal, with the outcome; or `API_ERROR` with outcome `created` when the order that came back is not the
/// one that was asked for. A read that fails is no error: the order exists.
pub(crate) async fn place(app: &App, order: &NewOrder, asked: &Asked<'_>) -> Result<Placed, Failure> {
    let client = app.client()?;
    let sale = Sale { amount: asked.amount, fiat: asked.fiat, consent: asked.consent };
    let permit = app.guard().admit(&sale, async |day| client.orders_list(Some(day), Some(day)).await).await?;
    let created =
        permit.spend(client.orders_create(order)).await.map_err(|error| Failure::from_create(&error))?;
    let identifier = created.identifier;
    let told = [created.address.as_deref(), created.tag_memo.as_deref()];
    if !is_plain_page(&created.web_url) || !told.into_iter().flatten().all(is_plain) {
        let message = "The order that was created names a page, an address or a tag that reads differently from what it is.";
        return Err(unusable(&created, message.to_owned()));
    }
    let remembered =
        Remembered { web_url: created.web_url.clone(), payment_uri: created.payment_uri.clone() };
    app.orders().remember(identifier, remembered);

    let mut differences = Vec::new();
    compare(&mut differences, "fiat", created.fiat.as_deref(), Some(asked.fiat.code()));
    compare(&mut differences, "currency", created.input_currency.as_deref(), asked.currency);
    let mut warnings = Vec::new();
    let read = match client.orders_info(identifier).await {
        Ok(payment) => {
            compare(&mut differences, "fiat", payment.fiat.as_deref(), Some(asked.fiat.code()));
            compare(&mut differences, "currency", payment.currency_id.as_deref(), asked.currency);
            // What the customer is told comes from the create's answer; what the provider waits for is in this one.
            same(&mut differences, "address", payment.address.as_deref(), created.address.as_deref());
            same(&mut differences, "tag", payment.tag_memo.as_deref(), created.tag_memo.as_deref());
            if let (Some(read), Some(told)) = (payment.crypto_amount, created.expected_input_amount)
                && read != told
            {
                differences.push(format!("crypto amount {read} instead of {told}"));
            }
            if payment.fiat_amount != asked.amount {
                differences.push(format!("amount {} instead of {}", payment.fiat_amount, asked.amount));
            }
            if payment.is_over() {
                let message = format!(
                    "The order is over already ({}).",
                    bitnovo_pay::clean_text(payment.status.code())
                );
                let mut failure = unusable(&created, message);
                failure.code = Code::PaymentExpired;
                return Err(failure);
            }
            Some(payment)
        }
        Err(error) => {
            let code = Failure::from_api(&error).code.as_str();
            warnings.push(format!(
                "The payment was created, but its status and expiry could not be read ({code}). Read them with \
                 get_payment_status; do not create it again."
            ));
            None
        }
    };
    if differences.is_empty() {
        Ok(Placed { created, read, warnings })
    } else {
        differences.dedup();
        Err(unusable(
            &created,
            format!("The order that was created is not the one asked for: {}.", differences.join(", ")),
        ))
    }
}

/// An order that exists but must not be paid.
pub(crate) fn unusable(created: &CreatedOrder, message: String) -> Failure {
    Failure::new(Code::ApiError, message)
        .outcome(Outcome::Created)
        .detail("identifier", created.identifier.to_string())
        .next("Do not let the customer pay this order. It cannot be cancelled and will expire by itself.")
}

/// Where the funds go must be told the same way twice: a tag that only one of the answers holds would be lost. Letters
/// distinguish addresses, but for those in hex.
fn same(differences: &mut Vec<String>, what: &str, read: Option<&str>, told: Option<&str>) {
    let (read, told) = (read.unwrap_or_default(), told.unwrap_or_default());
    let hex = read.starts_with("0x") && told.starts_with("0x");
    if read != told && !(hex && read.eq_ignore_ascii_case(told)) {
        let shown =
            |text: &str| if text.is_empty() { "none".to_owned() } else { bitnovo_pay::clean_text(text) };
        differences.push(format!("{what} {} instead of {}", shown(read), shown(told)));
    }
}

fn compare(differences: &mut Vec<String>, what: &str, got: Option<&str>, asked: Option<&str>) {
    if let (Some(got), Some(asked)) = (got, asked)
        && !got.eq_ignore_ascii_case(asked)
    {
        let got: String = bitnovo_pay::clean_text(got).chars().take(64).collect();
        differences.push(format!("{what} {got} instead of {asked}"));
    }
}
