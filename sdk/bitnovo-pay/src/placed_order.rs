//! An order that exists, however it came about.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CreatedOrder, CurrencyFacts, Money, Payment, TagError,
    payment_uri::{PaymentUri, ToldUri, UriError},
};

/// An order that exists, with what the customer needs to pay it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct PlacedOrder {
    /// Identifies the order from now on.
    pub identifier: Uuid,
    /// Where the customer sends the funds; none for a link.
    pub address: Option<String>,
    /// Destination tag or memo. Funds sent without a tag that is required are lost.
    pub tag_memo: Option<String>,
    /// The payment URI that the API returned, for [`payment_uri`](Self::payment_uri); none when the order was recovered.
    #[serde(default)]
    pub told_uri: Option<ToldUri>,
    /// The hosted checkout page. The API returns it once: an order that was recovered has none.
    pub web_url: Option<String>,
    /// The crypto amount that is to arrive.
    #[serde(with = "crate::money::text::option", default)]
    pub expected_input_amount: Option<Money>,
    /// Symbol of the cryptocurrency.
    pub input_currency: Option<String>,
    /// ISO 4217 code of the order's fiat currency.
    pub fiat: Option<String>,
    /// How this answer came about.
    pub how: OrderOrigin,
    /// The order that this one takes the place of: its answer was lost, and with it the only word of its page. It cannot
    /// be paid, because nobody knows where.
    pub replaces: Option<Uuid>,
    /// Other orders of the key that could be paid as well, none as a rule: a process that lost its answer, or that had
    /// the key at the same moment, has made them. The customer must be shown none of them. `None` when that could not be
    /// learnt, because the API's list did not show the order in time.
    #[serde(default)]
    pub others: Option<Vec<Uuid>>,
    /// The API's list shows the order without the key it was created under. Other processes cannot find it by the key, and
    /// would create another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unmarked: bool,
}

/// How an answer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderOrigin {
    /// By this call.
    Created,
    /// By an earlier or concurrent call with the same key.
    Repeated,
    /// The order was found in the API's list: its answer had been lost, or another process had created it.
    Recovered,
}

impl PlacedOrder {
    /// What a wallet reads from the QR code, from the facts of the order's currency
    /// ([`Client::currency_facts`](crate::Client::currency_facts)). `None` for a link, and when no URI would be safe: the
    /// customer then sends to the address, on the currency's network, and enters the amount.
    ///
    /// # Errors
    /// When the order must not be paid: a tag that the currency needs is missing, or the API contradicts itself.
    pub fn payment_uri(&self, facts: &CurrencyFacts) -> Result<Option<String>, UriError> {
        let Some(address) = self.address.as_deref() else { return Ok(None) };
        let currency = self.input_currency.as_deref().unwrap_or("the currency");
        let told = self.told_uri.as_ref();
        let (amount, tag) = (self.expected_input_amount, self.tag_memo.as_deref());
        PaymentUri { told, currency, facts: *facts, address, amount, tag }.resolve()
    }

    /// Whether the currency needs a destination tag or memo and the order has none: funds sent to it are lost.
    #[must_use]
    pub fn lacks_tag(&self, facts: &CurrencyFacts) -> bool {
        self.address.is_some() && facts.checked_tag(self.tag_memo.as_deref()) == Err(TagError::Missing)
    }

    pub(crate) fn recovered(payment: &Payment, replaces: Option<Uuid>) -> Self {
        let Payment { identifier, address, tag_memo, currency_id, crypto_amount, fiat, .. } = payment.clone();
        Self {
            identifier,
            address: filled(address),
            tag_memo: filled(tag_memo),
            told_uri: None,
            web_url: None,
            expected_input_amount: crypto_amount,
            input_currency: filled(currency_id),
            fiat: filled(fiat),
            how: OrderOrigin::Recovered,
            replaces,
            others: Some(Vec::new()),
            unmarked: false,
        }
    }

    /// Whether no other order of the key could be paid instead, as far as is known.
    pub(crate) fn is_alone(&self) -> bool {
        self.others.as_ref().is_some_and(Vec::is_empty) && self.replaces.is_none()
    }

