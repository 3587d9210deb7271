//! `get_webhook_url`: what to enter in the provider's dashboard.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::failure::Failure;
use crate::answer::reply::Reply;
use crate::protocol::route::Call;
use crate::receiving::address::Address;
use crate::receiving::context::Context;
use crate::receiving::reachability::below;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Send a probe through the public address to check it.
    #[serde(default = "yes")]
    validate: bool,
    /// Whose notifications, such as bitnovo. Needed only while those of several providers are received.
    payment_provider: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Enter this in the dashboard.
    webhook_url: String,
    /// What carries webhooks to this machine.
    provider: String,
    /// Whether a probe through that address reached this very process just now.
    validated: bool,
    /// Where to enter it, step by step, and whether it survives a restart.
    instructions: String,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<Reply<Output>, Failure> {
    let webhooks = cx.context.webhooks()?;
    let receiver = webhooks.receiver(input.payment_provider.as_deref())?;
    let Address { base, carrier, is_stable } = Address::of(webhooks).await?;
    let url = below(&base, receiver.path());
    // The caller may send to the address at once.
    webhooks.trusting().await;
    let mut warnings = Vec::new();
    let validated = input.validate
        && match webhooks.check(&base).await {
            Ok(()) => true,
            Err(reason) => {
                warnings.push(cx.context.texts().unreachable(&reason));
                false
            }
        };
    let texts = cx.context.texts();
    let instructions = if carrier == "local" {
        texts.registered_at_sandbox().to_owned()
    } else {
        let steps = (receiver.dashboard_steps)(texts.0, &url);
        format!("{steps}\n{}", texts.persistence(carrier, is_stable))
    };
    let output = Output {
        webhook_url: url.to_string(),
        provider: carrier.to_owned(),
        validated,
        instructions: instructions.clone(),
    };
    let summary = if instructions.contains(&output.webhook_url) {
        instructions
    } else {
        format!("{}\n{instructions}", output.webhook_url)
    };
    Ok(Reply::new(output, summary).warnings(warnings))
}
