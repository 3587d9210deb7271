//! The gate in front of every create of one provider.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use payments_core::Money;
use payments_core::store::{MemorySpentTokens, Namespace};

use crate::answer::failure::{Failure, Outcome};
use crate::config::{Limits, unusable};
use crate::limits::approval::Approvals;
use crate::limits::daily_limit::{DailyLimit, DayOrders};
use crate::limits::permit::Permit;
use crate::limits::refusal::check;
use crate::limits::request::CreateRequest;

/// The limits in force for one provider, and what has been created under them.
pub(crate) struct Gate {
    limits: Limits,
    clock: fn() -> DateTime<Utc>,
    daily: DailyLimit,
    approvals: Approvals,
}

impl Gate {
    /// `namespace`: whose confirmation tokens these are. `key` must be random: whatever knows it can approve in a person's
    /// place. `grace`: how long an order may take to turn up in the provider's list.
    pub(crate) fn new(
        limits: Limits,
        namespace: Namespace,
        key: [u8; 64],
        grace: TimeDelta,
        clock: fn() -> DateTime<Utc>,
    ) -> Self {
        let spent = Arc::<MemorySpentTokens>::default();
        Self {
            daily: DailyLimit::new(limits.variables.daily_limit, grace, clock),
            approvals: Approvals::new(limits.variables.confirm_over, key, spent, namespace),
            limits,
            clock,
        }
    }

    /// Lets a create pass, or says what forbids it. `list` reads the orders of a range of days, both included.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` with the limit, or with a question for a person; `NOT_CONFIGURED` while a limit cannot be read;
    /// the failure of `list` when the day's sum is not known. Nothing has been created then.
    pub(crate) async fn authorize<'a, L: Future<Output = Result<DayOrders, Failure>>>(
        &'a self,
        request: &CreateRequest<'a>,
        list: impl Fn(NaiveDate, NaiveDate) -> L,
    ) -> Result<Permit<'a>, Failure> {
        let permit = Box::pin(self.checked(request, list)).await;
        permit.map_err(|failure| failure.outcome(Outcome::NotCreated))
    }

    async fn checked<'a, L: Future<Output = Result<DayOrders, Failure>>>(
        &'a self,
        request: &CreateRequest<'a>,
        list: impl Fn(NaiveDate, NaiveDate) -> L,
    ) -> Result<Permit<'a>, Failure> {
        let Limits { variables, max_amount, daily, problems, .. } = &self.limits;
        if let Some(declined) = request.approval.declined {
            return Err(self.approvals.refusal(declined));
        }
        if !problems.is_empty() {
            return Err(unusable(problems));
        }
        if let Some(amounts) = max_amount {
            check(amounts, variables.max_amount, request, "one payment")?;
        }
        // Whatever ends early from here on gives the amount back.
        let reserved = match daily {
            Some(amounts) => {
                let limit = check(amounts, variables.daily_limit, request, "a day")?;
                Some(self.daily.reserve(limit, request, list).await?)
            }
            None => None,
        };
        let token = if self.needs_approval(request) {
            Some(self.approvals.redeem(request, (self.clock)()).await?)
        } else {
            None
        };
        Ok(Permit::new(&request.approval.begun, &self.approvals, reserved, token))
    }

    /// Ends the question that a person has declined.
    pub(crate) async fn note_declined(&self, request: &CreateRequest<'_>) {
        self.approvals.note_declined(request, (self.clock)()).await;
    }

    /// A failure to learn whether the order exists. When a person has declined, that is what there is to say.
    pub(crate) fn unknown(&self, request: &CreateRequest<'_>, failure: Failure) -> Failure {
        match request.approval.declined {
            Some(declined) if failure.outcome == Some(Outcome::Unknown) => {
                let mut refusal = self.approvals.refusal(declined);
                refusal.message.push_str(" Whether an earlier one has created it could not be looked up.");
                refusal.outcome(Outcome::Unknown)
            }
            _ => failure,
        }
    }

    fn needs_approval(&self, request: &CreateRequest<'_>) -> bool {
        let threshold = self.limits.confirm_over.as_ref().map(|amounts| amounts.of(request.fiat));
        threshold.is_some_and(|most: Option<Money>| most.is_none_or(|most| request.amount > most))
    }
}
