//! What can happen to a payment, and which status it leads to: the one place that decides it.
//!
//! Timers, in simulated time: an order expires 15 minutes after its currency was chosen (60 on slow networks) and is
//! cancelled a day later; a payment in full becomes safe after a minute; a transaction is mined ten minutes after it
//! was seen. CM (completed by hand) and DE (deleted) happen in the provider's dashboard, which is not simulated.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    order::{Order, Place, Transaction},
    seed::Seed,
};

/// From the first sight of a payment in full until goods may be released.
const SAFE_AFTER: TimeDelta = TimeDelta::minutes(1);
/// From the first sight of a transaction until a block holds it.
const MINED_AFTER: TimeDelta = TimeDelta::minutes(10);
/// From expiry to cancellation.
const CANCELLED_AFTER: TimeDelta = TimeDelta::hours(24);
/// A payment of more than this many coins is a slip.
const MOST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// The status codes that the simulation reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    NR,
    PE,
    AC,
    IA,
    CO,
    OC,
    EX,
    CA,
    RF,
    FA,
}

impl Status {
    const ALL: [Self; 10] = [
        Self::NR,
        Self::PE,
        Self::AC,
        Self::IA,
        Self::CO,
        Self::OC,
        Self::EX,
        Self::CA,
        Self::RF,
        Self::FA,
    ];
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// What happens to a payment, as far as its status is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    CurrencyChosen,
    /// Funds were seen, and less than asked for has arrived in all.
    SeenShort,
    /// Funds were seen, and all that was asked for has arrived.
    SeenInFull,
    /// A block holds a part of what was asked for.
    MinedShort,
    /// Blocks hold all that was asked for.
    MinedInFull,
    Expired,
    Cancelled,
    Failed,
    Refunded,
}

/// The transition table. `None`: this cannot happen to a payment in that status.
fn next(status: Status, event: Event) -> Option<Status> {
    use Event::*;
    use Status::*;
    Some(match (status, event) {
        (NR, CurrencyChosen) => PE,
        (PE | IA, SeenShort) => IA,
        (PE | IA | AC, SeenInFull) => AC,
        // Too late: whatever arrives after the expiry needs a decision of the merchant.
        (EX | OC, SeenShort | SeenInFull) => OC,
        (IA, MinedShort) => IA,
        (AC, MinedShort) => AC,
        (AC | CO, MinedInFull) => CO,
        (OC, MinedShort | MinedInFull) => OC,
        (PE, Expired) => EX,
        (IA, Expired) => OC,
        (NR | PE | EX, Cancelled) => CA,
        (AC, Failed) => FA,
        (CO | OC, Refunded) => RF,
        _ => return None,
    })
}

/// What somebody does to a payment.
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

    fn events(&self) -> &'static [Event] {
        match self {
            Self::Pay(_) => &[Event::SeenShort, Event::SeenInFull],
            Self::Mine => &[Event::MinedShort, Event::MinedInFull],
            Self::Expire => &[Event::Expired],
            Self::Cancel => &[Event::Cancelled],
            Self::Fail => &[Event::Failed],
            Self::Refund => &[Event::Refunded],
        }
    }

    /// Whether it can be done to a payment in `status`.
    fn possible(&self, status: Status) -> bool {
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
/// A sentence that says in which statuses the action is possible, or what is wrong with the amount.
pub(crate) fn perform(
    order: &mut Order,
    action: &Action,
    now: DateTime<Utc>,
    seed: Seed,
) -> Result<(), String> {
    if !action.possible(order.status) {
        let possible = Status::ALL.iter().filter(|status| action.possible(**status));
        let possible: Vec<_> = possible.map(Status::to_string).collect();
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
            let event = if order.remaining().is_zero() {
                Event::SeenInFull
            } else {
                Event::SeenShort
            };
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
            step(order, Event::Expired, now)
        }
        Action::Cancel => step(order, Event::Cancelled, now),
        Action::Fail => {
            for transaction in order
                .transactions
                .iter_mut()
                .filter(|one| one.place == Place::Mempool)
            {
                transaction.place = Place::Dropped;
            }
            step(order, Event::Failed, now)
        }
        Action::Refund => step(order, Event::Refunded, now),
    }
}

/// Takes `order` along the table, with all that follows from its new status.
pub(crate) fn step(order: &mut Order, event: Event, now: DateTime<Utc>) -> Result<(), String> {
    let status = next(order.status, event)
        .ok_or_else(|| format!("A payment that is {} cannot become {event:?}.", order.status))?;
    if status == Status::AC && order.status != Status::AC {
        order.accepted_at = Some(now);
    }
    order.safe = match status {
        Status::CO | Status::RF => true,
        Status::AC => order.safe,
        Status::OC => order.unconfirmed().is_zero(),
        _ => false,
    };
    order.status = status;
    order.edited_at = now;
    Ok(())
}