    pub(crate) fn repeated(self) -> Self {
        Self { how: OrderOrigin::Repeated, ..self }
    }
}

impl From<CreatedOrder> for PlacedOrder {
    fn from(created: CreatedOrder) -> Self {
        Self {
            identifier: created.identifier,
            address: filled(created.address),
            tag_memo: filled(created.tag_memo),
            told_uri: created.payment_uri.as_deref().and_then(ToldUri::new),
            web_url: filled(created.web_url),
            expected_input_amount: created.expected_input_amount,
            input_currency: filled(created.input_currency),
            fiat: filled(created.fiat),
            how: OrderOrigin::Created,
            replaces: None,
            others: Some(Vec::new()),
            unmarked: false,
        }
    }
}

/// The API writes "" where it has nothing.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{KeyRecord, KeyState};

    const XRP: &str = include_str!("../../../tests/samples/orders_create_200_onchain_xrp.json");
    const BTC: &str = include_str!("../../../tests/samples/orders_create_200_onchain_btc.json");
    const LINK: &str = include_str!("../../../tests/samples/orders_create_200_redirect.json");
    const PENDING: &str = include_str!("../../../tests/samples/orders_info_200_PE.json");

    fn created(sample: &str, changes: Value) -> PlacedOrder {
        let mut order: Value = serde_json::from_str(sample).unwrap();
        for (field, value) in changes.as_object().unwrap() {
            order[field] = value.clone();
        }
        serde_json::from_str::<CreatedOrder>(&order.to_string()).unwrap().into()
    }

    /// The same order as the API's list has it.
    fn listed(order: &PlacedOrder) -> PlacedOrder {
        let mut payment: Value = serde_json::from_str::<Vec<Value>>(PENDING).unwrap().remove(0);
        payment["identifier"] = json!(order.identifier);
        payment["address"] = json!(order.address.as_deref().unwrap_or_default());
        payment["tag_memo"] = json!(order.tag_memo.as_deref().unwrap_or_default());
        payment["currency_id"] = json!(order.input_currency);
        payment["crypto_amount"] = json!(order.expected_input_amount.map(|amount| amount.to_string()));
        payment["fiat"] = json!(order.fiat);
        PlacedOrder::recovered(&serde_json::from_str(&payment.to_string()).unwrap(), None)
    }

    fn facts(symbol: &str, blockchain: &str) -> CurrencyFacts {
        let json = json!({ "symbol": symbol, "name": "x", "min_amount": "1", "blockchain": blockchain });
        CurrencyFacts::of_currency(&serde_json::from_str(&json.to_string()).unwrap())
    }

    #[test]
    fn a_created_order_and_the_same_one_recovered_differ_in_their_origin_only() {
        let token = json!({ "input_currency": "USDC_ERC20", "payment_uri": "" });
        let ether = json!({ "input_currency": "ETH", "address": "0x000000000000000000000000000000000000dEaD",
            "payment_uri": "ethereum:0x000000000000000000000000000000000000dEaD?amount=0.0005254" });
        for (order, facts, has_uri) in [
            (created(XRP, json!({})), facts("XRP_TEST", "XRP_TEST"), true),
            (created(BTC, json!({ "payment_uri": null })), facts("BTC_TEST", "BTC_TEST"), true),
            (created(BTC, ether.clone()), facts("ETH", "ETH"), true),
            (created(BTC, ether), facts("ETH", "ARBITRUM"), false),
            (created(BTC, token), facts("USDC_ERC20", "ETH"), false),
            (created(LINK, json!({})), CurrencyFacts::default(), false),
        ] {
            let recovered = listed(&order);
            assert_eq!((&order.address, &order.tag_memo), (&recovered.address, &recovered.tag_memo));
            let uri = order.payment_uri(&facts);
            assert_eq!((uri.clone(), order.lacks_tag(&facts)), (recovered.payment_uri(&facts), false));
            assert_eq!(uri.unwrap().is_some(), has_uri, "{order:?}");
            let origin = PlacedOrder { how: OrderOrigin::Recovered, told_uri: None, web_url: None, ..order };
            assert_eq!(origin, recovered);
        }
    }

    #[test]
    fn empty_texts_of_a_created_order_are_none() {
        let order = created(BTC, json!({ "payment_uri": "", "address": "", "fiat": "" }));
        let PlacedOrder { address, tag_memo, told_uri, fiat, .. } = order;
        assert_eq!((address, tag_memo, told_uri, fiat), (None, None, None, None));
    }

    #[test]
    fn an_order_without_the_tag_that_it_needs_gives_no_uri_and_says_so() {
        let facts = facts("USDC_5F3T", "XLM");
        for tag in [json!(""), json!(null)] {
            for currency in [json!("USDC_5F3T"), json!(null)] {
                let order = created(XRP, json!({ "tag_memo": tag, "input_currency": currency }));
                assert!(order.lacks_tag(&facts) && listed(&order).lacks_tag(&facts));
                assert!(matches!(order.payment_uri(&facts), Err(UriError::TagRequired { .. })), "{order:?}");
            }
        }
    }

    #[test]
    fn a_stored_order_keeps_every_digit_on_every_way() {
        const AMOUNT: &str = "0.1234567890123456789";

        #[derive(Debug, PartialEq, Deserialize, Serialize)]
        struct Row {
            shop: u32,
            #[serde(flatten)]
            record: KeyRecord,
        }

        #[derive(Debug, PartialEq, Deserialize, Serialize)]
        #[serde(tag = "kind")]
        enum Entry {
            Record(KeyRecord),
        }

        #[derive(Debug, PartialEq, Deserialize, Serialize)]
        #[serde(untagged)]
        enum Either {
            Record(KeyRecord),
        }

        let order = PlacedOrder { expected_input_amount: AMOUNT.parse().ok(), ..created(XRP, json!({})) };
        let golden = json!({
            "identifier": "3e6a9c3b-9f8b-4d86-ac7b-5a4c8eafbd04",
            "address": "rrrrrrrrrrrrrrrrrrrrrhoLvTp",
            "tag_memo": "1234567890",
            "told_uri": "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567890",
            "web_url": "https://paytest.bitnovo.com/c4d2a7e0/",
            "expected_input_amount": AMOUNT,
            "input_currency": "XRP_TEST",
            "fiat": "EUR",
            "how": "created",
            "replaces": null,
            "others": [],
        });
        assert_eq!(serde_json::to_value(&order).unwrap(), golden);
        assert_eq!(serde_json::from_value::<PlacedOrder>(golden).unwrap(), order);
        let fingerprint =
            crate::NewOrder::link("1".parse().unwrap(), crate::Fiat::Eur).fingerprint().unwrap();
        let record = KeyRecord { fingerprint, state: KeyState::Placed(order.clone()) };
        let shown = json!({ "order": order });
        assert_eq!(shown["order"]["expected_input_amount"], AMOUNT);
        let (row, entry, either) =
            (Row { shop: 7, record: record.clone() }, Entry::Record(record.clone()), Either::Record(record));
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<Row>(&text).unwrap(), row);
        assert_eq!(serde_json::from_value::<Row>(serde_json::to_value(&row).unwrap()).unwrap(), row);
        assert_eq!(serde_json::from_value::<Entry>(serde_json::to_value(&entry).unwrap()).unwrap(), entry);
        assert_eq!(serde_json::from_value::<Either>(serde_json::to_value(&either).unwrap()).unwrap(), either);
        let link = created(LINK, json!({}));
        assert_eq!(
            serde_json::from_value::<PlacedOrder>(serde_json::to_value(&link).unwrap()).unwrap(),
            link
        );
        let rounded =
            json!({ "identifier": order.identifier, "how": "created", "expected_input_amount": 0.1 });
        assert!(serde_json::from_value::<PlacedOrder>(rounded).is_err(), "a number may have lost digits");
    }
}
