//! Placing an order, for both create tools: at most one for each sale, read back and compared.

use std::sync::atomic::Ordering::Relaxed;

use bitnovo_pay::{
    Client, Error, Fiat, IdempotencyKey, KeyCheck, Language, ListedPayment, Money, NewOrder, OrderOrigin,
    Payment, PlacedOrder, Reading,
};
use chrono::NaiveDate;
use tokio::time::Instant;

use payments_core::is_plain;

use crate::answer::failure::{Code, Failure, Outcome};
use crate::bitnovo::context::Context;
use crate::bitnovo::dropped_create::DroppedCreate;
use crate::bitnovo::errors;
use crate::bitnovo::payment_view::PaymentView;
use crate::bitnovo::texts::Texts;
use crate::config::forms::Price;
use crate::limits::{Consent, Sale, Sold, SoldOrder};
use crate::protocol::arguments::{Key, LanguageCode, Text};
use crate::safety::untrusted_text::shortened;

/// Several times what the API takes a day.
const MOST_ORDERS: usize = 20_000;

/// What the caller asked for, to be held against what came back.
pub(crate) struct Asked<'a> {
    pub(crate) amount: Money,
    pub(crate) fiat: Fiat,
    pub(crate) currency: Option<&'a str>,
    /// The caller's name of the sale.
    pub(crate) key: Option<Key>,
    pub(crate) consent: &'a Consent,
    /// Why nothing new can be created. It says nothing of what an earlier call with the same key has created.
    pub(crate) obstacle: Option<Failure>,
}

/// An order that exists and is the one that was asked for.
pub(crate) struct Placed {
    pub(crate) created: PlacedOrder,
    /// The order as read back. A create does not tell the status or the expiry.
    pub(crate) read: Option<Payment>,
    /// How the payment stands, and whether the customer may be asked to pay it.
    pub(crate) view: PaymentView,
    pub(crate) warnings: Vec<String>,
}

/// The order with what the merchant says about the sale. Its page is in the language of the argument, or else in the one that
/// the merchant has set, if any.
pub(crate) fn described(
    context: &Context,
    mut order: NewOrder,
    notes: Option<Text<0, 512>>,
    reference: Option<Text<1, 256>>,
    language: Option<LanguageCode>,
) -> NewOrder {
    // Empty notes are none, so that leaving them out is the same sale.
    if let Some(Text(notes)) = notes.filter(|Text(notes)| !notes.is_empty()) {
        order = order.notes(notes);
    }
    if let Some(Text(reference)) = reference {
        order = order.reference(reference);
    }
    let set = context.config().language.map(|language| match language {
        Language::En => "EN".to_owned(),
        Language::Es => "ES".to_owned(),
    });
    if let Some(language) = language.map(|LanguageCode(language)| language).or(set) {
        order = order.language(language);
    }
    order
}

/// Creates the order, if the merchant's limits let it pass, or finds the one that was created for the same sale before, and
/// reads it back.
///
/// # Errors
/// What the limits forbid; the API's refusal, with the outcome; or `API_ERROR` with outcome `created` when the order that
/// came back is not the one that was asked for. That a new order could not be read back is no error: it exists.
pub(crate) async fn place(context: &Context, order: &NewOrder, asked: &Asked<'_>) -> Result<Placed, Failure> {
    if let (None, Some(failure)) = (&asked.key, &asked.obstacle) {
        return Err(failure.clone());
    }
    // A key of our own still tells, after a lost answer, whether the order exists.
    let key = asked.key.as_ref().map_or_else(IdempotencyKey::generate, |Key(key)| key.clone());
    let mut create = DroppedCreate::of(&key);
    let result = place_under(&key, context, order, asked, &mut create).await;
    create.answered();
    result
}

