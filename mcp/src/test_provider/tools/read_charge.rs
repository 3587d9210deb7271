//! `read_charge`: the state of a charge.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::failure::Failure;
use crate::answer::reply::Reply;
use crate::protocol::arguments::Text;
use crate::protocol::route::Call;
use crate::test_provider::context::{Context, failure};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The charge.
    charge: Text<1, 64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The charge.
    charge: String,
    /// Its state.
    state: String,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<Reply<Output>, Failure> {
    let charge = cx.context.client()?.charges_read(&input.charge.0).await.map_err(|error| failure(&error))?;
    let charge = charge.into_inner();
    Ok(Reply::new(Output { charge: charge.id, state: charge.state }, "A charge."))
}
