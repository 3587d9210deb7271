//! `wait_for_payment`: a payment as soon as it is as far as the caller wants, or as it stands when the time is up.

use std::time::Duration;

use bitnovo_pay::{Payment, Until, WaitOptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::get_payment_status::Output as Status;
use crate::{
    arguments::{Identifier, Whole},
    error::Failure,
    registry::Call,
    reply::Reply,
};

/// How often the caller hears something, whether or not something happens.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The payment's identifier, as create_payment_link or create_payment_onchain returned it.
    identifier: Identifier,
    /// What to wait for. safe: goods may be handed over. detected: the customer has sent something. completed: confirmed
    /// on chain, which takes longer than safe.
    #[serde(default)]
    until: Stage,
    /// How long to wait at most. Many clients give up on a call after a minute.
    #[serde(default)]
    timeout_seconds: Whole<45, 1, 55>,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Detected,
    #[default]
    Safe,
    Completed,
}

impl From<Stage> for Until {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Detected => Self::Detected,
            Stage::Safe => Self::Safe,
            Stage::Completed => Self::Completed,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    #[serde(flatten)]
    status: Status,
    /// Whether the wait is over. false: the time was up first; call again.
    done: bool,
    /// Whether the payment is as far as was waited for. Over and not reached: waiting does not bring it.
    reached: bool,
    /// How long it took, in whole seconds.
    waited_seconds: u64,
    /// What to do when the time was up first.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

pub(crate) async fn call(cx: Call, input: Input) -> Result<Reply<Output>, Failure> {
    let client = cx.app.client()?;
    let texts = cx.app.texts();
    let started = Instant::now();
    let patience = Duration::from_secs(input.timeout_seconds.0.into());
    let (tell, mut verdict) = watch::channel(None);
    let options = WaitOptions::default()
        .timeout(patience)
        .on_change(move |payment: &Payment| _ = tell.send_replace(Some(payment.verdict().as_str())));
    let wait = client.wait_for(input.identifier.0, input.until.into(), options);
    tokio::pin!(wait);
    let mut signs = interval(SIGN_OF_LIFE);
    signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first comes at once, when there is nothing to say yet.
    signs.tick().await;
    let waited = loop {
        tokio::select! {
            waited = &mut wait => break waited.map_err(|error| Failure::from_api(&error))?,
            Ok(()) = verdict.changed() => {}
            _ = signs.tick() => {}
        }
        let known = *verdict.borrow_and_update();
        if let Some(verdict) = known {
            let passed = started.elapsed();
            let message = texts.waiting(verdict, passed.as_secs(), patience.as_secs());
            cx.caller.progress.tell(passed, patience, message).await;
        }
    };
    let known = cx.app.currency_of(&waited.payment).await;
    let status = Status::of(&waited.payment, &known, texts.language());
    let summary = status.summary();
    let advice = (!waited.done)
        .then(|| "Call wait_for_payment again to go on waiting; do not create a new payment.".to_owned());
    let waited_seconds = started.elapsed().as_secs();
    let output = Output { status, done: waited.done, reached: waited.reached, waited_seconds, advice };
    Ok(Reply::new(output, summary))
}
