//! The create of an order, for both create tools: check → limits → create → verify.

use bitnovo_pay::{Error, Fiat, IdempotencyKey, KeyCheck, Language, Money, NewOrder, Payment, PlacedOrder};

use crate::answer::failure::Failure;
use crate::bitnovo::context::Context;
use crate::bitnovo::dropped_create::DroppedCreate;
use crate::bitnovo::order::verify::verify;
use crate::bitnovo::payment_view::PaymentView;
use crate::bitnovo::{day_orders, errors};
use crate::limits::{Approval, AuthorizedOrder, CreateRequest};
use crate::protocol::arguments::{Key, LanguageCode, Text};
use crate::protocol::backend::LimitedBackend;

mod differences;
mod verify;
mod warnings;

pub(crate) use verify::unusable;

/// What the caller asked for, to be held against what came back.
pub(crate) struct Asked<'a> {
    pub(crate) amount: Money,
    pub(crate) fiat: Fiat,
    pub(crate) currency: Option<&'a str>,
    /// The caller's name of the sale.
    pub(crate) key: Option<Key>,
    pub(crate) approval: &'a Approval,
    /// Why nothing new can be created. It says nothing of what an earlier call with the same key has created.
    pub(crate) obstacle: Option<Failure>,
}

/// An order that exists and is the one that was asked for.
pub(crate) struct Placed {
    pub(crate) created: AuthorizedOrder<PlacedOrder>,
    /// The order as read back. A create does not return the status or the expiry.
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
pub(crate) async fn create(
    context: &Context,
    order: &NewOrder,
    asked: &Asked<'_>,
) -> Result<Placed, Failure> {
    if let (None, Some(failure)) = (&asked.key, &asked.obstacle) {
        return Err(failure.clone());
    }
    // A key of our own still shows, after a lost answer, whether the order exists.
    let key = asked.key.as_ref().map_or_else(IdempotencyKey::generate, |Key(key)| key.clone());
    let mut dropped = DroppedCreate::of(&key);
    // Boxed, each step: together they would not fit the stack of a thread in an unoptimised build.
    let result = Box::pin(create_under(&key, context, order, asked, &mut dropped)).await;
    dropped.answered();
    result
}

async fn create_under(
    key: &IdempotencyKey,
    context: &Context,
    order: &NewOrder,
    asked: &Asked<'_>,
    dropped: &mut DroppedCreate,
) -> Result<Placed, Failure> {
    let (client, gate) = (context.client()?, context.gate());
    let mark = client.sale_id(order, key).ok().map(day_orders::mark);
    let request =
        CreateRequest { amount: asked.amount, fiat: asked.fiat.into(), approval: asked.approval, mark };
    gate.note_declined(&request).await;
    let failed = |error: Error| errors::from_create(&error, key);

    let checked = client.orders_check(order, key).await;
    let created = match checked.map_err(|error| gate.unknown(&request, failed(error)))? {
        // The limits were asked when it was created: a sale that exists is not held up when it is repeated.
        KeyCheck::Exists(order) => AuthorizedOrder::existing(order),
        KeyCheck::Free(reservation) => {
            if let Some(failure) = &asked.obstacle {
                return Err(failure.clone());
            }
            let list = |first, last| day_orders::read(client, first, last);
            let permit = gate.authorize(&request, list).await?.begin();
            dropped.sent();
            permit.settle(reservation.create().await.map_err(failed)).await?
        }
    };
    dropped.created(created.identifier);
    Box::pin(verify(context, order, asked, created)).await
}
