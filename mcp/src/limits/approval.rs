//! Human approval of creates above a threshold.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use payments_core::store::{Namespace, SpentTokens, StoreKey, TokenUse};

use crate::answer::confirmation_request::{ConfirmationRequest, Declined};
use crate::answer::failure::{Code, Failure, Outcome};
use crate::config::limits::in_fiat;
use crate::limits::confirmation_token::{TokenIssuer, VALID_FOR};
use crate::limits::request::CreateRequest;

/// The approvals of one provider: issues the tokens, and sees to it that each is used once.
pub(super) struct Approvals {
    /// The variable that sets the threshold.
    variable: &'static str,
    issuer: Mutex<TokenIssuer>,
    spent: Arc<dyn SpentTokens>,
    namespace: Namespace,
}

/// A token that was used for a create.
#[derive(Debug)]
pub(super) struct UsedToken(StoreKey);

impl Approvals {
    pub(super) fn new(
        variable: &'static str,
        key: [u8; 64],
        spent: Arc<dyn SpentTokens>,
        namespace: Namespace,
    ) -> Self {
        Self { variable, issuer: Mutex::new(TokenIssuer::new(key)), spent, namespace }
    }

    /// Uses the caller's token up.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` with a new token and the question for a person.
    pub(super) async fn redeem(
        &self,
        request: &CreateRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<UsedToken, Failure> {
        let why = match &request.approval.token {
            None => String::new(),
            Some(token) => match self.spend(token, request, now).await {
                Ok(used) => return Ok(used),
                Err(why) => format!("{why} "),
            },
        };
        Err(self.ask(request, &why, now))
    }

    /// Ends the question that a person has declined: a token that is approved later belongs to another question.
    pub(super) async fn note_declined(&self, request: &CreateRequest<'_>, now: DateTime<Utc>) {
        if let (Some(_), Some(token)) = (request.approval.declined, &request.approval.token) {
            drop(self.spend(token, request, now).await);
        }
    }

    /// Makes a token usable again whose order was not created.
    pub(super) async fn give_back(&self, UsedToken(key): UsedToken) {
        if let Err(error) = self.spent.give_back(&key).await {
            tracing::warn!(%error, "the store of confirmation tokens did not take one back");
        }
    }

    /// What the caller learns when the person has declined.
    pub(super) fn refusal(&self, declined: Declined) -> Failure {
        let why = match declined {
            Declined::ByPerson => "The person who was asked did not confirm it.",
            Declined::TimedOut => "The approval request timed out.",
        };
        let message = format!(
            "The payment was not confirmed ({}). {why} This call has created nothing.",
            self.variable
        );
        Failure::new(Code::LimitExceeded, message)
            .outcome(Outcome::NotCreated)
            .detail("variable", self.variable)
            .next("Do not try again by yourself: ask the merchant what they want.")
    }

    async fn spend(
        &self,
        token: &str,
        request: &CreateRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<UsedToken, &'static str> {
        let expires_at = self.issuer().verify(token, request)?;
        // The digits of a token are read in any case, so that its name is in one.
        let key = self.namespace.key(token.to_ascii_lowercase());
        match self.spent.spend(&key, expires_at, now).await {
            Ok(TokenUse::Spent) => Ok(UsedToken(key)),
            Ok(TokenUse::AlreadySpent) => Err("The confirmation_token was used already."),
            Ok(TokenUse::Expired) => Err("The confirmation_token has expired."),
            Err(error) => {
                tracing::warn!(%error, "the store of confirmation tokens failed");
                Err("The confirmation_token could not be checked.")
            }
        }
    }

    fn ask(&self, request: &CreateRequest<'_>, why: &str, now: DateTime<Utc>) -> Failure {
        let token = self.issuer().issue(request, now);
        let question = ConfirmationRequest { text: request.approval.question.clone(), token };
        let amount = in_fiat(request.amount, request.fiat);
        let message =
            format!("{why}{amount} needs human approval ({}). Nothing has been created.", self.variable);
        let action = format!(
            "Show the merchant the amount, {amount}, and what it is for, and wait for the answer. If the merchant approves, call \
             again with the same arguments and confirmation_token = details.confirmation_token; otherwise do not."
        );
        Failure::new(Code::LimitExceeded, message)
            .detail("variable", self.variable)
            .detail("confirmation_token", question.token.as_str())
            .detail("question", question.text.as_str())
            .detail("amount", request.fiat.decimals_of(request.amount))
            .detail("fiat", request.fiat.code())
            .detail("expires_in_seconds", VALID_FOR.num_seconds())
            .next(action)
            .ask(question)
    }

    fn issuer(&self) -> std::sync::MutexGuard<'_, TokenIssuer> {
        self.issuer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use payments_core::FiatCurrency;
    use payments_core::store::MemorySpentTokens;

    use super::*;
    use crate::limits::request::Approval;

    fn approvals() -> Approvals {
        let namespace = Namespace::new("a-provider", "an-account", "");
        Approvals::new("CONFIRM_OVER", [7; 64], Arc::<MemorySpentTokens>::default(), namespace)
    }

    fn approval() -> Approval {
        Approval::unasked(&serde_json::Map::new())
    }

    fn request(approval: &Approval) -> CreateRequest<'_> {
        CreateRequest { amount: "750".parse().unwrap(), fiat: FiatCurrency::EUR, approval, mark: None }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[tokio::test]
    async fn a_token_is_used_once_and_for_ten_minutes() {
        let (approvals, approval) = (approvals(), approval());
        let request = request(&approval);
        let [token, other] = [0, 0].map(|second| approvals.issuer().issue(&request, at(second)));
        let late = approvals.spend(&token, &request, at(601)).await.unwrap_err();
        assert!(late.contains("expired"), "{late}");
        assert!(approvals.spend(&token, &request, at(600)).await.is_ok());
        let secret = token.strip_prefix("750.00-EUR-").unwrap().to_ascii_uppercase();
        for again in [token, format!("750.00-EUR-{secret}")] {
            let error = approvals.spend(&again, &request, at(600)).await.unwrap_err();
            assert!(error.contains("used already"), "{error}");
        }
        assert!(approvals.spend(&other, &request, at(600)).await.is_ok());
    }

    #[tokio::test]
    async fn a_token_comes_back_when_nothing_was_created() {
        let (approvals, approval) = (approvals(), approval());
        let request = request(&approval);
        let token = approvals.issuer().issue(&request, at(0));
        let used = approvals.spend(&token, &request, at(1)).await.unwrap();
        approvals.give_back(used).await;
        assert!(approvals.spend(&token, &request, at(1)).await.is_ok());
    }

    #[tokio::test]
    async fn a_used_token_stays_used_when_the_clock_is_set_back() {
        let (approvals, approval) = (approvals(), approval());
        let request = request(&approval);
        let [used, other] = [0, 3600].map(|second| approvals.issuer().issue(&request, at(second)));
        let redeemed = approvals.spend(&used, &request, at(1)).await.unwrap();
        // Time goes on far enough for the first to be forgotten, and then back to before it was made.
        assert!(approvals.spend(&other, &request, at(3601)).await.is_ok());
        for seconds in [1, 599, -3600, 3601] {
            assert!(approvals.spend(&used, &request, at(seconds)).await.is_err(), "{seconds}");
            assert!(approvals.spend(&other, &request, at(seconds)).await.is_err(), "{seconds}");
        }
        approvals.give_back(redeemed).await;
        assert!(
            approvals.spend(&used, &request, at(2)).await.is_err(),
            "what is forgotten cannot be given back"
        );
        let fresh = approvals.issuer().issue(&request, at(-3600));
        assert!(
            approvals.spend(&fresh, &request, at(-3600)).await.is_ok(),
            "a new one holds on the earlier clock"
        );
    }
}
