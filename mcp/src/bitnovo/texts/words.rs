//! What there is to say, whatever the language. A language that lacks a sentence does not compile.

use bitnovo_pay::{Unreadable, Verdict};
use uuid::Uuid;

pub(crate) trait Words: Sync {
    /// A verdict in one or two words; `code` is what the structured field says.
    fn verdict(&self, verdict: Verdict) -> &'static str;

    /// The heading of the catalogue: how many there are, and how many take `amount` (already in the language's form).
    fn currencies(&self, total: usize, taking: Option<(usize, &str)>) -> String;

    /// One line of the catalogue.
    fn currency(
        &self,
        symbol: &str,
        name: &str,
        network: &str,
        requires_tag: bool,
        link_only: bool,
    ) -> String;

    /// Only so many currencies are shown.
    fn currencies_cut(&self, most: usize) -> String;

    /// Currencies that the catalogue lacks because they could not be read; `more` are not named.
    fn currencies_left_out(&self, currencies: &[String], more: usize) -> String;

    /// A catalogue that is longer than is read of it.
    fn catalogue_cut(&self, total: usize, known: usize) -> String;

    /// Beside anything that a customer could pay a second time.
    fn begun(&self) -> &'static str;

    /// A link that takes the place of one whose create was not answered.
    fn replaced(&self, lost: Uuid) -> String;

    /// An order that was found in the list.
    fn recovered(&self) -> &'static str;

    /// An order that an earlier call has created.
    fn repeated(&self) -> &'static str;

    /// The list did not show the order, so that others under its key are unknown.
    fn others_unknown(&self) -> &'static str;

    /// The list shows the order without its key.
    fn unmarked(&self) -> &'static str;

    /// Other orders under the same key.
    fn others(&self, others: &str) -> String;

    /// A checkout page that is on no host of the provider.
    fn foreign_page(&self, url: &str) -> String;

    /// Two identical creates without a key.
    fn duplicate(&self, first: Uuid) -> String;

    /// An order that was created and not read back; `code` is the error's.
    fn unread(&self, code: &str) -> String;

    /// A field that could not be read, by its name in the API.
    fn unreadable(&self, field: &Unreadable) -> String;

    /// Fields that a payment lacks because they could not be read.
    fn fields_left_out(&self, fields: &[String]) -> String;

    /// Payments that a list lacks because they could not be read; `more` are not named.
    fn payments_left_out(&self, payments: &[String], more: usize) -> String;

    /// A list that is longer than is read of it.
    fn list_cut(&self) -> &'static str;

    /// What the sandbox did, and the payment's status and verdict now.
    fn simulated(&self, action: &str, status: &str, verdict: &str) -> String;
}
