//! What is known of idempotency keys, and its encoding in a store.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use payments_core::store::{KeyEntry, KeyPhase, Namespace, StoreKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Fingerprint, IdempotencyKey, KeyStore, PlacedOrder, StoreError};

/// How long an order that was sent and not answered may still come into being. A create took 7.6 seconds once, servers
/// and balancers give up on a request after a minute or two: this is several times that. Until then nothing is created
/// under the same key unless the API's list tells what came of it.
pub const UNKNOWN_OUTCOME_WINDOW: Duration = Duration::from_secs(10 * 60);

/// The version of the encoding. A record of another version is an error, never a guess.
const VERSION: u32 = 1;

/// The records of one device in a store.
#[derive(Debug)]
pub(crate) struct KeyRecords {
    store: Arc<dyn KeyStore>,
    namespace: Namespace,
}

/// What is known of one key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct KeyRecord {
    /// What was asked for under the key.
    pub(crate) fingerprint: Fingerprint,
    /// What came of it.
    pub(crate) state: KeyState,
}

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyState {
    /// It was sent, and no answer has been seen yet.
    Pending(Attempt),
    /// It exists.
    Placed(PlacedOrder),
    /// It exists and is withheld: the API's list could not be read, and another process may have created one under the
    /// same key.
    Unchecked {
        /// The order.
        order: PlacedOrder,
        /// The attempt that created it.
        attempt: Attempt,
    },
}

/// One attempt at creating an order, recognised by its identifier in the API's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Attempt {
    /// Tells this attempt from every other.
    pub(crate) id: Uuid,
    /// When it began.
    pub(crate) since: DateTime<Utc>,
}

/// What a client's store of keys knows of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredOrder {
    /// Nothing: the order was created elsewhere, or without a key.
    Unknown,
    /// The order as its create was answered.
    Placed(Box<PlacedOrder>),
    /// The order must not be shown to a customer: another order of the same key may be the one that counts.
    Withheld,
}

impl KeyRecords {
    pub(crate) fn new(store: Arc<dyn KeyStore>, namespace: Namespace) -> Self {
        Self { store, namespace }
    }

    pub(crate) async fn load(&self, key: &IdempotencyKey) -> Result<Option<KeyRecord>, StoreError> {
        self.store.load(&self.key(key)).await?.map(|entry| KeyRecord::decode(&entry.record)).transpose()
    }

    /// Writes the record if the key has none, and returns whether it did.
    pub(crate) async fn claim(
        &self,
        key: &IdempotencyKey,
        record: &KeyRecord,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(self.store.claim(&self.key(key), record.entry()?, now).await?.is_none())
    }

    pub(crate) async fn save(
        &self,
        key: &IdempotencyKey,
        record: &KeyRecord,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.store.save(&self.key(key), record.entry()?, now).await
    }

    pub(crate) async fn remove(&self, key: &IdempotencyKey) -> Result<(), StoreError> {
        self.store.remove(&self.key(key)).await
    }

    pub(crate) async fn order(&self, identifier: Uuid) -> Result<StoredOrder, StoreError> {
        let Some(entry) = self.store.find(&self.namespace, &identifier.to_string()).await? else {
            return Ok(StoredOrder::Unknown);
        };
        Ok(match KeyRecord::decode(&entry.record)?.state {
            KeyState::Placed(order) => StoredOrder::Placed(Box::new(order)),
            KeyState::Pending(_) | KeyState::Unchecked { .. } => StoredOrder::Withheld,
        })
    }

    fn key(&self, key: &IdempotencyKey) -> StoreKey {
        self.namespace.key(key.as_str())
    }
}

#[derive(Deserialize, Serialize)]
struct Versioned<Record> {
    version: u32,
    #[serde(flatten)]
    record: Record,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl KeyRecord {
    fn entry(&self) -> Result<KeyEntry, StoreError> {
        let phase = match &self.state {
            KeyState::Pending(attempt) => {
                let window = TimeDelta::seconds(UNKNOWN_OUTCOME_WINDOW.as_secs().cast_signed());
                let until = attempt.since.checked_add_signed(window).unwrap_or(DateTime::<Utc>::MAX_UTC);
                KeyPhase::Pending { until }
            }
            KeyState::Placed(order) | KeyState::Unchecked { order, .. } => {
                KeyPhase::Placed { reference: order.identifier.to_string() }
            }
        };
        let record = serde_json::to_vec(&Versioned { version: VERSION, record: self })?;
        Ok(KeyEntry { phase, record })
    }

