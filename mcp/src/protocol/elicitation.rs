//! Human approval through the client, where the client can ask a person.
//!
//! Clients of 2026-07-28 get the question as the call's interim result and repeat the call with the answer. Older clients
//! are asked while the call waits. A client that can do neither gets the error with its token, and the agent asks.

use std::{collections::BTreeMap, time::Duration};

use rmcp::{
    RoleServer,
    model::{
        CallToolRequestParams, ClientCapabilities, ElicitRequest, ElicitRequestParams, ElicitResult,
        ElicitationAction, ElicitationSchema, InputRequest, InputRequiredResult, ProtocolVersion,
    },
    service::RequestContext,
};
use serde_json::{Map, Value};

use crate::answer::confirmation_request::{ConfirmationRequest, Declined};
use crate::limits::ARGUMENT;
use crate::safety::redaction::Redaction;

/// Most clients have given up on the call by then.
const PATIENCE: Duration = Duration::from_secs(300);

/// The name of the question in an interim result, and of its answer.
const QUESTION: &str = "confirm";

/// How the person behind a client can be asked.
pub(crate) enum Elicitation {
    /// By a request of the server, while the call waits.
    Request(Box<RequestContext<RoleServer>>),
    /// By an interim result.
    InterimResult,
    /// Only by the agent.
    Unsupported,
}

/// What came of a question.
pub(crate) enum Elicited {
    Approved,
    Declined(Declined),
    /// The question is on its way, as the call's interim result.
    Pending(InputRequiredResult),
    /// The client cannot ask.
    Unsupported,
}

impl Elicitation {
    /// What the client says that it can do.
    pub(crate) fn of(context: &RequestContext<RoleServer>) -> Self {
        if !context.client_capabilities().as_ref().is_some_and(supports_forms) {
            Self::Unsupported
        } else if context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28) {
            Self::InterimResult
        } else {
            Self::Request(Box::new(context.clone()))
        }
    }

    /// Asks, and waits for the answer where that is possible.
    pub(crate) async fn ask(&self, question: &ConfirmationRequest, redaction: &Redaction) -> Elicited {
        let text = redaction.masked(&question.text).unwrap_or_else(|| question.text.clone());
        match self {
            Self::Unsupported => Elicited::Unsupported,
            Self::InterimResult => {
                let request = InputRequest::Elicitation(ElicitRequest::new(form(text)));
                let requests = BTreeMap::from([(QUESTION.to_owned(), request)]);
                Elicited::Pending(InputRequiredResult::new(Some(requests), Some(question.token.clone())))
            }
            Self::Request(context) => {
                let asked = context.peer.create_elicitation_with_timeout(form(text), Some(PATIENCE));
                match asked.await {
                    Ok(answer) => elicited(&answer),
                    Err(rmcp::ServiceError::Timeout { .. }) => Elicited::Declined(Declined::TimedOut),
                    // A client that promised more than it can do leaves the way through the agent.
                    Err(error) => {
                        tracing::warn!("the client could not ask for a confirmation: {error}");
                        Elicited::Unsupported
                    }
                }
            }
        }
    }
}

/// The arguments of a call, and whether a person has declined it. A call that repeats an earlier one with an answer carries
/// the token of the question.
pub(crate) fn arguments(request: CallToolRequestParams) -> (Map<String, Value>, Option<Declined>) {
    let mut arguments = request.arguments.unwrap_or_default();
    let answer = request.input_responses.and_then(|mut answers| answers.remove(QUESTION));
    let answer = answer.and_then(|answer| serde_json::from_value::<ElicitResult>(answer).ok());
    // Without a readable answer the question is asked again.
    let Some((answer, token)) = answer.zip(request.request_state) else { return (arguments, None) };
    with_token(&mut arguments, token);
    match elicited(&answer) {
        Elicited::Declined(declined) => (arguments, Some(declined)),
        _ => (arguments, None),
    }
}

/// Adds the token that proves that the question was answered.
pub(crate) fn with_token(arguments: &mut Map<String, Value>, token: String) {
    arguments.insert(ARGUMENT.to_owned(), token.into());
}

fn elicited(answer: &ElicitResult) -> Elicited {
    match answer.action {
        ElicitationAction::Accept => Elicited::Approved,
        _ => Elicited::Declined(Declined::ByPerson),
    }
}

/// A form without fields: to send it is to approve.
fn form(question: String) -> ElicitRequestParams {
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question,
        requested_schema: ElicitationSchema::new(BTreeMap::new()),
    }
}

/// A client that names neither form nor URL means forms: that is how the capability began.
fn supports_forms(client: &ClientCapabilities) -> bool {
    client.elicitation.as_ref().is_some_and(|can| can.form.is_some() || can.url.is_none())
}
