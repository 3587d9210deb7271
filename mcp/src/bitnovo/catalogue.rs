//! The currencies of the account: read once for everybody, and searched the way people name coins.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bitnovo_pay::{
    Currency, CurrencyFacts, Error, Fiat, LeftOut, Listed, Money, Network, clean_text, network_name,
};
use payments_core::SingleFlight;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::answer::failure::{Code, Failure};
use crate::bitnovo::texts::Texts;
use crate::safety::untrusted_text::shortened;

/// How long a catalogue serves before it is read again.
const FRESH: Duration = Duration::from_secs(300);

/// The currencies in the order of the API.
pub(crate) type Catalogue = Arc<Currencies>;

/// The catalogue in memory. Concurrent misses share one request, which ends with the last call that waits for it.
#[derive(Default)]
pub(crate) struct Cache {
    loaded: Mutex<Option<(Instant, Catalogue)>>,
    loading: SingleFlight<Result<Catalogue, Arc<Error>>>,
}

impl Cache {
    /// The catalogue, at most five minutes old; read anew when it was asked for before `since`. A failure is not kept.
    pub(crate) async fn get(
        &self,
        since: Option<Instant>,
        load: impl Future<Output = Result<Catalogue, Arc<Error>>>,
    ) -> Result<Catalogue, Arc<Error>> {
        if let Some((asked, catalogue)) = &*self.loaded()
            && asked.elapsed() < FRESH
            && since.is_none_or(|since| *asked >= since)
        {
            return Ok(Arc::clone(catalogue));
        }
        // On the heap: the futures of many callers contain this one.
        let load = Box::pin(async {
            let asked = Instant::now();
            let catalogue = load.await?;
            *self.loaded() = Some((asked, Arc::clone(&catalogue)));
            Ok(catalogue)
        });
        self.loading.run(load).await
    }

    fn loaded(&self) -> MutexGuard<'_, Option<(Instant, Catalogue)>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the API lists, as far as it can be read.
#[derive(Debug)]
pub(crate) struct Currencies {
    readable: Vec<Currency>,
    total: usize,
    left_out: Vec<LeftOut>,
    left_out_count: usize,
    is_cut: bool,
}

/// The most entries that are named in one place.
const NAMED: usize = 10;

impl Currencies {
    /// How many currencies the API lists, be they readable or not.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// What is missing of the list, for people.
    pub(crate) fn gaps(&self, texts: Texts<'_>) -> Vec<String> {
        let mut gaps = Vec::new();
        if self.left_out_count > 0 {
            let named: Vec<String> =
                self.left_out.iter().take(NAMED).map(|row| texts.left_out(row)).collect();
            gaps.push(texts.currencies_left_out(&named, self.left_out_count.saturating_sub(named.len())));
        }
        if self.is_cut {
            gaps.push(texts.catalogue_cut(self.total, self.readable.len()));
        }
        gaps
    }

    /// Whether the currency may be listed although it is not among those that are known here.
    pub(crate) fn may_lack(&self, symbol: &str) -> bool {
        self.is_cut && !self.iter().any(|currency| currency.symbol == symbol)
    }

    /// Refuses a currency whose entry there is and cannot be used.
    pub(crate) fn check_readable(&self, symbol: &str) -> Result<(), Failure> {
        let odd = self.left_out.iter().find(|row| row.name.as_deref() == Some(symbol));
        let Some(LeftOut { unreadable, .. }) = odd.filter(|_| !self.iter().any(|one| one.symbol == symbol))
        else {
            return Ok(());
        };
        let message = format!("The entry of {symbol} in the API's catalogue cannot be used: {unreadable}.");
        Err(Failure::new(Code::ApiError, message)
            .detail("field", unreadable.field.as_ref())
            .detail("input_currency", symbol)
            .next("Choose another currency, or create a payment link; tell the merchant about this one."))
    }
}

impl Deref for Currencies {
    type Target = [Currency];

