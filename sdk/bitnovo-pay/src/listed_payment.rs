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
    /// [`payment`](Self::payment) is the purpose of whoever wants to know where the order stands.
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

/// Something of the API that could be read, but for fields that do not matter to what it says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Partial<T> {
    /// What could be read. What could not is absent.
    pub value: T,
    /// The fields that are absent because they could not be read.
    pub unread: Vec<Unreadable>,
}

impl ListedPayment {
    /// The order, when everything can be read that decides where it stands: which fields these are depends on its status. An
    /// order that waits for its customer needs amounts, address and expiry; of one that is paid the price is enough.
    ///
    /// # Errors
    /// The first of these fields that is missing or cannot be read.
    pub fn payment(&self) -> Result<Partial<Payment>, Unreadable> {
        let (identifier, status) = (*self.identifier()?, self.status()?.clone());
        let fiat_amount = *self.fiat_amount()?;
        let fiat = self.fiat()?.cloned();
        self.check_deciding(&status)?;
        // Where only one of the two cannot be read, the other alone would be taken for all that has come.
        let seen = (told(&self.confirmed_amount), told(&self.unconfirmed_amount));
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
            created_at: told(&self.created_at),
            edited_at: told(&self.edited_at),
            crypto_amount: told(&self.crypto_amount),
            received_amount: told(&self.received_amount),
            percentage: told(&self.percentage),
            currency_id: told(&self.currency_id),
            address: told(&self.address),
            tag_memo: told(&self.tag_memo),
            expired_time: told(&self.expired_time),
            safe: told(&self.safe),
            good_fee: told(&self.good_fee),
            rbf: told(&self.rbf),
            reference: told(&self.reference),
            notes: told(&self.notes),
            internal_data: told(&self.internal_data),
            language: told(&self.language),
            balance_based: told(&self.balance_based),
            merchant_device_id: told(&self.merchant_device_id),
            merchant_device: told(&self.merchant_device),
            url_ok: told(&self.url_ok),
            url_ko: told(&self.url_ko),
            url_standby: told(&self.url_standby),
            transactions: self.told_transactions(),
        };
        Ok(Partial { value, unread: self.all_unread() })
    }

    fn told_transactions(&self) -> Option<Vec<Transaction>> {
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

    /// Whether what the customer is told, and whether anything of theirs has come, would rest on a field that cannot be read.
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
            amount: told(&self.amount),
            confirmed: told(&self.confirmed),
            currency: told(&self.currency),
            tx_hash: told(&self.tx_hash),
            block: told(&self.block),
            created_at: told(&self.created_at),
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
fn told<T: Clone>(field: &Field<T>) -> Option<T> {
    field.as_ref().ok().cloned().flatten()
}
