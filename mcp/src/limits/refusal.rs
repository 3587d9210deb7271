//! What a limit says to the caller.

use payments_core::Money;

use crate::answer::failure::{Code, Failure};
use crate::config::limits::{Amounts, in_fiat};
use crate::limits::request::CreateRequest;

/// The amount of the limit for the request's fiat, when the request alone does not exceed it.
///
/// # Errors
/// `LIMIT_EXCEEDED` when it does, or when the limit has no amount for the fiat.
pub(super) fn check(
    amounts: &Amounts,
    variable: &str,
    request: &CreateRequest<'_>,
    of_what: &str,
) -> Result<Money, Failure> {
    let refuse = |message: String| exceeded(variable, message, request);
    match amounts.of(request.fiat) {
        None => Err(refuse(format!(
            "{variable} has no amount for {}: the merchant takes payments in the currencies it names ({amounts}).",
            request.fiat
        ))),
        Some(most) if request.amount > most => {
            let (shown, asked) = (in_fiat(most, request.fiat), in_fiat(request.amount, request.fiat));
            let message =
                format!("{asked} is above {shown}, the merchant's limit for {of_what} ({variable}).");
            Err(refuse(message).detail("limit", request.fiat.decimals_of(most)))
        }
        Some(most) => Ok(most),
    }
}

/// An order that may be one of today's cannot be counted, so nothing is created.
pub(super) fn uncountable(variable: &str, order: &str, field: &str) -> Failure {
    let message = format!(
        "Today's payments, which {variable} limits, cannot be added up, so nothing was created: of the payment {order} the \
         field {field} cannot be read."
    );
    Failure::new(Code::ApiError, message).detail("identifier", order).detail("field", field).next(
        "Tell the merchant the payment and the field. Nothing can be created under a daily limit until the API returns \
         that field as documented.",
    )
}

/// `used`: the sum of today; `None` when no amount can hold it.
pub(super) fn day_is_full(
    variable: &str,
    limit: Money,
    used: Option<Money>,
    request: &CreateRequest<'_>,
) -> Failure {
    let shown =
        used.map_or_else(|| "more than can be added up".to_owned(), |used| in_fiat(used, request.fiat));
    let message = format!(
        "{} more would be above {}, the merchant's limit for a day ({variable}): today's payments come to {shown}. The day \
         ends at midnight UTC.",
        in_fiat(request.amount, request.fiat),
        in_fiat(limit, request.fiat),
    );
    let failure = exceeded(variable, message, request).detail("limit", request.fiat.decimals_of(limit));
    match used {
        Some(used) => failure.detail("used", request.fiat.decimals_of(used)),
        None => failure,
    }
}

/// The day's sum is not known, so nothing is created: a limit that holds only while the API is well is none.
pub(super) fn unread(variable: &str, mut failure: Failure) -> Failure {
    failure.message = format!(
        "Today's payments, which {variable} limits, could not be read, so nothing was created. {}",
        failure.message
    );
    failure
}

fn exceeded(variable: &str, message: String, request: &CreateRequest<'_>) -> Failure {
    Failure::new(Code::LimitExceeded, message)
        .detail("variable", variable)
        .detail("requested", request.fiat.decimals_of(request.amount))
        .detail("fiat", request.fiat.code())
}
