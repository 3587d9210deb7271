//! Why nothing may be drawn that a customer could pay by.

use bitnovo_pay::{NotPayable, Payable, Verdict};

use crate::answer::failure::{Code, Failure};
use crate::bitnovo::payment_view::PaymentView;

impl PaymentView {
    /// Why nothing may be drawn that a customer could pay by, if nothing may.
    pub(crate) fn refusal(&self) -> Option<Failure> {
        let Payable::Nothing(reason) = self.payable else { return None };
        let verdict = self.facts.verdict;
        let status = self.status.as_deref().unwrap_or_default();
        let over = verdict == Verdict::Expired || reason == NotPayable::TimeOver;
        let failure = match reason {
            NotPayable::LacksTag if verdict == Verdict::Unpaid => Failure::new(
                Code::TagRequired,
                format!(
                    "{} needs a destination tag or memo and this payment has none; funds sent without it are lost.",
                    self.currency.as_deref().unwrap_or_default()
                ),
            ),
            NotPayable::UnreadableDestination => Failure::new(
                Code::ApiError,
                "The payment names an address or a tag that reads differently from what it is, or that its network does not \
                 know. No code is drawn.",
            ),
            _ if over && !self.facts.funds_seen => Failure::new(
                Code::PaymentExpired,
                format!("This payment is over ({status}); what is sent now may be lost."),
            )
            .next(self.next_action()),
            _ => Failure::new(
                Code::PaymentNotPayable,
                format!(
                    "This payment must not be paid now (status {status}, verdict {}): no code is drawn.",
                    verdict.as_str()
                ),
            ),
        };
        let failure = failure
            .detail("identifier", self.identifier.to_string())
            .detail("status", status)
            .detail("verdict", verdict.as_str());
        Some(match verdict.details() {
            Some(details) => failure.detail("details", details),
            None => failure,
        })
    }
}
