//! What the caller should know about an order that exists.

use bitnovo_pay::{NewOrder, OrderOrigin, PlacedOrder};
use tokio::time::Instant;

use crate::bitnovo::context::Context;
use crate::bitnovo::order::Asked;
use crate::bitnovo::texts::Texts;

/// Everything about the order but what a later reading shows.
pub(super) fn of(
    context: &Context,
    order: &NewOrder,
    asked: &Asked<'_>,
    created: &PlacedOrder,
) -> Vec<String> {
    let texts = context.texts();
    let page = created.web_url.as_deref().filter(|url| !context.is_own_page(url));
    let mut warnings: Vec<String> = how_it_came_about(created, texts).into_iter().collect();
    warnings.extend(others(created, texts));
    warnings.extend(page.map(|url| texts.foreign_page(url)));
    warnings.extend(duplicate(context, order, asked, created));
    warnings
}

/// How an order that was not simply created came about.
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
