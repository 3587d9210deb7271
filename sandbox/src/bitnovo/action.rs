//! Actions of the customer, the blockchain and the merchant on a payment; `scenario` decides the next status.

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    bitnovo::order::{Order, Transaction, TransactionPlace},
    bitnovo::order_status::OrderStatus,
    bitnovo::scenario::{OrderEvent, mine, next, step},
    seed::Seed,
};

/// A payment of more than this many coins is a slip.
const MOST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// An action on a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Pay(Funds),
    Mine,
    Expire,
    Cancel,
    Fail,
    Refund,
}

/// How much the customer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Funds {
    /// All that is missing.
    Remaining,
    /// A percentage of what was asked for, rounded down.
    Percent(Decimal),
    /// So many coins.
    Amount(Decimal),
}

impl Action {
    /// The action that a path names; `pay` is for all that is missing.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "pay" => Self::Pay(Funds::Remaining),
            "mine" => Self::Mine,
            "expire" => Self::Expire,
            "cancel" => Self::Cancel,
            "fail" => Self::Fail,
            "refund" => Self::Refund,
            _ => return None,
        })
    }

    fn verb(&self) -> &'static str {
        match self {
            Self::Pay(_) => "pay",
            Self::Mine => "mine",
            Self::Expire => "expire",
            Self::Cancel => "cancel",
            Self::Fail => "fail",
            Self::Refund => "refund",
        }
    }

    fn events(&self) -> &'static [OrderEvent] {
        match self {
            Self::Pay(_) => &[OrderEvent::SeenShort, OrderEvent::SeenInFull],
            Self::Mine => &[OrderEvent::MinedShort, OrderEvent::MinedInFull],
            Self::Expire => &[OrderEvent::Expired],
            Self::Cancel => &[OrderEvent::Cancelled],
            Self::Fail => &[OrderEvent::Failed],
            Self::Refund => &[OrderEvent::Refunded],
        }
    }

    /// Whether it can be done to a payment in `status`.
    fn possible(&self, status: OrderStatus) -> bool {
        self.events().iter().any(|event| next(status, *event).is_some())
    }

    /// Whether it can be done to `order` now.
    pub(crate) fn applies_to(&self, order: &Order) -> bool {
        let in_mempool = order.unconfirmed() > Decimal::ZERO;
        let missing = order.remaining() > Decimal::ZERO;
        self.possible(order.status)
            && match self {
                Self::Mine => in_mempool,
                Self::Pay(Funds::Remaining) => missing,
                _ => true,
            }
    }
}

/// Does `action` to `order`.
///
/// # Errors
/// A sentence with the statuses in which the action is possible, or with what is wrong with the amount.
pub(crate) fn perform(
    order: &mut Order,
    action: &Action,
    now: DateTime<Utc>,
    seed: Seed,
) -> Result<(), String> {
    if !action.possible(order.status) {
        let possible = OrderStatus::ALL.iter().filter(|status| action.possible(**status));
        let possible: Vec<_> = possible.map(OrderStatus::to_string).collect();
        let (verb, status) = (action.verb(), order.status);
        return Err(format!(
            "This payment is {status}; `{verb}` is possible while it is {}.",
            possible.join(", ")
        ));
    }
    match action {
        Action::Pay(funds) => {
            let amount = amount(order, funds)?;
            order.transactions.push(transaction(order, amount, now, seed));
            let event =
                if order.remaining().is_zero() { OrderEvent::SeenInFull } else { OrderEvent::SeenShort };
            step(order, event, now)
        }
        Action::Mine if order.unconfirmed().is_zero() => {
            Err("There is no unconfirmed transaction to mine: `pay` first.".to_owned())
        }
        Action::Mine => mine(order, now, seed, |_| true),
        Action::Expire => {
            if let Some(quote) = &mut order.quote {
                quote.expires_at = now;
            }
            step(order, OrderEvent::Expired, now)
        }
        Action::Cancel => step(order, OrderEvent::Cancelled, now),
        Action::Fail => {
            for transaction in
                order.transactions.iter_mut().filter(|one| one.place == TransactionPlace::Mempool)
            {
                transaction.place = TransactionPlace::Dropped;
            }
            step(order, OrderEvent::Failed, now)
        }
        Action::Refund => step(order, OrderEvent::Refunded, now),
    }
}

fn amount(order: &Order, funds: &Funds) -> Result<Decimal, String> {
    let Some(quote) = &order.quote else {
        return Err("This payment has no currency yet.".to_owned());
    };
    let (symbol, decimals) = (quote.currency.symbol, quote.currency.coin.decimals);
    let amount = match funds {
        Funds::Remaining => order.remaining(),
        Funds::Percent(percent) => (quote.amount.checked_mul(*percent))
            .and_then(|product| product.checked_div(Decimal::ONE_HUNDRED))
            .map_or(Decimal::MAX, |part| part.round_dp_with_strategy(decimals, RoundingStrategy::ToZero)),
        Funds::Amount(amount) if amount.normalize().scale() > decimals => {
            return Err(format!("{symbol} has {decimals} decimals; {amount} has more."));
        }
        Funds::Amount(amount) => *amount,
    };
    match amount {
        amount if amount.is_zero() && *funds == Funds::Remaining => {
            Err("Nothing is missing any more: to overpay, send {\"percent\": …} or {\"amount\": …}."
                .to_owned())
        }
        amount if amount <= Decimal::ZERO => {
            Err(format!("There is no smaller amount of {symbol} than that: pay more."))
        }
        amount if amount > MOST => Err(format!("That is too much {symbol}: pay at most {MOST}.")),
        amount => Ok(amount.normalize()),
    }
}

fn transaction(order: &Order, amount: Decimal, now: DateTime<Utc>, seed: Seed) -> Transaction {
    let which = format!("{} {}", order.identifier, order.transactions.len());
    let hash = hex::encode(seed.bytes("transaction", which.as_bytes()));
    Transaction { amount, hash, seen_at: now, place: TransactionPlace::Mempool }
}
