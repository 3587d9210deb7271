//! What has been announced of a payment, in the form in which it is remembered.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use payments_core::store::Watermark;

use crate::receiving::provider::{ListedPayment, PaymentState};

/// The mark of a state that is announced at `at`.
///
/// Its encoding is one digit, the version; `e` when the provider dates the state, else `-`; and the name.
pub(super) fn mark(state: &PaymentState, at: SystemTime) -> Watermark {
    let announced_at = DateTime::<Utc>::from(at);
    let flag = if state.edited_at.is_some() { 'e' } else { '-' };
    Watermark {
        announced_at,
        changed_at: state.edited_at.unwrap_or(announced_at),
        state: format!("1{flag}{}", state.name).into_bytes(),
    }
}

/// Whether the mark leaves nothing to announce of the payment, as it was listed at `now`.
pub(super) fn covers(mark: &Watermark, payment: &ListedPayment, now: SystemTime) -> bool {
    let (is_dated, name) = match mark.state.as_slice() {
        [b'1', b'e', name @ ..] => (true, name),
        [b'1', b'-', name @ ..] => (false, name),
        // A newer version of this server has written it.
        _ => return true,
    };
    // What the list holds may be older than what was announced.
    let is_older = match payment.changed_at.filter(|_| is_dated) {
        Some(changed_at) => mark.changed_at > changed_at,
        None => mark.announced_at > DateTime::<Utc>::from(now),
    };
    name == payment.state.name.as_bytes() || is_older
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// Stores keep these bytes for longer than a process lives.
    #[test]
    fn the_encoding_stays_as_it_is() {
        let state = PaymentState { name: "AC+safe".into(), edited_at: None };
        assert_eq!(mark(&state, UNIX_EPOCH).state, b"1-AC+safe");
        let state = PaymentState { name: "CO".into(), edited_at: DateTime::from_timestamp(5, 0) };
        let mark = mark(&state, UNIX_EPOCH + Duration::from_secs(7));
        assert_eq!((mark.state.as_slice(), mark.changed_at.timestamp()), (b"1eCO".as_slice(), 5));
        assert_eq!(mark.announced_at.timestamp(), 7);
    }

    #[test]
    fn a_mark_of_an_unknown_version_leaves_nothing_to_announce() {
        let state = PaymentState { name: "CO".into(), edited_at: None };
        let payment =
            ListedPayment { identifier: "1".into(), state: state.clone(), changed_at: None, body: None };
        let mut mark = mark(&state, UNIX_EPOCH);
        mark.state = b"2?".to_vec();
        assert!(covers(&mark, &payment, UNIX_EPOCH));
    }
}
