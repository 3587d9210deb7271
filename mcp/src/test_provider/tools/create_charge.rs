//! `create_charge`: asks for money at the till.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::failure::{Failure, Outcome};
use crate::answer::reply::Reply;
use crate::protocol::arguments::{Amount, FiatCode};
use crate::protocol::route::Call;
use crate::test_provider::client::Error;
use crate::test_provider::client::types::{NewCharge, Refusal};
use crate::test_provider::context::{Context, failure};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// How much.
    amount: Amount,
    /// Its currency.
    currency: FiatCode,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The charge.
    charge: String,
    /// Its state.
    state: String,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<Reply<Output>, Failure> {
    let fiat = input.currency.0;
    let amount = input.amount.in_fiat("amount", fiat)?;
    let client = cx.context.client()?;
    let cents = amount.to_string_with_scale(2).replace('.', "").parse().unwrap();
    let new = NewCharge { cents, currency: fiat.to_string() };
    let charge = client.charges_create(&new).await.map_err(|error| failed(&error))?.into_inner();
    Ok(Reply::new(Output { charge: charge.id, state: charge.state }, "A charge."))
}

/// Without an answer the charge may exist.
fn failed(error: &Error<Refusal>) -> Failure {
    let failure = failure(error);
    if failure.outcome.is_some() { failure } else { failure.outcome(Outcome::Unknown) }
}
