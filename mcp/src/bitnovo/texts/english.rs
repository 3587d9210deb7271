//! The texts in English.

use bitnovo_pay::{Unreadable, Verdict};
use uuid::Uuid;

use super::Words;

pub(super) struct English;

impl Words for English {
    fn verdict(&self, verdict: Verdict) -> &'static str {
        verdict.as_str()
    }

    fn currencies(&self, total: usize, taking: Option<(usize, &str)>) -> String {
        match taking {
            Some((count, amount)) => format!("{count} of {total} currencies take {amount}:"),
            None => format!("{total} currencies:"),
        }
    }

    fn currency(
        &self,
        symbol: &str,
        name: &str,
        network: &str,
        requires_tag: bool,
        link_only: bool,
    ) -> String {
        let tag = if requires_tag { ", needs a tag" } else { "" };
        let link = if link_only { "; Lightning, by create_payment_link only" } else { "" };
        format!("{symbol} ({name}, network {network}{tag}{link})")
    }

    fn currencies_cut(&self, most: usize) -> String {
        format!("Only the first {most} currencies are shown: pass filter_by_amount to see fewer.")
    }

    fn currencies_left_out(&self, currencies: &[String], more: usize) -> String {
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!(
            "The API's catalogue holds entries that cannot be read, and that are left out: {}{more}.",
            currencies.join("; ")
        )
    }

    fn catalogue_cut(&self, total: usize, known: usize) -> String {
        format!(
            "The API's catalogue is longer than is read of it: of {total} currencies {known} are known here."
        )
    }

    fn begun(&self) -> &'static str {
        "The customer has begun to pay this already: do not show it as a new payment, and follow it with \
         get_payment_status."
    }

    fn replaced(&self, lost: Uuid) -> String {
        format!(
            "The API's answer to a first create was lost. This link replaces {lost}, whose page was never shown; that \
             one stays unused."
        )
    }

    fn recovered(&self) -> &'static str {
        "This payment was found in the API's list: the answer to its create was lost, or another server has created it. \
         The API returns the address of its checkout page only once, so there is no web_url."
    }

    fn repeated(&self) -> &'static str {
        "This payment was created by an earlier call with the same idempotency_key."
    }

    fn others_unknown(&self) -> &'static str {
        "The API's list of orders does not show this payment yet, so it is not known whether another server has created \
         one with the same idempotency_key at the same moment. Call again with the same key later: that looks again."
    }

    fn unmarked(&self) -> &'static str {
        "The API's list shows this payment without its idempotency_key. Keys do not hold across servers and restarts here: \
         another server, or this one after a restart, would create a second payment under the same key."
    }

    fn others(&self, others: &str) -> String {
        format!(
            "There is another payment with the same idempotency_key: {others}. The customer must pay only one of them. If \
             another one was shown to the customer, read it with get_payment_status before you show this one."
        )
    }

    fn foreign_page(&self, url: &str) -> String {
        format!(
            "The checkout page {url} is not on a host of Bitnovo: ask the merchant before you give it to anybody."
        )
    }

    fn duplicate(&self, first: Uuid) -> String {
        format!(
            "Less than a minute ago an identical payment was created: {first}. If both are for the same sale, have the \
             customer pay only one of them, and pass an idempotency_key from now on."
        )
    }

    fn unread(&self, code: &str) -> String {
        format!(
            "The payment was created, but its status and expiry could not be read ({code}). Read them with \
             get_payment_status; do not create it again."
        )
    }

    fn unreadable(&self, field: &Unreadable) -> String {
        field.to_string()
    }

    fn fields_left_out(&self, fields: &[String]) -> String {
        format!("Some fields are absent because they cannot be read: {}.", fields.join("; "))
    }

    fn payments_left_out(&self, payments: &[String], more: usize) -> String {
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!(
            "The API's list holds payments that cannot be read, and that are left out: {}{more}. Look them up in the \
             dashboard.",
            payments.join("; ")
        )
    }

    fn list_cut(&self) -> &'static str {
        "The API's list is longer than is read of it, so payments are missing: ask for fewer days."
    }

    fn simulated(&self, action: &str, status: &str, verdict: &str) -> String {
        format!("Simulated {action}: the payment is now {status} ({verdict}).")
    }
}
