//! What every store must do, as functions that an author of a store calls in tests of their own. Each function wants an
//! empty store, and panics with what the store did wrong.
//!
//! ```
//! # async fn test() {
//! use payments_core::store::{MemoryKeyStore, conformance};
//!
//! conformance::key_store(&MemoryKeyStore::default()).await;
//! # }
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    KeyEntry, KeyPhase, KeyStore, Leases, LedgerEntry, Namespace, SpendDecision, SpendLedger, SpentTokens,
    StoreKey, TokenUse, Watermark, Watermarks,
};
use crate::Money;

/// Four namespaces that differ in one part each.
fn namespaces() -> [Namespace; 4] {
    [("a", "1", ""), ("b", "1", ""), ("a", "2", ""), ("a", "1", "caller")]
        .map(|(provider, account, scope)| Namespace::new(provider, account, scope))
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(second)
}

/// Names that a database may confuse: they differ in case, in white space, in characters that need escaping.
const NAMES: [&str; 6] = ["ORD-1", "ord-1", "ORD-1 ", "ORD_1", "ORD%1", "ñ'\"\\"];

/// Checks a [`KeyStore`].
pub async fn key_store(store: &dyn KeyStore) {
    let pending = |record: &str| KeyEntry {
        phase: KeyPhase::Pending { until: at(600) },
        record: record.as_bytes().to_vec(),
    };
    let placed = |reference: &str, record: &[u8]| KeyEntry {
        phase: KeyPhase::Placed { reference: reference.to_owned() },
        record: record.to_vec(),
    };
    let keys: Vec<StoreKey> =
        namespaces().iter().flat_map(|namespace| NAMES.map(|name| namespace.key(name))).collect();
    for key in &keys {
        assert_eq!(store.load(key).await.unwrap(), None, "{key} is there before it was written");
        let entry = pending(&key.to_string());
        assert_eq!(store.claim(key, entry.clone(), at(0)).await.unwrap(), None, "{key} cannot be claimed");
        assert_eq!(store.claim(key, pending("x"), at(0)).await.unwrap(), Some(entry), "{key}, claimed twice");
    }
    for (number, key) in keys.iter().enumerate() {
        let mine = pending(&key.to_string());
        assert_eq!(store.load(key).await.unwrap(), Some(mine.clone()), "{key} is mixed up with another");
        assert!(!store.replace(key, &pending("x"), pending("y"), at(1)).await.unwrap(), "{key} was another");
        assert!(
            store.replace(key, &mine, pending("second"), at(1)).await.unwrap(),
            "{key} cannot be replaced"
        );
        assert!(!store.replace(key, &mine, pending("y"), at(1)).await.unwrap(), "{key} was replaced twice");
        // Every byte, and none.
        let order = placed(&number.to_string(), &(0..=255).collect::<Vec<u8>>());
        store.save(key, order.clone(), at(2)).await.unwrap();
        assert_eq!(store.find(&key.namespace, &number.to_string()).await.unwrap(), Some(order), "{key}");
        store.save(key, placed(&number.to_string(), b""), at(2)).await.unwrap();
    }
    let [first, other, ..] = namespaces();
    assert_eq!(store.find(&other, "0").await.unwrap(), None, "a reference is found in another namespace");
    assert_eq!(store.find(&first, "0").await.unwrap(), Some(placed("0", b"")));
    let Some((removed, kept)) = keys.split_first() else { return };
    store.remove(removed).await.unwrap();
    store.remove(removed).await.unwrap();
    assert_eq!(store.load(removed).await.unwrap(), None);
    assert_eq!(store.find(&first, "0").await.unwrap(), None, "a removed key is still found");
    assert!(!store.replace(removed, &placed("0", b""), pending("y"), at(3)).await.unwrap());
    assert_eq!(store.claim(removed, pending("new"), at(3)).await.unwrap(), None);
    for key in kept {
        assert!(store.load(key).await.unwrap().is_some(), "{key} was removed with {removed}");
    }
}

