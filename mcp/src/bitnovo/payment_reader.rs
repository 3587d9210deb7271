//! Reads a payment with the facts of its coin.

use bitnovo_pay::{Partial, Payment, Reading, Unreadable};
use uuid::Uuid;

use crate::answer::failure::Failure;
use crate::app::App;
use crate::bitnovo::errors;
use crate::bitnovo::payment_view::PaymentView;

/// Reads the payment, apart from fields that cannot be read and do not matter to how it stands.
pub(crate) async fn read(
    app: &App,
    identifier: Uuid,
) -> Result<(Payment, Vec<Unreadable>, PaymentView), Failure> {
    let read = app.client()?.orders_info_with_gaps(identifier).await;
    let Partial { value: payment, unread, .. } = read.map_err(|error| errors::from_api(&error))?;
    let coin = app.currency_of(&payment).await;
    let now = app.now();
    let mut view = PaymentView::of(&payment, coin, Reading::at(now), now);
    if app.is_withheld(identifier) {
        view.withhold();
    }
    Ok((payment, unread, view))
}
