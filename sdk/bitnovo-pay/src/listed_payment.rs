//! An order as far as it can be read: a row of the list, or the answer about one order.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    Money, Payment, PaymentStatus, Transaction, Unreadable,
    rows::reader::Row,
    wire::{Field, FieldProblem, Object, partial, values},
};

partial! {
    /// An order as far as it can be read, field by field.
    ///
    /// Each purpose asks for the fields that it needs and learns which of them cannot be read; the others do not matter.
    /// [`payment`](Self::payment) needs the fields that decide the state of the order.
    pub struct ListedPayment {
        need {
            identifier: Uuid = values::uuid,
            status: PaymentStatus = values::status,
            fiat_amount: Money = values::money,
            created_at: DateTime<FixedOffset> = values::time,
            edited_at: DateTime<FixedOffset> = values::time,
        }
        may {
            fiat: String = values::word,
            crypto_amount: Money = values::money,
            unconfirmed_amount: Money = values::money,
            confirmed_amount: Money = values::money,
            received_amount: Money = values::money,
            percentage: Money = values::money,
            currency_id: String = values::word,
            address: String = values::word,
            tag_memo: String = values::text,
            expired_time: DateTime<FixedOffset> = values::time,
            safe: bool = values::boolean,
            good_fee: bool = values::boolean,
            rbf: bool = values::boolean,
            reference: String = values::text,
            notes: String = values::text,
            internal_data: String = values::data,
            language: String = values::text,
            balance_based: String = values::data,
            merchant_device_id: i64 = values::whole,
            merchant_device: String = values::text,
            url_ok: String = values::word,
            url_ko: String = values::word,
            url_standby: String = values::word,
            transactions: Vec<ListedTransaction> = transactions,
        }
    }
}

partial! {
    /// A transaction of the customer's as far as it can be read, field by field.
    pub struct ListedTransaction {
        need {}
        may {
            amount: Money = values::money,
            confirmed: bool = values::boolean,
            currency: String = values::word,
            tx_hash: String = values::word,
            block: i64 = values::whole,
            created_at: DateTime<FixedOffset> = values::time,
        }
    }
}

fn transactions(json: &str) -> Result<Vec<ListedTransaction>, FieldProblem> {
    let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| FieldProblem::NotAnArray)?;
    let each = items.into_iter().map(|item| Object::parse(item.get()).as_ref().map(ListedTransaction::of));
    each.collect::<Option<_>>().ok_or(FieldProblem::NotAnArray)
}

/// An object of the API of which some fields could not be read that do not decide its state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Partial<T> {
    /// What could be read. What could not is absent.
    pub value: T,
    /// The fields that are absent because they could not be read.
    pub unread: Vec<Unreadable>,
}

impl ListedPayment {
    /// The order, when every field can be read that decides its state. The status decides which fields these are: an order
    /// that waits for its customer needs amounts, address and expiry; a paid one needs only the price.
    ///
    /// # Errors
    /// The first of these fields that is missing or cannot be read.
    pub fn payment(&self) -> Result<Partial<Payment>, Unreadable> {
        let (identifier, status) = (*self.identifier()?, self.status()?.clone());
        let fiat_amount = *self.fiat_amount()?;
        let fiat = self.fiat()?.cloned();
        self.check_deciding(&status)?;
        // Where only one of the two cannot be read, the other alone would be taken for all that has come.
        let seen = (readable(&self.confirmed_amount), readable(&self.unconfirmed_amount));
        let (confirmed_amount, unconfirmed_amount) =
            if self.confirmed_amount.is_ok() && self.unconfirmed_amount.is_ok() {
                seen
            } else {
                (None, None)
            };
        let value = Payment {
            identifier,
            status,
            fiat_amount,
            fiat,
            confirmed_amount,
            unconfirmed_amount,
            created_at: readable(&self.created_at),
            edited_at: readable(&self.edited_at),
            crypto_amount: readable(&self.crypto_amount),
            received_amount: readable(&self.received_amount),
            percentage: readable(&self.percentage),
            currency_id: readable(&self.currency_id),
            address: readable(&self.address),
            tag_memo: readable(&self.tag_memo),
            expired_time: readable(&self.expired_time),
            safe: readable(&self.safe),
            good_fee: readable(&self.good_fee),
            rbf: readable(&self.rbf),
            reference: readable(&self.reference),
            notes: readable(&self.notes),
            internal_data: readable(&self.internal_data),
            language: readable(&self.language),
            balance_based: readable(&self.balance_based),
            merchant_device_id: readable(&self.merchant_device_id),
            merchant_device: readable(&self.merchant_device),
            url_ok: readable(&self.url_ok),
            url_ko: readable(&self.url_ko),
            url_standby: readable(&self.url_standby),
            transactions: self.readable_transactions(),
        };
        Ok(Partial { value, unread: self.all_unread() })
    }

