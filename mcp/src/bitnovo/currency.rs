//! What is known of a currency: by its entry in the catalogue, and with care where there is none.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bitnovo_pay::{Currency, CurrencyFacts, network_name};
use tokio::time::{Instant, timeout};

use crate::answer::failure::Failure;
use crate::bitnovo::catalogue::Catalogue;

/// How long the reading of a payment waits for the catalogue. It does without rather than late.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a catalogue that could not be read is not asked for again by readings of payments.
const PAUSE: Duration = Duration::from_secs(30);

/// What is known of a currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) facts: CurrencyFacts,
    /// The name of its network, for people.
    pub(crate) network: Option<String>,
}

impl Known {
    fn unlisted(symbol: &str) -> Self {
        Self { facts: CurrencyFacts::unlisted(symbol), network: None }
    }
}

impl From<&Currency> for Known {
    fn from(currency: &Currency) -> Self {
        let network = network_name(&currency.blockchain).into_owned();
        Self {
            facts: CurrencyFacts::of_currency(currency),
            network: Some(network).filter(|name| !name.is_empty()),
        }
    }
}

/// The currencies that were asked for. What is known of one does not change, so it outlives the catalogue it came from.
#[derive(Debug, Default)]
pub(crate) struct KnownCurrencies(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    by_symbol: HashMap<String, Known>,
    failed: Option<Instant>,
}

impl KnownCurrencies {
    /// What is known of the currency with this symbol. Never an error: a payment can be read without the catalogue, and what
    /// its entry would permit is then not done.
    pub(crate) async fn get(
        &self,
        symbol: &str,
        catalogue: impl Future<Output = Result<Catalogue, Failure>>,
    ) -> Known {
        {
            let memory = self.memory();
            if let Some(known) = memory.by_symbol.get(symbol) {
                return known.clone();
            }
            if memory.failed.is_some_and(|failed| failed.elapsed() < PAUSE) {
                return Known::unlisted(symbol);
            }
        }
        let Ok(Ok(catalogue)) = timeout(PATIENCE, catalogue).await else {
            self.memory().failed = Some(Instant::now());
            return Known::unlisted(symbol);
        };
        let mut memory = self.memory();
        memory.failed = None;
        let entry = catalogue.iter().find(|currency| currency.symbol == symbol);
        entry.map_or_else(
            || Known::unlisted(symbol),
            |entry| memory.by_symbol.entry(symbol.to_owned()).or_insert_with(|| entry.into()).clone(),
        )
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, sync::Arc};

    use bitnovo_pay::TagRule;

    use super::*;
    use crate::answer::failure::Code;

    fn entry(symbol: &str, blockchain: &str) -> Currency {
        let json =
            format!(r#"{{"symbol":"{symbol}","name":"x","min_amount":"1","blockchain":"{blockchain}"}}"#);
        serde_json::from_str(&json).unwrap()
    }

    async fn listing(symbol: &str, blockchain: &str) -> Result<Catalogue, Failure> {
        Ok(Arc::new(bitnovo_pay::Listed::from(vec![entry(symbol, blockchain)]).into()))
    }

    async fn failing() -> Result<Catalogue, Failure> {
        Err(Failure::new(Code::ApiUnavailable, "no"))
    }

    #[tokio::test(start_paused = true)]
    async fn an_entry_is_remembered_when_the_catalogue_cannot_be_read_any_more() {
        let known = KnownCurrencies::default();
        let polygon = known.get("USDC_POLYGON_NXTB", listing("USDC_POLYGON_NXTB", "MATIC_POLYGON")).await;
        assert_eq!((polygon.network.as_deref(), polygon.facts.decimals), (Some("Polygon"), Some(6)));
        assert_eq!(known.get("USDC_POLYGON_NXTB", failing()).await, polygon);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_catalogue_nothing_is_permitted_and_it_is_not_asked_for_at_each_reading() {
        let known = KnownCurrencies::default();
        let xrp = known.get("XRP", failing()).await;
        assert_eq!((xrp.facts.coin, xrp.facts.decimals, xrp.network.as_deref()), (None, None, None));
        assert_eq!(xrp.facts.tag, TagRule::XrpTag);
        assert_eq!(known.get("XRP", async { panic!("asked again at once") }).await, xrp);
        tokio::time::advance(PAUSE).await;
        assert_eq!(known.get("XRP", listing("XRP", "XRP")).await.network.as_deref(), Some("XRP Ledger"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_catalogue_that_does_not_come_is_not_waited_for() {
        let (known, started) = (KnownCurrencies::default(), Instant::now());
        assert_eq!(known.get("BTC", pending()).await, Known::default());
        assert_eq!(started.elapsed(), PATIENCE);
    }
}
