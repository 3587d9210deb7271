//! `get_tunnel_status`: whether webhooks can reach this machine.

use chrono::{DateTime, Utc};
use payments_tunnel::supervisor::TunnelState;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;
use url::Url;

use crate::answer::failure::Failure;
use crate::answer::reply::Reply;
use crate::protocol::route::Call;
use crate::receiving::address::Address;
use crate::receiving::context::Context;
use crate::receiving::webhooks::Webhooks;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Whether a tunnel or a public address is set up.
    enabled: bool,
    /// ngrok, zrok, manual, cloudflared or command; local on a sandbox without any.
    provider: String,
    status: Status,
    /// The public address without the path for webhooks; get_webhook_url returns the one for the dashboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connected_at: Option<DateTime<Utc>>,
    /// The problem, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// How often it was reopened since it last stayed up for a minute.
    reconnect_attempts: u32,
    /// Whether probes are sent through it regularly.
    health_check_enabled: bool,
    context_detected: DetectedContext,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Disconnected,
    Connecting,
    Connected,
    Reconnecting,
    Error,
}

impl From<TunnelState> for Status {
    fn from(state: TunnelState) -> Self {
        match state {
            TunnelState::Disconnected => Self::Disconnected,
            TunnelState::Connecting => Self::Connecting,
            TunnelState::Connected => Self::Connected,
            TunnelState::Reconnecting => Self::Reconnecting,
            TunnelState::Error => Self::Error,
        }
    }
}

/// Where the server seems to run, by its environment.
#[derive(Serialize, JsonSchema)]
struct DetectedContext {
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

/// The state of what carries webhooks to this machine.
struct Standing {
    status: Status,
    /// What it is, where that is not what was configured.
    provider: Option<&'static str>,
    /// Without the path for webhooks.
    base: Option<Url>,
    connected_at: Option<SystemTime>,
    last_error: Option<String>,
    reconnect_attempts: u32,
}

impl Standing {
    /// Checks the state now: a tunnel that was given up is tried again, and an open one must let a probe through.
    async fn of(webhooks: &Webhooks) -> Self {
        let nothing = Self {
            status: Status::Disconnected,
            provider: None,
            base: None,
            connected_at: None,
            last_error: None,
            reconnect_attempts: 0,
        };
        if let Some(reason) = webhooks.not_receiving() {
            return Self { status: Status::Error, last_error: Some(reason.to_owned()), ..nothing };
        }
        if let Some(tunnel) = webhooks.tunnel() {
            let status = tunnel.look().await;
            return Self {
                status: status.state.into(),
                provider: None,
                base: status.public_url,
                connected_at: status.connected_at,
                last_error: status.last_error,
                reconnect_attempts: status.reconnect_attempts,
            };
        }
        match Address::of(webhooks).await {
            Err(failure) if webhooks.settings().tunnel.enabled => {
                Self { status: Status::Error, last_error: Some(failure.message), ..nothing }
            }
            Err(_) => nothing,
            // The sandbox is on this machine and needs nothing that carries its webhooks.
            Ok(address) if address.carrier == "local" && webhooks.settings().tunnel.enabled => {
                let missing =
                    "There is no address from outside: set WEBHOOK_PUBLIC_URL. The sandbox needs none.";
                Self { status: Status::Error, last_error: Some(missing.to_owned()), ..nothing }
            }
            Ok(address) => match webhooks.check(&address.base).await {
                Ok(()) => Self {
                    status: Status::Connected,
                    provider: Some(address.carrier),
                    base: Some(address.base),
                    connected_at: Some(webhooks.started_at()),
                    ..nothing
                },
                Err(reason) => Self {
                    status: Status::Error,
                    base: Some(address.base),
                    last_error: Some(format!("A probe did not reach this process: {reason}.")),
                    ..nothing
                },
            },
        }
    }
}

pub(crate) async fn call(cx: Call<Context>, _: Input) -> Result<Reply<Output>, Failure> {
    let webhooks = cx.context.webhooks()?;
    let standing = Standing::of(webhooks).await;
    let tunnel = &webhooks.settings().tunnel;
    let context = &tunnel.context;
    let output = Output {
        enabled: tunnel.enabled,
        provider: standing.provider.unwrap_or(tunnel.provider.as_str()).to_owned(),
        status: standing.status,
        public_url: standing.base.map(|base| base.as_str().trim_end_matches('/').to_owned()),
        connected_at: standing.connected_at.map(Into::into),
        last_error: standing.last_error,
        reconnect_attempts: standing.reconnect_attempts,
        health_check_enabled: webhooks.tunnel().is_some(),
        context_detected: DetectedContext {
            execution_context: context.execution_context.to_string(),
            confidence: context.confidence(),
            suggested_provider: context.suggested_provider.to_owned(),
            indicators: context.indicators.clone(),
        },
    };
    let summary = cx.context.texts().tunnel(
        &output.provider,
        output.public_url.as_deref(),
        output.last_error.as_deref(),
    );
    Ok(Reply::new(output, summary))
}
