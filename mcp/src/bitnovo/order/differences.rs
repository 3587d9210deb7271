//! What came back, held against what was asked for.

use bitnovo_pay::{CurrencyFacts, OrderOrigin, Payment, PlacedOrder};

use crate::bitnovo::order::Asked;

/// In what an order differs from the one that was asked for, in words.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<String>);

impl Differences {
    /// Of the answer to the create.
    pub(super) fn of(asked: &Asked<'_>, created: &PlacedOrder) -> Self {
        let mut differences = Self::default();
        differences.compare("fiat", created.fiat.as_deref(), Some(asked.fiat.code()));
        differences.compare("currency", created.input_currency.as_deref(), asked.currency);
        differences
    }

    /// Of the order as it was read back.
    pub(super) fn read(
        &mut self,
        asked: &Asked<'_>,
        created: &PlacedOrder,
        payment: &Payment,
        coin: &CurrencyFacts,
    ) {
        self.compare("fiat", payment.fiat.as_deref(), Some(asked.fiat.code()));
        self.compare("currency", payment.currency_id.as_deref(), asked.currency);
        // The customer is shown the create's answer; the provider waits for what this reading says. On a link the customer
        // may have chosen a currency meanwhile.
        if asked.currency.is_some() || created.how == OrderOrigin::Created {
            self.same("address", payment.address.as_deref(), created.address.as_deref());
            self.same("tag", payment.tag_memo.as_deref(), created.tag_memo.as_deref());
        }
        let (read, told) = (payment.facts(coin).asked, created.facts(coin).asked);
        if let (Some(read), Some(told)) = (read, told)
            && read != told
        {
            self.0.push(format!("crypto amount {read} instead of {told}"));
        }
        if payment.fiat_amount != asked.amount {
            self.0.push(format!("amount {} instead of {}", payment.fiat_amount, asked.amount));
        }
    }

    /// All of them in one sentence's list; `None` when the order is the one that was asked for.
    pub(super) fn in_words(mut self) -> Option<String> {
        self.0.dedup();
        (!self.0.is_empty()).then(|| self.0.join(", "))
    }

    /// Both answers must name the same destination: a tag that only one of them holds would be lost. Upper and lower case
    /// distinguish addresses, except those in hex.
    fn same(&mut self, what: &str, read: Option<&str>, told: Option<&str>) {
        let (read, told) = (read.unwrap_or_default(), told.unwrap_or_default());
        let hex = read.starts_with("0x") && told.starts_with("0x");
        if read != told && !(hex && read.eq_ignore_ascii_case(told)) {
            let shown =
                |text: &str| if text.is_empty() { "none".to_owned() } else { bitnovo_pay::clean_text(text) };
            self.0.push(format!("{what} {} instead of {}", shown(read), shown(told)));
        }
    }

    fn compare(&mut self, what: &str, got: Option<&str>, asked: Option<&str>) {
        if let (Some(got), Some(asked)) = (got, asked)
            && !got.eq_ignore_ascii_case(asked)
        {
            let got: String = bitnovo_pay::clean_text(got).chars().take(64).collect();
            self.0.push(format!("{what} {got} instead of {asked}"));
        }
    }
}