    fn decode(record: &[u8]) -> Result<Self, StoreError> {
        let Version { version } = serde_json::from_slice(record)?;
        if version != VERSION {
            return Err(format!("a record of version {version}, which this version cannot read").into());
        }
        let Versioned { record, .. } = serde_json::from_slice(record)?;
        Ok(record)
    }
}

impl KeyState {
    /// The order, when it is known to exist.
    pub(crate) fn identifier(&self) -> Option<Uuid> {
        match self {
            Self::Pending(_) => None,
            Self::Placed(order) | Self::Unchecked { order, .. } => Some(order.identifier),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fiat, MemoryKeyStore, NewOrder, OrderOrigin};

    fn records(account: &str, store: &Arc<MemoryKeyStore>) -> KeyRecords {
        let store = Arc::clone(store) as Arc<dyn KeyStore>;
        KeyRecords::new(store, Namespace::new("bitnovo", account, ""))
    }

    fn order() -> PlacedOrder {
        PlacedOrder {
            identifier: Uuid::from_u128(7),
            address: None,
            tag_memo: None,
            told_uri: None,
            web_url: Some("https://pay.example/7/".to_owned()),
            expected_input_amount: "0.123456789012345678".parse().ok(),
            input_currency: None,
            fiat: None,
            how: OrderOrigin::Created,
            replaces: None,
            others: Some(Vec::new()),
            unmarked: false,
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn the_encoding_is_pinned() {
        let fingerprint = NewOrder::link("1".parse().unwrap(), Fiat::Eur).fingerprint().unwrap();
        let attempt = Attempt { id: Uuid::from_u128(1), since: at(60) };
        let print = serde_json::to_string(&fingerprint).unwrap();
        let attempt_text = r#"{"id":"00000000-0000-0000-0000-000000000001","since":"1970-01-01T00:01:00Z"}"#;
        let order_text = concat!(
            r#"{"identifier":"00000000-0000-0000-0000-000000000007","address":null,"tag_memo":null,"told_uri":null,"#,
            r#""web_url":"https://pay.example/7/","expected_input_amount":"0.123456789012345678","#,
            r#""input_currency":null,"fiat":null,"how":"created","replaces":null,"others":[]}"#
        );
        for (state, state_text, phase) in [
            (
                KeyState::Pending(attempt),
                format!(r#"{{"pending":{attempt_text}}}"#),
                KeyPhase::Pending { until: at(660) },
            ),
            (
                KeyState::Placed(order()),
                format!(r#"{{"placed":{order_text}}}"#),
                KeyPhase::Placed { reference: Uuid::from_u128(7).to_string() },
            ),
            (
                KeyState::Unchecked { order: order(), attempt },
                format!(r#"{{"unchecked":{{"order":{order_text},"attempt":{attempt_text}}}}}"#),
                KeyPhase::Placed { reference: Uuid::from_u128(7).to_string() },
            ),
        ] {
            let record = KeyRecord { fingerprint, state };
            let entry = record.entry().unwrap();
            let golden = format!(r#"{{"version":1,"fingerprint":{print},"state":{state_text}}}"#);
            assert_eq!(String::from_utf8(entry.record.clone()).unwrap(), golden);
            assert_eq!(entry.phase, phase);
            assert_eq!(KeyRecord::decode(&entry.record).unwrap(), record);
            let newer = golden.replacen("\"version\":1", "\"version\":2", 1);
            assert!(KeyRecord::decode(newer.as_bytes()).unwrap_err().to_string().contains("version 2"));
        }
        assert!(KeyRecord::decode(b"{}").is_err());
    }

    #[tokio::test]
    async fn a_withheld_order_is_not_shown_and_another_device_knows_none() {
        let store = Arc::default();
        let (mine, other) = (records("1", &store), records("2", &store));
        let fingerprint = NewOrder::link("1".parse().unwrap(), Fiat::Eur).fingerprint().unwrap();
        let key: IdempotencyKey = "ORD-1".parse().unwrap();
        let identifier = order().identifier;
        let attempt = Attempt { id: Uuid::from_u128(1), since: at(60) };
        for (state, stored) in [
            (KeyState::Pending(attempt), StoredOrder::Unknown),
            (KeyState::Unchecked { order: order(), attempt }, StoredOrder::Withheld),
            (KeyState::Placed(order()), StoredOrder::Placed(Box::new(order()))),
        ] {
            mine.save(&key, &KeyRecord { fingerprint, state }, at(60)).await.unwrap();
            assert_eq!(mine.order(identifier).await.unwrap(), stored);
            assert_eq!(other.order(identifier).await.unwrap(), StoredOrder::Unknown);
            assert_eq!(other.load(&key).await.unwrap(), None);
        }
    }
}
