//! A row bound to the tool that carries it out, and to what stands behind that tool.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use futures::{FutureExt, TryFutureExt, future::BoxFuture};
use payments_core::{RequestCount, count_requests};
use rmcp::model::{Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::answer::confirmation_request::Declined;
use crate::answer::failure::{Failure, Outcome};
use crate::answer::reply::{Answer, Reply};
use crate::limits::{Approval, ArgumentsDigest, CreateBegun, CreateReply};
use crate::protocol::backend::{Backend, LimitedBackend};
use crate::protocol::fields::Fields;
use crate::protocol::progress::Progress;
use crate::protocol::registry::{Row, Selection};
use crate::protocol::schema;

/// Who calls a tool.
#[derive(Clone, Default)]
pub(crate) struct Caller {
    pub(crate) progress: Progress,
    /// Set when the person behind the call was asked and has not approved: nothing new may be created.
    pub(crate) declined: Option<Declined>,
}

/// What a tool is called with, beside its arguments.
pub(crate) struct Call<C> {
    /// What the tools of the provider share.
    pub(crate) context: Arc<C>,
    pub(crate) caller: Caller,
    /// The tool and its arguments, so that a person's yes holds for these and no others.
    pub(crate) digest: ArgumentsDigest,
    begun: CreateBegun,
}

impl<C> Call<C> {
    /// What a person would be asked about this call.
    pub(crate) fn approval(&self, question: String, token: Option<String>) -> Approval {
        let begun = self.begun.clone();
        Approval { digest: self.digest, question, token, declined: self.caller.declined, begun }
    }
}

type Handler = dyn Fn(Caller, ArgumentsDigest, CreateBegun, Value) -> BoxFuture<'static, Result<Answer, Failure>>
    + Send
    + Sync;

/// A tool and the way to call it.
pub(crate) struct Route {
    pub(crate) row: Row,
    pub(crate) tool: Tool,
    backend: Arc<dyn Backend>,
    fields: Fields,
    handler: Box<Handler>,
}

impl Route {
    /// The route of a row that creates nothing.
    pub(crate) fn new<C, F, Fut, Input, Output>(row: Row, context: &Arc<C>, call: F) -> Self
    where
        C: Backend + 'static,
        F: Fn(Call<C>, Input) -> Fut + Copy + Send + Sync + 'static,
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
        let backend: Arc<dyn Backend> = Arc::<C>::clone(context);
        let context = Arc::clone(context);
        let handler =
            move |caller, digest, begun, arguments: Value| -> BoxFuture<'static, Result<Answer, Failure>> {
                match parse::<Input>(arguments) {
                    Ok(input) => {
                        let context = Arc::clone(&context);
                        let work = call(Call { context, caller, digest, begun }, input);
                        async move { work.await?.into_answer() }.boxed()
                    }
                    Err(failure) => async move { Err(failure) }.boxed(),
                }
            };
        Self { row, tool, backend, fields: Fields::of(&input_schema), handler: Box::new(handler) }
    }

    /// The route of a row that creates something: its reply comes from an order that has passed the gate of the provider.
    pub(crate) fn creating<C, F, Fut, Input, Output>(row: Row, context: &Arc<C>, call: F) -> Self
    where
        C: LimitedBackend + 'static,
        F: Fn(Call<C>, Input) -> Fut + Copy + Send + Sync + 'static,
        Fut: Future<Output = Result<CreateReply<Output>, Failure>> + Send + 'static,
        Input: DeserializeOwned + JsonSchema + Send,
        Output: Serialize + JsonSchema + 'static,
    {
        Self::new(row, context, move |cx, input| Box::pin(call(cx, input)).map_ok(CreateReply::into_reply))
    }

    /// What stands behind the tool.
    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    /// Calls the tool. Whatever happens inside, a panic included, comes back as an answer or a failure.
    pub(crate) async fn call(
        &self,
        selection: &Selection,
        caller: Caller,
        mut arguments: Map<String, Value>,
    ) -> Result<Answer, Failure> {
        let started = Instant::now();
        let identifier = arguments.get("identifier").and_then(Value::as_str).map(str::to_owned);
        let allowed = selection.check(&self.row).and_then(|()| self.fields.normalise(&mut arguments));
        let (result, api) = match allowed {
            Ok(()) => count_requests(self.carry_out(caller, arguments)).await,
            Err(failure) => (Err(failure), RequestCount::default()),
        };
        let result =
            result.map_err(|failure| self.with_outcome(self.backend.own(failure), Outcome::NotCreated));
        let milliseconds = started.elapsed().as_millis();
        let (outcome, identifier) = match &result {
            Ok(answer) => ("ok", answer.identifier().map(str::to_owned).or(identifier)),
            Err(failure) => (failure.code.as_str(), identifier.filter(|text| text.len() == 36)),
        };
        tracing::info!(
            tool = self.row.name,
            provider = self.backend.provider().map(|provider| provider.id),
            account = self.backend.account(),
            identifier,
            outcome,
            milliseconds,
            api_requests = api.requests,
            api_milliseconds = api.time.as_millis(),
            "tool call"
        );
        result
    }

    async fn carry_out(&self, caller: Caller, arguments: Map<String, Value>) -> Result<Answer, Failure> {
        let digest = ArgumentsDigest::of(self.row.name, &arguments);
        let begun = CreateBegun::default();
        let noted = begun.clone();
        let work = async move { (self.handler)(caller, digest, noted, Value::Object(arguments)).await };
        let result = AssertUnwindSafe(work).catch_unwind().await;
        let result =
            result.unwrap_or_else(|_panic| Err(self.with_outcome(Failure::defect(), Outcome::Unknown)));
        let otherwise = if begun.has_begun() { Outcome::Unknown } else { Outcome::NotCreated };
        result.map_err(|failure| self.with_outcome(failure, otherwise))
    }

    /// The failure of a create reports whether an order exists: as the tool knows it, or else by how far the create was.
    fn with_outcome(&self, failure: Failure, otherwise: Outcome) -> Failure {
        if self.row.creates && failure.outcome.is_none() { failure.outcome(otherwise) } else { failure }
    }
}

fn parse<Input: DeserializeOwned>(arguments: Value) -> Result<Input, Failure> {
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let field = error.path().to_string();
        // The message may repeat the argument, whatever that is.
        let message = payments_core::clean_text(&format!("{field}: {}", error.inner()));
        Failure::argument(&field, message)
    })
}
