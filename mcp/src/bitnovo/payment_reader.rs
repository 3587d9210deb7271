//! Reads a payment with the facts of its coin.

use bitnovo_pay::{Partial, Payment, Reading, Unreadable};
use uuid::Uuid;

use crate::answer::failure::Failure;
use crate::bitnovo::context::Context;
use crate::bitnovo::errors;
use crate::bitnovo::payment_view::PaymentView;

/// Reads the payment, apart from fields that cannot be read and do not matter to how it stands.
pub(crate) async fn read(
    context: &Context,
    identifier: Uuid,
) -> Result<(Payment, Vec<Unreadable>, PaymentView), Failure> {
    let read = context.client()?.orders_info_with_gaps(identifier).await;
    let Partial { value: payment, unread, .. } = read.map_err(|error| errors::from_api(&error))?;
    let coin = context.currency_of(&payment).await;
    let now = context.now();
    let mut view = PaymentView::of(&payment, coin, Reading::at(now), now);
    if context.is_withheld(identifier).await? {
        view.withhold();
    }
    Ok((payment, unread, view))
}
