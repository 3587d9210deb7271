//! The tools this server can offer: rows from tools.toml, each bound to the function that carries it out.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use bitnovo_pay::{RequestCount, count_requests};
use futures::{FutureExt, future::BoxFuture};
use rmcp::model::{Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::answer::failure::{Code, Failure, Outcome};
use crate::answer::reply::{Answer, Reply};
use crate::app::App;
use crate::bitnovo::errors::ERRORS;
use crate::config::{Config, Known};
use crate::limits::{Consent, Digest};
use crate::protocol::fields::Fields;
use crate::protocol::progress::Progress;
use crate::protocol::schema;

include!(concat!(env!("OUT_DIR"), "/registry.rs"));

/// The tools there are, for checking a selection of them.
pub(crate) fn known() -> Vec<Known> {
    routes().iter().map(|route| Known { tool: route.row.name, toolset: route.row.toolset }).collect()
}

/// One row of tools.toml.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The API whose operations the tool calls.
    #[expect(dead_code, reason = "read once a second API exists; part of every row from the start")]
    pub(crate) api: &'static str,
    /// Operations of that API that the tool calls; the build has checked that the document holds them.
    pub(crate) operations: &'static [&'static str],
    pub(crate) toolset: &'static str,
    pub(crate) available: Available,
    pub(crate) read_only: bool,
    pub(crate) destructive: bool,
    pub(crate) idempotent: bool,
    pub(crate) open_world: bool,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
}

impl Row {
    /// Whether a call can leave an order behind, so that a failure must say whether it did.
    fn creates_orders(&self) -> bool {
        self.operations.contains(&"orders_create")
    }
}

/// When a tool is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Available {
    /// Unless BITNOVO_TOOLSETS leaves it out.
    Always,
    /// Only when webhooks are enabled.
    Webhooks,
    /// Only when BITNOVO_TOOLSETS asks for it.
    Sandbox,
}

/// Who calls a tool.
#[derive(Clone, Default)]
pub(crate) struct Caller {
    pub(crate) progress: Progress,
    /// The person behind the call was asked, and said no: nothing new may come of it.
    pub(crate) no: Option<Failure>,
}

/// What a tool is called with, beside its arguments.
pub(crate) struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) caller: Caller,
    /// The tool and its arguments, so that a person's yes holds for these and no others.
    pub(crate) digest: Digest,
}

impl Call {
    /// What a person would be asked about this call.
    pub(crate) fn consent(&self, question: String, token: Option<String>) -> Consent {
        Consent { digest: self.digest, question, token, no: self.caller.no.clone() }
    }
}

type Handler = dyn Fn(Call, Value) -> BoxFuture<'static, Result<Answer, Failure>> + Send + Sync;

/// A tool and the way to call it.
pub(crate) struct Route {
    pub(crate) row: Row,
    pub(crate) tool: Tool,
    fields: Fields,
    handler: Box<Handler>,
}