    fn deref(&self) -> &[Currency] {
        &self.readable
    }
}

impl From<Listed<Currency>> for Currencies {
    fn from(list: Listed<Currency>) -> Self {
        Self {
            total: list.total(),
            left_out: list.left_out().to_vec(),
            left_out_count: list.left_out_count(),
            is_cut: list.is_cut(),
            readable: readable(list.into_rows()),
        }
    }
}

/// The currencies as they can be shown. One whose symbol reads differently from what it is cannot be ordered by a caller
/// who reads it, and is left out.
fn readable(currencies: Vec<Currency>) -> Vec<Currency> {
    let honest = currencies.into_iter().filter(|currency| clean_text(&currency.symbol) == currency.symbol);
    honest
        .map(|currency| Currency {
            name: clean_text(&currency.name),
            blockchain: clean_text(&currency.blockchain),
            ..currency
        })
        .collect()
}

/// The most symbols that an error repeats: more than there are, as long as the catalogue is one.
const MOST_SYMBOLS: usize = 500;

/// Finds the one currency with exactly this symbol.
///
/// # Errors
/// `CURRENCY_NOT_SUPPORTED`, with what was probably meant. A coin that exists on several networks is never chosen
/// silently: funds sent on another network are lost.
pub(crate) fn find<'a>(catalogue: &'a [Currency], wanted: &str) -> Result<&'a Currency, Failure> {
    if let Some(currency) = catalogue.iter().find(|currency| currency.symbol == wanted) {
        return Ok(currency);
    }
    let shown = shortened(wanted, 64);
    // Not the coin whose symbol is spelled nearly so: what is paid to its address does not come over Lightning.
    if Network::of_code(&shown.to_uppercase()) == Some(Network::Lightning) {
        return Err(lightning(&shown));
    }
    let symbols: Vec<&str> =
        catalogue.iter().take(MOST_SYMBOLS).map(|currency| currency.symbol.as_str()).collect();
    let failure = |message: String| {
        Failure::new(Code::CurrencyNotSupported, message)
            .detail("input_currency", shown.as_str())
            .detail("supported_currencies", json!(symbols))
    };
    match meant(catalogue, &shown).as_slice() {
        [] => Err(failure(format!("No active currency has the symbol {shown:?}."))),
        [only] => Err(failure(format!(
            "No active currency has the symbol {shown:?}. Did you mean {}?",
            only.symbol
        ))
        .detail("did_you_mean", only.symbol.as_str())),
        several => {
            let candidates: Vec<Value> = several
                .iter()
                .map(|currency| json!({ "symbol": currency.symbol, "network": network_name(&currency.blockchain) }))
                .collect();
            Err(failure(format!(
                "{shown:?} exists on several networks, and the network decides where the money goes."
            ))
            .detail("candidates", candidates)
            .next(
                "Ask the customer which network their wallet uses, then pass the symbol of that candidate.",
            ))
        }
    }
}

/// What the caller may have meant: the same symbol in other letters, a ticker, a name, or something spelled nearly so.
fn meant<'a>(catalogue: &'a [Currency], wanted: &str) -> Vec<&'a Currency> {
    let wanted = wanted.trim().to_lowercase();
    let same_symbol = |currency: &&Currency| currency.symbol.to_lowercase() == wanted;
    let same_name = |currency: &&Currency| {
        let name = currency.name.to_lowercase();
        let (coin, ticker) = name.rsplit_once(' ').unwrap_or((&name, &name));
        [name.as_str(), coin, ticker].contains(&wanted.as_str())
    };
    for matches in [&same_symbol as &dyn Fn(&&Currency) -> bool, &same_name] {
        let found: Vec<&Currency> = catalogue.iter().filter(matches).collect();
        if !found.is_empty() {
            return found;
        }
    }
    let nearness = |currency: &Currency| strsim::osa_distance(&currency.symbol.to_lowercase(), &wanted);
    let nearest = catalogue.iter().min_by_key(|currency| nearness(currency));
    nearest
        .filter(|currency| nearness(currency) * 3 <= wanted.len() && !wanted.is_empty())
        .into_iter()
        .collect()
}

/// Refuses a currency in which nothing can be paid to an address.
pub(crate) fn check_address(currency: &Currency) -> Result<(), Failure> {
    if CurrencyFacts::of_currency(currency).network != Some(Network::Lightning) {
        return Ok(());
    }
    Err(lightning(&currency.symbol))
}

