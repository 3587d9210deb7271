//! One order: what was asked for, in which currency it is to be paid, and what has arrived so far.

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use crate::{bitnovo::catalogue::Currency, bitnovo::order_status::OrderStatus};

/// What a merchant asks for in a create, after validation.
#[derive(Clone, Debug)]
pub(crate) struct OrderRequest {
    pub(crate) fiat_amount: Decimal,
    pub(crate) fiat: String,
    pub(crate) input_currency: Option<String>,
    pub(crate) language: String,
    pub(crate) notes: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) internal_data: Option<String>,
    pub(crate) url_ok: Option<String>,
    pub(crate) url_ko: Option<String>,
    pub(crate) url_standby: Option<String>,
}

/// The device that created an order.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) number: i64,
    pub(crate) name: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) identifier: Uuid,
    /// The eight hex digits of its checkout page.
    pub(crate) code: String,
    pub(crate) device: Device,
    pub(crate) asked: OrderRequest,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) edited_at: DateTime<Utc>,
    pub(crate) status: OrderStatus,
    /// `None` until a currency is chosen.
    pub(crate) quote: Option<Quote>,
    pub(crate) transactions: Vec<Transaction>,
    /// Since when the whole amount has been seen; `None` before.
    pub(crate) accepted_at: Option<DateTime<Utc>>,
    /// Whether goods may be released.
    pub(crate) safe: bool,
    /// Counts the changes, for watchers.
    pub(crate) revision: u64,
}

/// How an order is to be paid.
#[derive(Clone, Debug)]
pub(crate) struct Quote {
    pub(crate) currency: &'static Currency,
    pub(crate) amount: Decimal,
    pub(crate) address: String,
    /// Empty where the network has none.
    pub(crate) tag_memo: String,
    /// Empty where no URI names the coin for certain.
    pub(crate) payment_uri: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// A payment of the customer on chain.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    pub(crate) amount: Decimal,
    pub(crate) hash: String,
    pub(crate) seen_at: DateTime<Utc>,
    pub(crate) place: TransactionPlace,
}

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransactionPlace {
    Mempool,
    Block(i64),
    /// It left the mempool and will never confirm.
    Dropped,
}

impl Order {
    /// What the customer was asked for; zero before a currency is chosen.
    pub(crate) fn asked_crypto(&self) -> Decimal {
        self.quote.as_ref().map_or(Decimal::ZERO, |quote| quote.amount)
    }

    pub(crate) fn unconfirmed(&self) -> Decimal {
        self.sum(|place| place == TransactionPlace::Mempool)
    }

    pub(crate) fn confirmed(&self) -> Decimal {
        self.sum(|place| matches!(place, TransactionPlace::Block(_)))
    }

    fn sum(&self, counts: impl Fn(TransactionPlace) -> bool) -> Decimal {
        self.transactions.iter().filter(|transaction| counts(transaction.place)).map(|one| one.amount).sum()
    }

    /// Everything that has arrived, confirmed or not.
    pub(crate) fn arrived(&self) -> Decimal {
        self.unconfirmed() + self.confirmed()
    }

    /// What is still missing; zero when enough has arrived.
    pub(crate) fn remaining(&self) -> Decimal {
        (self.asked_crypto() - self.arrived()).max(Decimal::ZERO)
    }

    /// The share that has arrived, 0 to 100; only 100 when nothing is missing.
    pub(crate) fn percentage(&self) -> Decimal {
        let share =
            (self.arrived() * Decimal::ONE_HUNDRED).checked_div(self.asked_crypto()).unwrap_or_default();
        share.min(Decimal::ONE_HUNDRED).round_dp_with_strategy(2, RoundingStrategy::ToZero)
    }

    /// What was confirmed, in fiat, rounded down: short of the fiat amount whenever too little was confirmed.
    pub(crate) fn received_fiat(&self) -> Decimal {
        let (asked, confirmed) = (self.asked_crypto(), self.confirmed());
        if confirmed == asked && !asked.is_zero() {
            return self.asked.fiat_amount;
        }
        let fiat = self.asked.fiat_amount;
        let received = confirmed.checked_mul(fiat).and_then(|product| product.checked_div(asked));
        let decimals = fiat.scale().max(2);
        received.unwrap_or_default().round_dp_with_strategy(decimals, RoundingStrategy::ToZero)
    }
}
