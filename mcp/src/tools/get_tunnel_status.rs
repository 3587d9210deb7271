//! `get_tunnel_status`: whether webhooks can reach this machine.

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{error::Failure, registry::Call, reply::Reply};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Whether something is meant to carry webhooks to this machine.
    enabled: bool,
    /// What: ngrok, zrok, manual, cloudflared or command.
    provider: String,
    status: Status,
    /// The address for the dashboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connected_at: Option<DateTime<Utc>>,
    /// What is wrong, when something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    reconnect_attempts: u32,
    health_check_enabled: bool,
    context_detected: Context,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "a supervised tunnel passes through all of the documented states")]
enum Status {
    Disconnected,
    Connecting,
    Connected,
    Reconnecting,
    Error,
}

/// Where the server runs, as far as its environment tells.
#[derive(Serialize, JsonSchema)]
struct Context {
    execution_context: String,
    /// 0 to 1.
    #[schemars(schema_with = "share")]
    confidence: serde_json::Number,
    suggested_provider: String,
    indicators: Vec<String>,
}

fn share(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
}

pub(crate) async fn call(cx: Call, _: Input) -> Result<Reply<Output>, Failure> {
    let webhooks = cx.app.webhooks()?;
    let tunnel = &webhooks.settings().tunnel;
    let enabled = tunnel.enabled || webhooks.settings().public_url.is_some();
    let (status, public_url, last_error) = match webhooks.address() {
        Err(failure) if webhooks.deaf().is_some() => (Status::Error, None, Some(failure.message)),
        Err(_) if !enabled => (Status::Disconnected, None, None),
        Err(failure) => (Status::Error, None, Some(failure.message)),
        Ok(address) => match webhooks.prove(&address.url).await {
            Ok(()) => (Status::Connected, Some(address.url.to_string()), None),
            Err(reason) => {
                (Status::Error, Some(address.url.to_string()), Some(cx.app.texts().unproved(&reason)))
            }
        },
    };
    let connected_at = (status == Status::Connected).then(|| webhooks.started_at().into());
    let context = &tunnel.context;
    let output = Output {
        enabled,
        provider: tunnel.provider.clone(),
        status,
        public_url,
        connected_at,
        last_error,
        reconnect_attempts: 0,
        health_check_enabled: webhooks.settings().public_url.is_some(),
        context_detected: Context {
            execution_context: context.execution_context.to_string(),
            confidence: context.confidence(),
            suggested_provider: context.suggested_provider.to_owned(),
            indicators: context.indicators.clone(),
        },
    };
    let summary =
        cx.app.texts().tunnel(&output.provider, output.public_url.as_deref(), output.last_error.as_deref());
    Ok(Reply::new(output, summary))
}