    fn readable_transactions(&self) -> Option<Vec<Transaction>> {
        let transactions = self.transactions.as_ref().ok()?.as_ref()?;
        Some(transactions.iter().map(ListedTransaction::transaction).collect())
    }

    /// With the fields of the transactions.
    fn all_unread(&self) -> Vec<Unreadable> {
        let transactions = self.transactions.iter().flatten().flatten().enumerate();
        let inside = transactions.flat_map(|(index, transaction)| {
            let name = move |field: Cow<'static, str>| format!("transactions[{index}].{field}");
            transaction
                .unread()
                .into_iter()
                .map(move |Unreadable { field, problem }| Unreadable::new(name(field), problem))
        });
        self.unread().into_iter().chain(inside).collect()
    }

    /// Checks the fields that decide what the customer is shown and whether any funds have arrived.
    fn check_deciding(&self, status: &PaymentStatus) -> Result<(), Unreadable> {
        use PaymentStatus::{Ac, Ca, De, Ex, Fa, Ia, Nr, Oc, Pe};
        if matches!(status, Ac) {
            self.safe()?;
        }
        if matches!(status, Nr | Pe | Ia | Oc | Ex | Ca | De | Fa) {
            for amount in
                [&self.crypto_amount, &self.confirmed_amount, &self.unconfirmed_amount, &self.received_amount]
            {
                amount.as_ref().map_err(Clone::clone)?;
            }
            self.transactions()?;
        }
        if matches!(status, Nr | Pe | Ia | Oc) {
            self.expired_time()?;
        }
        // Whether it came too late.
        let times = self.all_unread().into_iter().find(|unread| unread.field.ends_with("].created_at"));
        if let Some(unreadable) = times.filter(|_| matches!(status, Oc)) {
            return Err(unreadable);
        }
        if matches!(status, Nr | Pe | Ia) {
            for word in [&self.currency_id, &self.address, &self.tag_memo] {
                word.as_ref().map_err(Clone::clone)?;
            }
        }
        Ok(())
    }
}

impl ListedTransaction {
    fn transaction(&self) -> Transaction {
        Transaction {
            amount: readable(&self.amount),
            confirmed: readable(&self.confirmed),
            currency: readable(&self.currency),
            tx_hash: readable(&self.tx_hash),
            block: readable(&self.block),
            created_at: readable(&self.created_at),
        }
    }
}

/// From the JSON object of one order, whatever is odd about its fields.
impl<'de> Deserialize<'de> for ListedPayment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let object = Object::parse(raw.get());
        object
            .map(|object| Self::of(&object))
            .ok_or_else(|| D::Error::custom("expected an order as an object"))
    }
}

impl Row for ListedPayment {
    fn of(object: &Object<'_>) -> Self {
        Self::of(object)
    }

    fn name(&self) -> Option<String> {
        self.identifier().ok().map(Uuid::to_string)
    }
}

/// What could be read of a field that does not decide.
fn readable<T: Clone>(field: &Field<T>) -> Option<T> {
    field.as_ref().ok().cloned().flatten()
}
