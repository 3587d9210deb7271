//! `simulate_payment`: the customer and the network, played on the sandbox.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::failure::Failure;
use crate::answer::reply::Reply;
use crate::bitnovo::context::Context;
use crate::bitnovo::errors;
use crate::protocol::arguments::{Identifier, Text, Whole};
use crate::protocol::route::Call;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The payment's identifier.
    identifier: Identifier,
    /// What happens: complete pays and confirms in one step.
    #[serde(default)]
    action: Action,
    /// For pay and complete: share of the price that is sent, 1 to 1000.
    percent: Option<Whole<100, 1, 1000>>,
    /// For pay and complete: crypto amount that is sent, as a decimal string. Not together with percent.
    amount: Option<Text<1, 40>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    #[default]
    Complete,
    Pay,
    Mine,
    Expire,
    Cancel,
    Fail,
    Refund,
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Pay => "pay",
            Self::Mine => "mine",
            Self::Expire => "expire",
            Self::Cancel => "cancel",
            Self::Fail => "fail",
            Self::Refund => "refund",
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The payment.
    identifier: String,
    /// Its status now.
    status: String,
    /// Its verdict now.
    verdict: String,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<Reply<Output>, Failure> {
    let control = cx.context.sandbox_control()?;
    let identifier = input.identifier.0;
    if matches!(input.action, Action::Pay | Action::Complete) {
        let body = match (input.percent, input.amount) {
            (Some(_), Some(_)) => {
                return Err(Failure::argument(
                    "amount",
                    "percent and amount exclude each other; leave one out.",
                ));
            }
            (Some(share), None) => json!({ "percent": share.0 }),
            (None, Some(amount)) => json!({ "amount": amount.0 }),
            (None, None) => json!({}),
        };
        control.pay(identifier, body).await?;
    } else if input.percent.is_some() || input.amount.is_some() {
        let message =
            format!("percent and amount go with pay and complete, not with {}.", input.action.as_str());
        return Err(Failure::argument("action", message));
    }
    match input.action {
        Action::Pay => {}
        Action::Complete => control.act(identifier, "mine").await?,
        other => control.act(identifier, other.as_str()).await?,
    }
    let payment =
        cx.context.client()?.orders_info(identifier).await.map_err(|error| errors::from_api(&error))?;
    let output = Output {
        identifier: identifier.to_string(),
        status: bitnovo_pay::clean_text(payment.status.code()),
        verdict: payment.verdict().as_str().to_owned(),
    };
    let texts = cx.context.texts();
    let summary = texts.simulated(input.action.as_str(), &output.status, texts.verdict(payment.verdict()));
    Ok(Reply::new(output, summary))
}
