//! A row of the API's list, as far as a key needs it: identifier, creation time, status and marker.

use chrono::{DateTime, FixedOffset};
use uuid::Uuid;

use crate::{
    DeviceMark, Error, IdempotencyKey, ListedPayment, Payment, PaymentStatus, Unreadable,
    idempotency_marker::{IdempotencyMarker, Marker},
};

/// What is looked for in the list.
#[derive(Clone, Debug)]
pub(crate) struct KeyQuery {
    pub(super) key: IdempotencyKey,
    pub(super) device: DeviceMark,
    /// The order that was created, whose marker is expected.
    pub(super) created: Option<Uuid>,
}

/// What a row means for the key.
#[derive(Debug)]
pub(crate) enum KeyRow {
    Ours(Box<KeyedOrder>),
    /// The order that was created, without its marker.
    Unmarked,
    /// An order of this key, of which too little can be read: a decision without it may be wrong.
    Undecided(Error),
}

/// An order of the key.
#[derive(Debug)]
pub(crate) struct KeyedOrder {
    pub(super) identifier: Uuid,
    pub(super) status: PaymentStatus,
    pub(super) created_at: Result<DateTime<FixedOffset>, Unreadable>,
    pub(super) edited_at: Option<DateTime<FixedOffset>>,
    /// Whether the customer has sent something, as far as the status and the amounts tell: then it is this order that they
    /// have been shown.
    pub(super) is_begun: bool,
    pub(super) is_closed: bool,
    /// The whole order, to be shown to the customer.
    pub(super) payment: Result<Payment, Unreadable>,
    pub(super) imprint: IdempotencyMarker,
}

impl KeyQuery {
    /// What the row means for the key; `None` for the orders of others. What cannot be read of those does not matter.
    pub(crate) fn read(&self, row: &ListedPayment) -> Option<KeyRow> {
        let identifier = row.identifier().copied();
        let marker = row.internal_data().ok().flatten().map_or(Marker::Foreign, |text| Marker::of(text));
        match marker {
            Marker::Known(imprint) if imprint.is_of(&self.key, &self.device) => {
                let order = identifier.and_then(|identifier| KeyedOrder::of(identifier, row, *imprint));
                Some(match order {
                    Ok(order) => KeyRow::Ours(order.into()),
                    Err(unreadable) => KeyRow::Undecided(unreadable_row(row, unreadable)),
                })
            }
            Marker::Newer { version, key } if key == self.key.as_str() => {
                Some(KeyRow::Undecided(match identifier {
                    Ok(identifier) => Error::NewerMarker { identifier, version },
                    Err(unreadable) => unreadable_row(row, unreadable),
                }))
            }
            _ => (self.created.is_some() && identifier.ok() == self.created).then_some(KeyRow::Unmarked),
        }
    }
}

impl KeyedOrder {
    fn of(identifier: Uuid, row: &ListedPayment, imprint: IdempotencyMarker) -> Result<Self, Unreadable> {
        use PaymentStatus::{Ca, De, Ex, Fa, Nr, Pe, Rf};
        let status = row.status()?.clone();
        let payment = row.payment().map(|partial| partial.value);
        let (is_begun, is_closed) = match &payment {
            Ok(payment) => {
                let facts = payment.facts_as_reported();
                (facts.has_begun(), facts.verdict.is_closed())
            }
            Err(_) => (!matches!(status, Nr | Pe | Ex | Ca | De), matches!(status, Ex | Ca | De | Fa | Rf)),
        };
        let (created_at, edited_at) = (row.created_at().copied(), row.edited_at().ok().copied());
        Ok(Self { identifier, status, created_at, edited_at, is_begun, is_closed, payment, imprint })
    }

    /// Where and how it is paid.
    ///
    /// # Errors
    /// When a field cannot be read on which that rests.
    pub(super) fn payment(&self) -> Result<&Payment, Error> {
        self.payment.as_ref().map_err(|unreadable| self.unreadable(unreadable.clone()))
    }

    pub(super) fn unreadable(&self, unreadable: Unreadable) -> Error {
        Error::Unreadable { name: Some(self.identifier.to_string()), unreadable }
    }

    /// Whether its address can be returned again. The API returns the page of a link only once.
    pub(super) fn is_whole(&self) -> bool {
        // An order that cannot be read is an error when it is returned.
        self.payment
            .as_ref()
            .map_or(true, |payment| payment.address.as_deref().is_some_and(|address| !address.is_empty()))
    }
}

fn unreadable_row(row: &ListedPayment, unreadable: Unreadable) -> Error {
    Error::Unreadable { name: row.identifier().ok().map(Uuid::to_string), unreadable }
}
