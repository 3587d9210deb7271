//! The order is read back and held against what was asked for, before anything of it is shown.

use bitnovo_pay::{Error, NewOrder, OrderOrigin, Payment, PlacedOrder, Reading};

use crate::answer::failure::{Code, Failure, Outcome};
use crate::bitnovo::context::Context;
use crate::bitnovo::errors;
use crate::bitnovo::order::differences::Differences;
use crate::bitnovo::order::{Asked, Placed, warnings};
use crate::bitnovo::payment_view::PaymentView;
use crate::config::forms::Price;
use crate::limits::AuthorizedOrder;
use payments_core::is_plain;

/// Reads the order back.
///
/// # Errors
/// `API_ERROR` with outcome `created` when it is not the one that was asked for, or when an order of an earlier call cannot
/// be read.
pub(super) async fn verify(
    context: &Context,
    order: &NewOrder,
    asked: &Asked<'_>,
    created: AuthorizedOrder<PlacedOrder>,
) -> Result<Placed, Failure> {
    let told = [created.address.as_deref(), created.tag_memo.as_deref()];
    if !created.web_url.as_deref().is_none_or(|url| context.is_page(url))
        || !told.into_iter().flatten().all(is_plain)
    {
        let message = "The order that was created names a page, an address or a tag that reads differently from what it is.";
        return Err(unusable(context, &created, message.to_owned()));
    }
    let mut differences = Differences::of(asked, &created);
    let mut warnings = warnings::of(context, order, asked, &created);
    let read = match context.client()?.orders_info(created.identifier).await {
        Ok(payment) => {
            let coin = context.currency_of(&payment).await.facts;
            differences.read(asked, &created, &payment, &coin);
            if payment.verdict().is_closed() {
                let begun = payment.facts(&coin).has_begun();
                return Err(over(context, asked, &created, &payment, begun));
            }
            Some(payment)
        }
        // It may be paid already: no customer is asked to pay before that is known.
        Err(error) if created.how != OrderOrigin::Created => return Err(unread(&error, &created)),
        Err(error) => {
            warnings.push(context.texts().unread(errors::from_api(&error).code.as_str()));
            None
        }
    };
    if let Some(differences) = differences.in_words() {
        let message = format!("The order that was created is not the one asked for: {differences}.");
        return Err(unusable(context, &created, message));
    }
    context.withheld().release(created.identifier);
    let view = view(context, asked, &created, read.as_ref()).await;
    if view.facts.has_begun() {
        warnings.push(context.texts().begun().to_owned());
    }
    Ok(Placed { created, read, view, warnings })
}

async fn view(
    context: &Context,
    asked: &Asked<'_>,
    created: &PlacedOrder,
    read: Option<&Payment>,
) -> PaymentView {
    match read {
        Some(payment) => {
            let (coin, now) = (context.currency_of(payment).await, context.now());
            PaymentView::of(payment, coin, Reading::at(now), now)
        }
        None => {
            let price = Price { amount: asked.amount, code: asked.fiat.to_string() };
            PaymentView::of_order(created, price, context.currency_of_order(created).await, context.now())
        }
    }
}

/// `begun`: the customer has begun to pay it.
fn over(
    context: &Context,
    asked: &Asked<'_>,
    created: &PlacedOrder,
    payment: &Payment,
    begun: bool,
) -> Failure {
    let status = bitnovo_pay::clean_text(payment.status.code());
    let failure = unusable(context, created, format!("The order is over already ({status})."));
    errors::over(failure, begun, asked.key.is_some())
}

fn unread(error: &Error, created: &PlacedOrder) -> Failure {
    let failure = errors::from_api(error).outcome(Outcome::Created);
    failure.detail("identifier", created.identifier.to_string()).next(
        "The payment exists, and whether it is paid could not be read: call again with the same idempotency_key, or          get_payment_status, before you show it to anybody. Do not create another.",
    )
}

/// An order that exists but must not be paid.
pub(crate) fn unusable(context: &Context, created: &PlacedOrder, message: String) -> Failure {
    context.withheld().add(created.identifier);
    Failure::new(Code::ApiError, message)
        .outcome(Outcome::Created)
        .detail("identifier", created.identifier.to_string())
        .next("Do not let the customer pay this order. It cannot be cancelled and will expire by itself.")
}