impl Route {
    pub(crate) fn new<F, Fut, Input, Output>(row: Row, call: F) -> Self
    where
        F: Fn(Call, Input) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply<Output>, Failure>> + Send + 'static,
        Input: DeserializeOwned + JsonSchema + Send,
        Output: Serialize + JsonSchema,
    {
        let input_schema = schema::input::<Input>();
        let annotations = ToolAnnotations::with_title(row.title)
            .read_only(row.read_only)
            .destructive(row.destructive)
            .idempotent(row.idempotent)
            .open_world(row.open_world);
        let tool = Tool::new(row.name, row.description, Arc::clone(&input_schema))
            .with_title(row.title)
            .with_annotations(annotations)
            .with_raw_output_schema(schema::output::<Output>());
        let handler = move |cx: Call, arguments: Value| -> BoxFuture<'static, Result<Answer, Failure>> {
            match parse::<Input>(arguments) {
                Ok(input) => {
                    let work = call(cx, input);
                    async move { work.await?.into_answer() }.boxed()
                }
                Err(failure) => async move { Err(failure) }.boxed(),
            }
        };
        Self { row, tool, fields: Fields::of(&input_schema), handler: Box::new(handler) }
    }

    /// Whether `tools/list` shows this tool.
    pub(crate) fn is_listed(&self, config: &Config) -> bool {
        let possible = self.row.available != Available::Webhooks || config.wants_webhooks();
        possible && self.is_offered(config).is_ok()
    }

    /// Whether the merchant offers this tool at all. A client may call what it is not shown.
    fn is_offered(&self, config: &Config) -> Result<(), Failure> {
        let hidden = |variable: &str, why: &str| {
            let message = format!("{} is not offered by this server: {why} ({variable}).", self.row.name);
            Failure::new(Code::LimitExceeded, message).detail("variable", variable)
        };
        if config.read_only && !self.row.read_only {
            return Err(hidden("BITNOVO_READ_ONLY", "it only reads"));
        }
        let by_default = self.row.available != Available::Sandbox;
        if config.toolsets.allows(self.row.name, self.row.toolset, by_default) {
            Ok(())
        } else {
            Err(hidden("BITNOVO_TOOLSETS", "its tools are chosen, and this one is not among them"))
        }
    }

    /// Calls the tool. Whatever happens inside, a panic included, comes back as an answer or a failure.
    pub(crate) async fn call(
        &self,
        app: Arc<App>,
        caller: Caller,
        mut arguments: Map<String, Value>,
    ) -> Result<Answer, Failure> {
        let started = Instant::now();
        let device = app.device().map(ToString::to_string);
        let identifier = arguments.get("identifier").and_then(Value::as_str).map(str::to_owned);
        let allowed = self.is_offered(app.config()).and_then(|()| self.fields.normalise(&mut arguments));
        let (result, api) = match allowed {
            Ok(()) => count_requests(self.carry_out(app, caller, arguments)).await,
            Err(failure) => (Err(failure), RequestCount::default()),
        };
        let result = result.map_err(|failure| self.with_outcome(failure.of(&ERRORS), Outcome::NotCreated));
        let milliseconds = started.elapsed().as_millis();
        let (outcome, identifier) = match &result {
            Ok(answer) => ("ok", answer.identifier().map(str::to_owned).or(identifier)),
            Err(failure) => (failure.code.as_str(), identifier.filter(|text| text.len() == 36)),
        };
        tracing::info!(
            tool = self.row.name,
            device,
            identifier,
            outcome,
            milliseconds,
            api_requests = api.requests,
            api_milliseconds = api.time.as_millis(),
            "tool call"
        );
        result
    }

    async fn carry_out(
        &self,
        app: Arc<App>,
        caller: Caller,
        arguments: Map<String, Value>,
    ) -> Result<Answer, Failure> {
        let digest = Digest::of(self.row.name, &arguments);
        let call = Call { app, caller, digest };
        let work = AssertUnwindSafe(async move { (self.handler)(call, Value::Object(arguments)).await });
        work.catch_unwind()
            .await
            .unwrap_or_else(|_panic| Err(self.with_outcome(Failure::defect(), Outcome::Unknown)))
    }

    /// A create that failed says whether an order exists. What fails after the request was sent has said so already.
    fn with_outcome(&self, failure: Failure, otherwise: Outcome) -> Failure {
        if self.row.creates_orders() && failure.outcome.is_none() {
            failure.outcome(otherwise)
        } else {
            failure
        }
    }
}

fn parse<Input: DeserializeOwned>(arguments: Value) -> Result<Input, Failure> {
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let field = error.path().to_string();
        // The message may repeat the argument, whatever that is.
        let message = bitnovo_pay::clean_text(&format!("{field}: {}", error.inner()));
        Failure::argument(&field, message)
    })
}

#[cfg(test)]
mod tests;