/// Checks a [`SpendLedger`].
pub async fn spend_ledger(ledger: &dyn SpendLedger) {
    let money = |text: &str| text.parse::<Money>().unwrap();
    let entry = |id: u128, amount: &str, until: i64| LedgerEntry {
        id: Uuid::from_u128(id),
        amount: money(amount),
        until: at(until),
    };
    let limit = money("100");
    let [namespace, other, ..] = namespaces();
    let (today, tomorrow, elsewhere) = (namespace.key("1 EUR"), namespace.key("2 EUR"), other.key("1 EUR"));
    for key in [&today, &tomorrow, &elsewhere] {
        assert_eq!(ledger.sum(key, at(0)).await.unwrap(), Some(Money::ZERO), "{key}");
        let whole = ledger.reserve(key, entry(1, "60.05", 600), limit, at(0)).await.unwrap();
        assert_eq!(whole, SpendDecision::Reserved, "{key}");
    }
    let too_much = ledger.reserve(&today, entry(2, "39.96", 600), limit, at(1)).await.unwrap();
    assert_eq!(too_much, SpendDecision::Exceeded { sum: Some(money("60.05")) });
    let rest = ledger.reserve(&today, entry(2, "39.95", 600), limit, at(1)).await.unwrap();
    assert_eq!(rest, SpendDecision::Reserved, "exactly the limit fits");
    assert_eq!(ledger.sum(&today, at(1)).await.unwrap(), Some(limit));
    // Under the same identifier the second replaces the first.
    let smaller = ledger.reserve(&today, entry(2, "30", 600), limit, at(1)).await.unwrap();
    assert_eq!(smaller, SpendDecision::Reserved);
    assert_eq!(ledger.sum(&today, at(1)).await.unwrap(), Some(money("90.05")));
    assert!(ledger.commit(&today, Uuid::from_u128(1)).await.unwrap());
    assert!(!ledger.commit(&today, Uuid::from_u128(9)).await.unwrap(), "an unknown reservation");
    assert_eq!(ledger.sum(&today, at(599)).await.unwrap(), Some(money("90.05")));
    assert_eq!(ledger.sum(&today, at(600)).await.unwrap(), Some(money("60.05")), "what is committed stays");
    ledger.release(&today, Uuid::from_u128(1)).await.unwrap();
    ledger.release(&today, Uuid::from_u128(1)).await.unwrap();
    assert_eq!(ledger.sum(&today, at(600)).await.unwrap(), Some(Money::ZERO));
    assert_eq!(ledger.sum(&tomorrow, at(1)).await.unwrap(), Some(money("60.05")));
    let finest = ledger.reserve(&today, entry(3, "0.000000000000000001", 900), limit, at(600)).await.unwrap();
    assert_eq!(finest, SpendDecision::Reserved);
    assert_eq!(ledger.sum(&today, at(600)).await.unwrap(), Some(money("0.000000000000000001")));
    ledger.forget(&today).await.unwrap();
    assert_eq!(ledger.sum(&today, at(600)).await.unwrap(), Some(Money::ZERO));
    assert_eq!(ledger.sum(&elsewhere, at(1)).await.unwrap(), Some(money("60.05")));
}

/// Checks [`SpentTokens`].
pub async fn spent_tokens(store: &dyn SpentTokens) {
    let end = at(600);
    for key in namespaces().iter().flat_map(|namespace| NAMES.map(|name| namespace.key(name))) {
        assert_eq!(store.spend(&key, end, at(0)).await.unwrap(), TokenUse::Spent, "{key}");
        assert_eq!(store.spend(&key, end, at(600)).await.unwrap(), TokenUse::AlreadySpent, "{key}");
    }
    let [namespace, other, ..] = namespaces();
    let (used, returned) = (namespace.key("used"), namespace.key("returned"));
    assert_eq!(store.spend(&returned, end, at(1)).await.unwrap(), TokenUse::Spent);
    store.give_back(&returned).await.unwrap();
    assert_eq!(store.spend(&returned, end, at(1)).await.unwrap(), TokenUse::Spent, "it was given back");
    assert_eq!(store.spend(&used, end, at(601)).await.unwrap(), TokenUse::Expired);
    // The clock was set forward and back again: a used token stays used, or has expired.
    store.give_back(&returned).await.unwrap();
    for key in [&returned, &namespace.key("ORD-1")] {
        for second in [1, 599, -3600, 3601] {
            let again = store.spend(key, end, at(second)).await.unwrap();
            assert_ne!(again, TokenUse::Spent, "{key} at {second}");
        }
    }
    let fresh = namespace.key("fresh");
    assert_eq!(store.spend(&fresh, at(7200), at(-3600)).await.unwrap(), TokenUse::Spent);
    assert_eq!(store.spend(&other.key("fresh"), at(7200), at(0)).await.unwrap(), TokenUse::Spent);
}