fn amount(order: &Order, funds: &Funds) -> Result<Decimal, String> {
    let Some(quote) = &order.quote else {
        return Err("This payment has no currency yet.".to_owned());
    };
    let (symbol, decimals) = (quote.currency.symbol, quote.currency.decimals);
    let amount = match funds {
        Funds::Remaining => order.remaining(),
        Funds::Percent(percent) => (quote.amount.checked_mul(*percent))
            .and_then(|product| product.checked_div(Decimal::ONE_HUNDRED))
            .map_or(Decimal::MAX, |part| {
                part.round_dp_with_strategy(decimals, RoundingStrategy::ToZero)
            }),
        Funds::Amount(amount) if amount.normalize().scale() > decimals => {
            return Err(format!("{symbol} has {decimals} decimals; {amount} has more."));
        }
        Funds::Amount(amount) => *amount,
    };
    match amount {
        amount if amount.is_zero() && *funds == Funds::Remaining => Err(
            "Nothing is missing any more: to overpay, send {\"percent\": …} or {\"amount\": …}.".to_owned(),
        ),
        amount if amount <= Decimal::ZERO => Err(format!(
            "There is no smaller amount of {symbol} than that: pay more."
        )),
        amount if amount > MOST => Err(format!("Nobody has that much {symbol}: pay at most {MOST}.")),
        amount => Ok(amount.normalize()),
    }
}

fn transaction(order: &Order, amount: Decimal, now: DateTime<Utc>, seed: Seed) -> Transaction {
    let which = format!("{} {}", order.identifier, order.transactions.len());
    let hash = hex::encode(seed.bytes("transaction", which.as_bytes()));
    Transaction {
        amount,
        hash,
        seen_at: now,
        place: Place::Mempool,
    }
}

/// Puts the transactions in the mempool that are `ripe` into a block.
fn mine(
    order: &mut Order,
    now: DateTime<Utc>,
    seed: Seed,
    ripe: impl Fn(&Transaction) -> bool,
) -> Result<(), String> {
    let block = 800_000 + i64::from(seed.number("block", order.identifier.as_bytes()) % 100_000);
    for transaction in order
        .transactions
        .iter_mut()
        .filter(|one| one.place == Place::Mempool && ripe(one))
    {
        transaction.place = Place::Block(block);
    }
    let in_full = order.confirmed() >= order.asked_crypto();
    step(
        order,
        if in_full {
            Event::MinedInFull
        } else {
            Event::MinedShort
        },
        now,
    )
}

/// What happens to a payment by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    Mine,
    Release,
    Expire,
    Cancel,
}

/// What happens next to `order` by itself, and when.
pub(crate) fn due(order: &Order) -> Option<(DateTime<Utc>, Timer)> {
    use Status::{AC, CO, EX, IA, OC, PE};
    let quote = order.quote.as_ref()?;
    let expiry = matches!(order.status, PE | IA).then_some((quote.expires_at, Timer::Expire));
    let cancel = (order.status == EX).then(|| (quote.expires_at + CANCELLED_AFTER, Timer::Cancel));
    let release = order.accepted_at.filter(|_| order.status == AC && !order.safe);
    let release = release.map(|accepted| (accepted + SAFE_AFTER, Timer::Release));
    let waiting = order
        .transactions
        .iter()
        .filter(|one| one.place == Place::Mempool)
        .map(|one| one.seen_at)
        .min();
    let waiting = waiting.filter(|_| matches!(order.status, AC | IA | OC | CO));
    let mined = waiting.map(|seen| (seen + MINED_AFTER, Timer::Mine));
    [mined, release, expiry, cancel]
        .into_iter()
        .flatten()
        .min_by_key(|(at, _)| *at)
}

/// Lets `timer` go off.
pub(crate) fn fire(order: &mut Order, timer: Timer, now: DateTime<Utc>, seed: Seed) -> Result<(), String> {
    match timer {
        Timer::Mine => mine(order, now, seed, |transaction| {
            transaction.seen_at + MINED_AFTER <= now
        }),
        Timer::Expire => step(order, Event::Expired, now),
        Timer::Cancel => step(order, Event::Cancelled, now),
        Timer::Release => {
            order.safe = true;
            order.edited_at = now;
            Ok(())
        }
    }
}