async fn place_under(
    key: &IdempotencyKey,
    context: &Context,
    order: &NewOrder,
    asked: &Asked<'_>,
    create: &mut DroppedCreate,
) -> Result<Placed, Failure> {
    let client = context.client()?;
    let sent = create.sent();
    let id = client.sale_id(order, key).ok();
    let sale = Sale { amount: asked.amount, fiat: asked.fiat, consent: asked.consent, id };
    context.guard().note_no(&sale);
    let failed = |error: &Error| errors::from_create(error, key);
    let created = match client.orders_check(order, key).await.map_err(|error| failed(&error))? {
        KeyCheck::Exists(order) => order,
        // A sale that was let pass is not held up when it is repeated: only what is new is held against the limits.
        KeyCheck::Free(reservation) => {
            if let Some(failure) = &asked.obstacle {
                return Err(failure.clone());
            }
            let list = |first, last| async move {
                sold(client, first, last).await.map_err(|error| errors::from_api(&error))
            };
            let permit = context.guard().admit(&sale, list).await?.in_use();
            sent.store(true, Relaxed);
            let result = reservation.create().await;
            permit.settle(result.as_ref());
            result.map_err(|error| failed(&error))?
        }
    };
    let identifier = created.identifier;
    create.created(identifier);
    let told = [created.address.as_deref(), created.tag_memo.as_deref()];
    if !created.web_url.as_deref().is_none_or(|url| context.is_page(url))
        || !told.into_iter().flatten().all(is_plain)
    {
        let message = "The order that was created names a page, an address or a tag that reads differently from what it is.";
        return Err(unusable(context, &created, message.to_owned()));
    }

    let mut differences = Vec::new();
    compare(&mut differences, "fiat", created.fiat.as_deref(), Some(asked.fiat.code()));
    compare(&mut differences, "currency", created.input_currency.as_deref(), asked.currency);
    let mut warnings: Vec<String> = how_it_came_about(&created, context.texts()).into_iter().collect();
    warnings.extend(others(&created, context.texts()));
    if let Some(url) = created.web_url.as_deref().filter(|url| !context.is_own_page(url)) {
        warnings.push(context.texts().foreign_page(url));
    }
    warnings.extend(duplicate(context, order, asked, &created));
    let read = match client.orders_info(identifier).await {
        Ok(payment) => {
            compare(&mut differences, "fiat", payment.fiat.as_deref(), Some(asked.fiat.code()));
            compare(&mut differences, "currency", payment.currency_id.as_deref(), asked.currency);
            // What the customer is told comes from the create's answer; what the provider waits for is in this one. On a
            // link the customer may have chosen a currency meanwhile.
            if asked.currency.is_some() || created.how == OrderOrigin::Created {
                same(&mut differences, "address", payment.address.as_deref(), created.address.as_deref());
                same(&mut differences, "tag", payment.tag_memo.as_deref(), created.tag_memo.as_deref());
            }
            let coin = context.currency_of(&payment).await.facts;
            let (read, told) = (payment.facts(&coin).asked, created.facts(&coin).asked);
            if let (Some(read), Some(told)) = (read, told)
                && read != told
            {
                differences.push(format!("crypto amount {read} instead of {told}"));
            }
            if payment.fiat_amount != asked.amount {
                differences.push(format!("amount {} instead of {}", payment.fiat_amount, asked.amount));
            }
            if payment.verdict().is_closed() {
                let message = format!(
                    "The order is over already ({}).",
                    bitnovo_pay::clean_text(payment.status.code())
                );
                let failure = unusable(context, &created, message);
                let begun = payment.facts(&coin).has_begun();
                return Err(errors::over(failure, begun, asked.key.is_some()));
            }
            Some(payment)
        }
        // It may be paid: nobody must be told to pay it before that is known.
        Err(error) if created.how != OrderOrigin::Created => {
            let failure = errors::from_api(&error).outcome(Outcome::Created);
            return Err(failure.detail("identifier", identifier.to_string()).next(
                "The payment exists, and whether it is paid could not be read: call again with the same \
                 idempotency_key, or get_payment_status, before you show it to anybody. Do not create another.",
            ));
        }
        Err(error) => {
            let code = errors::from_api(&error).code.as_str();
            warnings.push(context.texts().unread(code));
            None
        }
    };
    if differences.is_empty() {
        context.withheld().release(identifier);
        let view = match &read {
            Some(payment) => {
                let (coin, now) = (context.currency_of(payment).await, context.now());
                PaymentView::of(payment, coin, Reading::at(now), now)
            }
            None => {
                let price = Price { amount: asked.amount, code: asked.fiat.to_string() };
                PaymentView::of_order(
                    &created,
                    price,
                    context.currency_of_order(&created).await,
                    context.now(),
                )
            }
        };
        if view.facts.has_begun() {
            warnings.push(context.texts().begun().to_owned());
        }
        Ok(Placed { created, read, view, warnings })
    } else {
        differences.dedup();
        Err(unusable(
            context,
            &created,
            format!("The order that was created is not the one asked for: {}.", differences.join(", ")),
        ))
    }
}

/// The orders of some days, as far as they count towards the limit of a day.
async fn sold(client: &Client, first: NaiveDate, last: NaiveDate) -> Result<Sold, Error> {
    let counted = |row: &ListedPayment| Ok(Some(SoldOrder::from(row)));
    let listed = client.orders_list_as(Some(first), Some(last), MOST_ORDERS, counted).await?;
    if listed.is_cut() {
        return Err(Error::ListCut { read: listed.total() });
    }
    Ok(Sold { orders: listed.into_rows(), clock_offset: client.clock_offset() })
}

/// What whoever asked should know about an order that was not simply created.
fn how_it_came_about(created: &PlacedOrder, texts: Texts<'_>) -> Option<String> {
    match (created.replaces, created.how) {
        (Some(lost), _) => Some(texts.replaced(lost)),
        (None, OrderOrigin::Recovered) => Some(texts.recovered().to_owned()),
        (None, OrderOrigin::Repeated) => Some(texts.repeated().to_owned()),
        _ => None,
    }
}

/// What else there is under the key, or may be.
fn others(created: &PlacedOrder, texts: Texts<'_>) -> Vec<String> {
    let unmarked = created.unmarked.then(|| texts.unmarked().to_owned());
    let others = match created.others.as_deref() {
        None => Some(texts.others_unknown().to_owned()),
        Some([]) => None,
        Some(others) => {
            let others: Vec<String> = others.iter().map(ToString::to_string).collect();
            Some(texts.others(&others.join(", ")))
        }
    };
    unmarked.into_iter().chain(others).collect()
}

/// Without a key, two calls are two sales; they may not have been meant so.
fn duplicate(
    context: &Context,
    order: &NewOrder,
    asked: &Asked<'_>,
    created: &PlacedOrder,
) -> Option<String> {
    let fingerprint = order.fingerprint().ok()?;
    let first = context.duplicates().note(fingerprint, created.identifier, Instant::now())?;
    asked.key.is_none().then(|| context.texts().duplicate(first))
}

/// An order that exists but must not be paid.
pub(crate) fn unusable(context: &Context, created: &PlacedOrder, message: String) -> Failure {
    context.withheld().add(created.identifier);
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
        let got = shortened(got, 64);
        differences.push(format!("{what} {got} instead of {asked}"));
    }
}