/// Checks [`Watermarks`] that take nothing as announced at first.
pub async fn watermarks(store: &dyn Watermarks) {
    let mark = |announced: i64, changed: i64, state: &str| Watermark {
        announced_at: at(announced),
        changed_at: at(changed),
        state: state.as_bytes().to_vec(),
    };
    let names: Vec<String> = NAMES.map(str::to_owned).to_vec();
    for namespace in namespaces() {
        let known = store.known(&namespace, &names).await.unwrap();
        assert!(known.marks.is_empty() && known.floor < at(0), "{namespace:?}");
        for name in &names {
            let noted = store.advance(&namespace.key(name), mark(10, 5, name)).await.unwrap();
            assert!(noted, "{namespace:?} {name}");
        }
        let known = store.known(&namespace, &names).await.unwrap();
        assert_eq!(known.marks.len(), names.len());
        for name in &names {
            assert_eq!(known.marks.get(name), Some(&mark(10, 5, name)), "{namespace:?} {name}");
        }
    }
    let [namespace, other, ..] = namespaces();
    let key = namespace.key("ORD-1");
    assert!(!store.advance(&key, mark(9, 8, "earlier")).await.unwrap(), "a later announcement is known");
    assert!(store.advance(&key, mark(10, 4, "same time")).await.unwrap());
    assert!(store.advance(&key, mark(11, 3, "later")).await.unwrap());
    let two = ["ORD-1", "ord-1"].map(str::to_owned);
    let known = store.known(&namespace, &two).await.unwrap();
    assert_eq!(known.marks.get("ORD-1"), Some(&mark(11, 3, "later")));
    assert_eq!(known.marks.len(), 2, "only what was asked for");
    let elsewhere = store.known(&other, &names).await.unwrap();
    assert_eq!(elsewhere.marks.get("ORD-1"), Some(&mark(10, 5, "ORD-1")));
}

/// Checks [`Leases`].
pub async fn leases(store: &dyn Leases) {
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut fences = Vec::new();
    for key in namespaces().map(|namespace| namespace.key("job")) {
        let lease = store.acquire(&key, first, at(60), at(0)).await.unwrap().unwrap();
        assert_eq!(lease.holder, first, "{key}");
        assert_eq!(store.acquire(&key, second, at(60), at(59)).await.unwrap(), None, "{key} is taken");
        let again = store.acquire(&key, first, at(70), at(30)).await.unwrap();
        assert_eq!(again, Some(lease), "its holder takes it again");
        assert_eq!(store.acquire(&key, second, at(99), at(69)).await.unwrap(), None);
        assert!(store.renew(&key, lease, at(90), at(69)).await.unwrap());
        assert_eq!(store.acquire(&key, second, at(99), at(89)).await.unwrap(), None);
        // It has ended, and passes on.
        assert!(!store.renew(&key, lease, at(120), at(90)).await.unwrap(), "{key} has ended");
        let next = store.acquire(&key, second, at(150), at(90)).await.unwrap().unwrap();
        assert!(next.fence > lease.fence, "{key}");
        assert!(!store.renew(&key, lease, at(200), at(91)).await.unwrap(), "{key} belongs to another");
        store.release(&key, lease).await.unwrap();
        assert_eq!(
            store.acquire(&key, first, at(200), at(92)).await.unwrap(),
            None,
            "not its own to release"
        );
        store.release(&key, next).await.unwrap();
        let last = store.acquire(&key, first, at(200), at(92)).await.unwrap().unwrap();
        assert!(last.fence > next.fence, "{key}");
        fences.push(last.fence);
    }
    assert_eq!(fences.len(), namespaces().len());
}
