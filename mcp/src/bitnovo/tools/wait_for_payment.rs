//! `wait_for_payment`: a payment as soon as it is as far as the caller wants, or as it stands when the time is up.

use std::time::Duration;

use bitnovo_pay::{Payment, Reading, Until, WaitOptions, Waited};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};

use super::get_payment_status::{Output as Status, warnings};
use crate::answer::failure::Failure;
use crate::answer::reply::Reply;
use crate::bitnovo::context::Context;
use crate::bitnovo::currency::Known;
use crate::bitnovo::errors;
use crate::bitnovo::payment_view::PaymentView;
use crate::bitnovo::texts::Texts;
use crate::protocol::arguments::{Identifier, Whole};
use crate::protocol::route::Call;

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
    /// Longest wait in seconds. Many clients end a call after a minute.
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
    /// Whether the wait is over. false: the timeout came first; call again.
    done: bool,
    /// Whether `until` is reached. Done but not reached: waiting does not help.
    reached: bool,
    /// How long it took, in whole seconds.
    waited_seconds: u64,
    /// The next step when the timeout came first.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<Reply<Output>, Failure> {
    let client = cx.context.client()?;
    let texts = cx.context.texts();
    let started = Instant::now();
    let patience = Duration::from_secs(input.timeout_seconds.0.into());
    let until = Until::from(input.until);
    let (tell, mut verdict) = watch::channel(None);
    // Which coin it is shows with the first reading: amounts below its smallest unit end no wait.
    let mut coin = Known::default();
    let waiting = async {
        loop {
            let tell = &tell;
            let options = WaitOptions::default()
                .timeout(patience.saturating_sub(started.elapsed()))
                .coin(coin.facts)
                .on_change(move |payment: &Payment| _ = tell.send_replace(Some(payment.verdict())));
            let mut waited = client.wait_for(input.identifier.0, until, options).await?;
            coin = cx.context.currency_of(&waited.payment).await;
            if waited.reached && !until.is_reached(&waited.payment, &coin.facts) {
                if started.elapsed() < patience {
                    continue;
                }
                (waited.done, waited.reached) = (false, false);
            }
            return Ok((waited, coin));
        }
    };
    tokio::pin!(waiting);
    let mut signs = interval(SIGN_OF_LIFE);
    signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first comes at once, when there is nothing to say yet.
    signs.tick().await;
    let (waited, coin) = loop {
        tokio::select! {
            waited = &mut waiting => {
                break waited.map_err(|error: bitnovo_pay::Error| errors::from_api(&error))?;
            }
            Ok(()) = verdict.changed() => {}
            _ = signs.tick() => {}
        }
        let known = *verdict.borrow_and_update();
        if let Some(verdict) = known {
            let passed = started.elapsed();
            let message = texts.waiting(verdict, passed.as_secs(), patience.as_secs());
            cx.caller.progress.report(passed, patience, message).await;
        }
    };
    let Waited { payment, reading, failure, done, reached, .. } = &waited;
    let reading = Reading {
        read_at: cx.context.in_api_time(reading.read_at),
        outdated_since: reading.outdated_since.map(|since| cx.context.in_api_time(since)),
    };
    let mut view = PaymentView::of(payment, coin, reading, cx.context.now());
    if cx.context.is_withheld(payment.identifier).await? {
        view.withhold();
    }
    let failure = failure.as_ref().map(errors::from_api);
    let end = End { done: *done, reached: *reached, took: started.elapsed() };
    Ok(reply(payment, &view, failure.as_ref(), &end, texts))
}

/// How a wait ended.
pub(crate) struct End {
    pub(crate) done: bool,
    pub(crate) reached: bool,
    pub(crate) took: Duration,
}

/// What a wait came to. `failure` is that of the last read, when it failed.
pub(crate) fn reply(
    payment: &Payment,
    view: &PaymentView,
    failure: Option<&Failure>,
    end: &End,
    texts: Texts<'_>,
) -> Reply<Output> {
    let status = Status::of(payment, view, texts);
    let summary = status.summary(view, texts);
    let mut warnings = warnings(view, texts);
    if view.is_stale() {
        let why = failure.map(|failure| (failure.code, failure.clone().sentence(texts.language())));
        let cause = why.as_ref().map(|(code, why)| (code.as_str(), why.as_str()));
        warnings.push(texts.stale(&view.reading, cause));
    }
    let End { done, reached, took } = *end;
    let advice = (!done).then(|| {
        if view.is_stale() {
            view.next_action().to_owned()
        } else {
            "Call wait_for_payment again to go on waiting; do not create a new payment.".to_owned()
        }
    });
    let output = Output { status, done, reached, waited_seconds: took.as_secs(), advice };
    Reply::new(output, summary).warnings(warnings)
}
