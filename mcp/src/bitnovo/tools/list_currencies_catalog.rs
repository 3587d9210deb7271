//! `list_currencies_catalog`: how a customer can pay.

use bitnovo_pay::{Currency, CurrencyFacts, Fiat, Network, RedirectUrl, network_name};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::answer::failure::Failure;
use crate::answer::reply::Reply;
use crate::bitnovo::context::Context;
use crate::bitnovo::texts::Texts;
use crate::config::forms::Price;
use crate::protocol::arguments::Amount;
use crate::protocol::route::Call;

/// The most currencies that an answer shows: several times what an account has.
const MOST: usize = 500;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Keep only the currencies in which this amount, in EUR, can be paid.
    filter_by_amount: Option<Amount>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    currencies: Vec<Entry>,
    /// How many currencies the account has.
    total_count: usize,
    /// How many of them passed the filter; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    filtered_count: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
struct Entry {
    /// Pass this to create_payment_onchain as input_currency.
    symbol: String,
    /// For people; not unique.
    name: String,
    /// The network on which the funds must be sent.
    blockchain: String,
    /// Smallest amount of a payment, in EUR.
    min_amount: String,
    /// Largest amount of a payment, in EUR; absent when there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_amount: Option<String>,
    /// Decimals of the crypto amount; absent when not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    decimals: Option<u32>,
    /// Whether a payment needs a destination tag or memo.
    requires_tag: bool,
    #[serde(skip)]
    link_only: bool,
    /// URL of a logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<Reply<Output>, Failure> {
    let filter = input
        .filter_by_amount
        .map(|amount| amount.in_fiat("filter_by_amount", Fiat::Eur.into()))
        .transpose()?;
    // Whoever asks wants to see what has been activated a moment ago.
    let catalogue = cx.context.catalogue_since(Some(Instant::now())).await?;
    let mut currencies: Vec<Entry> = catalogue
        .iter()
        .filter(|currency| {
            filter.is_none_or(|amount| {
                amount >= currency.min_amount && currency.max_amount.is_none_or(|max| amount <= max)
            })
        })
        .map(Entry::from)
        .collect();
    let total_count = catalogue.total();
    let filtered_count = filter.map(|_| currencies.len());
    let texts = cx.context.texts();
    let mut warnings = catalogue.gaps(texts);
    if currencies.len() > MOST {
        warnings.push(texts.currencies_cut(MOST));
        currencies.truncate(MOST);
    }
    let lines: Vec<String> = currencies.iter().map(|entry| entry.line(texts)).collect();
    let amount = filter.map(|amount| texts.forms().price(&Price { amount, code: Fiat::Eur.to_string() }));
    let heading = texts.currencies(total_count, filtered_count.zip(amount.as_deref()));
    let summary = format!("{heading}\n{}", lines.join("\n"));
    Ok(Reply::new(Output { currencies, total_count, filtered_count }, summary).warnings(warnings))
}

impl From<&Currency> for Entry {
    fn from(currency: &Currency) -> Self {
        let facts = CurrencyFacts::of_currency(currency);
        Self {
            symbol: currency.symbol.clone(),
            name: currency.name.clone(),
            blockchain: currency.blockchain.clone(),
            min_amount: currency.min_amount.to_string_with_scale(2),
            max_amount: currency.max_amount.map(|max| max.to_string_with_scale(2)),
            decimals: facts.decimals,
            requires_tag: facts.requires_tag(),
            link_only: facts.network == Some(Network::Lightning),
            image: currency.image.clone().filter(|url| url.parse::<RedirectUrl>().is_ok()),
        }
    }
}

impl Entry {
    fn line(&self, texts: Texts<'_>) -> String {
        let name = network_name(&self.blockchain);
        let network = if name == self.blockchain.as_str() {
            name.into_owned()
        } else {
            format!("{name} ({})", self.blockchain)
        };
        texts.currency(&self.symbol, &self.name, &network, self.requires_tag, self.link_only)
    }
}