fn lightning(symbol: &str) -> Failure {
    let message = format!("{symbol} is Lightning, which is not supported: it has no address.");
    Failure::new(Code::CurrencyNotSupported, message)
        .detail("input_currency", symbol)
        .next("Create a payment link, or pass the symbol of another currency from list_currencies_catalog.")
}

/// Refuses an amount outside the currency's limits. They are in EUR, and this server does not convert: other fiats are left to
/// the API.
pub(crate) fn check_limits(currency: &Currency, amount: Money, fiat: Fiat) -> Result<(), Failure> {
    if fiat != Fiat::Eur {
        return Ok(());
    }
    let (code, word, limit) = if amount < currency.min_amount {
        (Code::AmountTooLow, "below the minimum of", currency.min_amount)
    } else if let Some(max) = currency.max_amount
        && amount > max
    {
        (Code::AmountTooHigh, "above the maximum of", max)
    } else {
        return Ok(());
    };
    let message = format!("{} EUR is {word} {} EUR for {}.", eur(amount), eur(limit), currency.symbol);
    Err(with_limits(Failure::new(code, message), currency).detail("amount", eur(amount)))
}

/// What the API's refusal of an amount in another fiat means, by its own words: the limits are in EUR, and this server does not
/// knows what they come to. Without such words the limits are named all the same.
pub(crate) fn explain_limits(currency: &Currency, amount: Money, fiat: Fiat, refused: Failure) -> Failure {
    if fiat == Fiat::Eur {
        return refused;
    }
    let says = |words: &[&str]| {
        let text = refused.message.to_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    let less = says(&["below", "less than", "lower than", "smaller than", "inferior", "menor que"]);
    let more =
        says(&["above", "more than", "greater than", "higher than", "exceed", "superior", "mayor que"]);
    // What an amount must be is what it is not.
    let must = says(&["must be", "should be", "has to be", "debe ser"]);
    let low =
        says(&["minimum", "too low", "too small", "at least", "mínim"]) || if must { more } else { less };
    let high =
        says(&["maximum", "too high", "too large", "at most", "máxim"]) || if must { less } else { more };
    let asked = format!("{} {fiat}", amount.to_string_with_scale(fiat.exponent()));
    let (symbol, min) = (&currency.symbol, eur(currency.min_amount));
    let (code, message) = match (low, high, currency.max_amount) {
        (true, false, _) => {
            (Code::AmountTooLow, format!("{asked} is below the minimum of {min} EUR for {symbol}."))
        }
        (false, true, Some(max)) => {
            (Code::AmountTooHigh, format!("{asked} is above the maximum of {} EUR for {symbol}.", eur(max)))
        }
        (_, _, max) => {
            let max = max.map(|max| format!(", the maximum {} EUR", eur(max))).unwrap_or_default();
            let limits = format!("The minimum of {symbol} is {min} EUR{max}; {asked} may be outside.");
            (refused.code, format!("{} {limits}", refused.message))
        }
    };
    let unclear = code == refused.code;
    let mut explained = refused;
    (explained.code, explained.message) = (code, message);
    let explained = with_limits(explained, currency)
        .detail("amount", amount.to_string_with_scale(fiat.exponent()))
        .detail("amount_fiat", fiat.code());
    if !unclear {
        return explained.next(code.next_action());
    }
    explained.next(
        "Nothing was created. When the amount may be outside the limits in details, ask for another one or create a payment \
         link; otherwise tell the merchant what the message says.",
    )
}

fn with_limits(failure: Failure, currency: &Currency) -> Failure {
    let failure = failure
        .detail("input_currency", currency.symbol.as_str())
        .detail("min_amount", eur(currency.min_amount))
        .detail("fiat", "EUR");
    match currency.max_amount {
        Some(max) => failure.detail("max_amount", eur(max)),
        None => failure,
    }
}

fn eur(amount: Money) -> String {
    amount.to_string_with_scale(2)
}

#[cfg(test)]
mod tests;
