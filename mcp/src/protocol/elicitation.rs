//! Asking the person behind the client, where the client can: a create above the merchant's threshold waits for a yes.
//!
//! Clients of 2026-07-28 get the question as the call's interim result and repeat the call with the answer. Older ones
//! are asked while the call waits. What can do neither gets the error with its token, and the agent asks.

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

use crate::answer::confirmation_request::Question;
use crate::answer::failure::{Code, Failure, Outcome};
use crate::limits::ARGUMENT;
use crate::safety::redaction::Redaction;

/// Most clients have given up on the call by then.
const PATIENCE: Duration = Duration::from_secs(300);

/// The question's name in an interim result, and its answer's.
const QUESTION: &str = "confirm";

/// How the person behind a client is asked.
pub(crate) enum Person {
    /// Through a request of ours, while the call waits.
    OnTheLine(Box<RequestContext<RoleServer>>),
    /// Through an interim result.
    ByReturn,
    /// Only by the agent itself.
    ThroughTheAgent,
}

/// What asking led to.
pub(crate) enum Answer {
    Yes,
    No(Failure),
    /// The question is on its way, as the call's interim result.
    Pending(InputRequiredResult),
    /// Nobody can be asked from here.
    Nobody,
}

impl Person {
    /// Who can be asked, as the client says of itself.
    pub(crate) fn behind(context: &RequestContext<RoleServer>) -> Self {
        if !context.client_capabilities().as_ref().is_some_and(fills_in_forms) {
            Self::ThroughTheAgent
        } else if context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28) {
            Self::ByReturn
        } else {
            Self::OnTheLine(Box::new(context.clone()))
        }
    }

    /// Asks, and waits for the answer where it can be waited for.
    pub(crate) async fn ask(&self, question: &Question, masks: &Redaction) -> Answer {
        let text = masks.masked(&question.text).unwrap_or_else(|| question.text.clone());
        match self {
            Self::ThroughTheAgent => Answer::Nobody,
            Self::ByReturn => {
                let request = InputRequest::Elicitation(ElicitRequest::new(form(text)));
                let requests = BTreeMap::from([(QUESTION.to_owned(), request)]);
                Answer::Pending(InputRequiredResult::new(Some(requests), Some(question.token.clone())))
            }
            Self::OnTheLine(context) => {
                let asked = context.peer.create_elicitation_with_timeout(form(text), Some(PATIENCE));
                match asked.await {
                    Ok(answer) => heard(&answer),
                    Err(rmcp::ServiceError::Timeout { .. }) => {
                        Answer::No(unconfirmed("Nobody answered whether it may be created."))
                    }
                    // A client that promised more than it can do leaves the way through the agent.
                    Err(error) => {
                        tracing::warn!("the client could not ask for a confirmation: {error}");
                        Answer::Nobody
                    }
                }
            }
        }
    }
}

/// The arguments of a call, and the person's no. A call that repeats an earlier one with an answer carries the token of
/// the question.
pub(crate) fn arguments(request: CallToolRequestParams) -> (Map<String, Value>, Option<Failure>) {
    let mut arguments = request.arguments.unwrap_or_default();
    let answer = request.input_responses.and_then(|mut answers| answers.remove(QUESTION));
    if let Some((answer, token)) = answer.zip(request.request_state) {
        let answer = serde_json::from_value::<ElicitResult>(answer);
        match answer.map_or(Answer::Nobody, |answer| heard(&answer)) {
            Answer::No(failure) => {
                with_proof(&mut arguments, token);
                return (arguments, Some(failure));
            }
            Answer::Yes => with_proof(&mut arguments, token),
            // Not an answer: the question will be asked again.
            Answer::Nobody | Answer::Pending(_) => {}
        }
    }
    (arguments, None)
}

/// Adds the proof that the question was answered.
pub(crate) fn with_proof(arguments: &mut Map<String, Value>, token: String) {
    arguments.insert(ARGUMENT.to_owned(), token.into());
}

fn heard(answer: &ElicitResult) -> Answer {
    match answer.action {
        ElicitationAction::Accept => Answer::Yes,
        _ => Answer::No(unconfirmed("The person who was asked did not confirm it.")),
    }
}

fn unconfirmed(why: &str) -> Failure {
    let message =
        format!("The payment was not confirmed (BITNOVO_CONFIRM_OVER). {why} This call has created nothing.");
    Failure::new(Code::LimitExceeded, message)
        .outcome(Outcome::NotCreated)
        .detail("variable", "BITNOVO_CONFIRM_OVER")
        .next("Do not try again by yourself: ask the merchant what they want.")
}

/// A form without fields: sending it is the yes.
fn form(question: String) -> ElicitRequestParams {
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question,
        requested_schema: ElicitationSchema::new(BTreeMap::new()),
    }
}

/// A client that names neither form nor URL means forms: that is how the capability began.
fn fills_in_forms(client: &ClientCapabilities) -> bool {
    client.elicitation.as_ref().is_some_and(|can| can.form.is_some() || can.url.is_none())
}
