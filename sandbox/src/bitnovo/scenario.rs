//! What can happen to a payment, and which status it leads to: the one place that decides it.
//!
//! Timers, in simulated time: an order expires 15 minutes after its currency was chosen (60 on slow networks) and is
//! cancelled a day later; a payment in full becomes safe after a minute; a transaction is mined ten minutes after it
//! was seen. CM (completed by hand) and DE (deleted) happen in the provider's dashboard, which is not simulated.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    bitnovo::order::{Order, Transaction, TransactionPlace},
    bitnovo::order_status::OrderStatus,
    seed::Seed,
};

/// From the first sight of a payment in full until goods may be released.
const SAFE_AFTER: TimeDelta = TimeDelta::minutes(1);
/// From the first sight of a transaction until a block holds it.
const MINED_AFTER: TimeDelta = TimeDelta::minutes(10);
/// From expiry to cancellation.
const CANCELLED_AFTER: TimeDelta = TimeDelta::hours(24);

/// What happens to a payment, as far as its status is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderEvent {
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
pub(crate) fn next(status: OrderStatus, event: OrderEvent) -> Option<OrderStatus> {
    use OrderEvent::*;
    use OrderStatus::*;
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

/// Takes `order` along the table, with all that follows from its new status.
pub(crate) fn step(order: &mut Order, event: OrderEvent, now: DateTime<Utc>) -> Result<(), String> {
    let status = next(order.status, event)
        .ok_or_else(|| format!("A payment that is {} cannot become {event:?}.", order.status))?;
    if status == OrderStatus::AC && order.status != OrderStatus::AC {
        order.accepted_at = Some(now);
    }
    order.safe = match status {
        OrderStatus::CO | OrderStatus::RF => true,
        OrderStatus::AC => order.safe,
        OrderStatus::OC => order.unconfirmed().is_zero(),
        _ => false,
    };
    order.status = status;
    order.edited_at = now;
    Ok(())
}

/// Puts the transactions in the mempool that are `ripe` into a block.
pub(crate) fn mine(
    order: &mut Order,
    now: DateTime<Utc>,
    seed: Seed,
    ripe: impl Fn(&Transaction) -> bool,
) -> Result<(), String> {
    let block = 800_000 + i64::from(seed.number("block", order.identifier.as_bytes()) % 100_000);
    for transaction in
        order.transactions.iter_mut().filter(|one| one.place == TransactionPlace::Mempool && ripe(one))
    {
        transaction.place = TransactionPlace::Block(block);
    }
    let in_full = order.confirmed() >= order.asked_crypto();
    step(order, if in_full { OrderEvent::MinedInFull } else { OrderEvent::MinedShort }, now)
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
    use OrderStatus::{AC, CO, EX, IA, OC, PE};
    let quote = order.quote.as_ref()?;
    let expiry = matches!(order.status, PE | IA).then_some((quote.expires_at, Timer::Expire));
    let cancel = (order.status == EX).then(|| (quote.expires_at + CANCELLED_AFTER, Timer::Cancel));
    let release = order.accepted_at.filter(|_| order.status == AC && !order.safe);
    let release = release.map(|accepted| (accepted + SAFE_AFTER, Timer::Release));
    let waiting = order
        .transactions
        .iter()
        .filter(|one| one.place == TransactionPlace::Mempool)
        .map(|one| one.seen_at)
        .min();
    let waiting = waiting.filter(|_| matches!(order.status, AC | IA | OC | CO));
    let mined = waiting.map(|seen| (seen + MINED_AFTER, Timer::Mine));
    [mined, release, expiry, cancel].into_iter().flatten().min_by_key(|(at, _)| *at)
}

/// Lets `timer` go off.
pub(crate) fn fire(order: &mut Order, timer: Timer, now: DateTime<Utc>, seed: Seed) -> Result<(), String> {
    match timer {
        Timer::Mine => mine(order, now, seed, |transaction| transaction.seen_at + MINED_AFTER <= now),
        Timer::Expire => step(order, OrderEvent::Expired, now),
        Timer::Cancel => step(order, OrderEvent::Cancelled, now),
        Timer::Release => {
            order.safe = true;
            order.edited_at = now;
            Ok(())
        }
    }
}
