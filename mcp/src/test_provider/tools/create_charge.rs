//! `create_charge`: asks for money at the till.

use progenitor_client::ResponseValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::failure::Failure;
use crate::answer::reply::Reply;
use crate::limits::{CreateReply, CreateRequest, DayOrders, LimitedOrder};
use crate::protocol::arguments::{Amount, Text};
use crate::protocol::backend::LimitedBackend;
use crate::protocol::route::Call;
use crate::test_provider::client::types::{Charge, NewCharge};
use crate::test_provider::context::{Context, failure};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// How much.
    amount: Amount,
    /// Its currency.
    currency: Text<3, 3>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The charge.
    charge: String,
    /// Its state.
    state: String,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<CreateReply<Output>, Failure> {
    let fiat =
        input.currency.0.parse().map_err(|_| Failure::argument("currency", "currency: no such code."))?;
    let amount = input.amount.in_fiat("amount", fiat)?;
    let client = cx.context.client()?;
    let cents = amount.to_string_with_scale(2).replace('.', "").parse().unwrap();
    let new = NewCharge { cents, currency: fiat.to_string() };
    let approval = cx.approval("Charge it?".to_owned(), None);
    let request = CreateRequest { amount, fiat, approval: &approval, mark: None };
    let list = |_, _| async { Ok(DayOrders::default()) };
    let permit = cx.context.gate().authorize(&request, list).await?.begin();
    let created = client.charges_create(&new).await;
    let created = created.map(ResponseValue::into_inner).map_err(|error| failure(&error));
    let charge = permit.settle(created).await?;
    let output = Output { charge: charge.id.clone(), state: charge.state.clone() };
    Ok(charge.reply(Reply::new(output, "A charge.")))
}

impl LimitedOrder for Charge {
    fn identifier(&self) -> String {
        self.id.clone()
    }
}
