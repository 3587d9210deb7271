//! The result of a tool call that succeeded.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use payments_core::Language;
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::answer::failure::{Code, Failure};
use crate::safety::redaction::Redaction;
use crate::safety::untrusted_text::{reveal, visible};

/// A picture that is shown beside the result.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    /// A finished PNG file.
    pub(crate) png: Vec<u8>,
}

impl Picture {
    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(&self.png)
    }

    pub(crate) fn data_uri(&self) -> String {
        format!("data:image/png;base64,{}", self.base64())
    }
}

/// The typed answer of one tool.
#[derive(Debug)]
pub(crate) struct Reply<Output> {
    output: Output,
    summary: String,
    pictures: Vec<Picture>,
    warnings: Vec<String>,
}

impl<Output: Serialize> Reply<Output> {
    /// `summary` is shown before the JSON and can be given to a customer as it is.
    pub(crate) fn new(output: Output, summary: impl Into<String>) -> Self {
        Self { output, summary: summary.into(), pictures: Vec::new(), warnings: Vec::new() }
    }

    pub(crate) fn pictures(mut self, pictures: Vec<Picture>) -> Self {
        self.pictures = pictures;
        self
    }

    pub(crate) fn warnings(mut self, warnings: Vec<String>) -> Self {
        self.warnings = warnings;
        self
    }

    pub(crate) fn into_answer(self) -> Result<Answer, Failure> {
        match serde_json::to_value(&self.output) {
            Ok(Value::Object(mut structured)) => {
                if !self.warnings.is_empty() {
                    structured.insert("warnings".into(), self.warnings.into());
                }
                Ok(Answer { structured, summary: self.summary, pictures: self.pictures })
            }
            _ => Err(Failure::new(
                Code::ApiError,
                "Cannot write the result as JSON: this is a defect in this server.",
            )),
        }
    }
}

/// The answer of any tool, ready for the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) structured: Map<String, Value>,
    pub(crate) summary: String,
    pub(crate) pictures: Vec<Picture>,
}

impl Answer {
    /// The payment that the answer is about.
    pub(crate) fn identifier(&self) -> Option<&str> {
        self.structured.get("identifier").and_then(Value::as_str)
    }
}

/// Puts an answer or a failure into the form of the protocol: text for people, the JSON for programs, pictures.
///
/// A failure carries no `structuredContent`: older TypeScript clients check it against the tool's output schema and
/// throw, and the caller would never see the error.
pub(crate) fn into_result(
    result: Result<Answer, Failure>,
    language: Language,
    sandbox: bool,
    redaction: &Redaction,
) -> CallToolResult {
    match result {
        Ok(Answer { mut structured, summary, pictures }) => {
            if sandbox {
                structured.insert("sandbox".into(), true.into());
            }
            let mut structured = Value::Object(structured);
            // Revealed first: a secret may have been kept apart by what cannot be seen.
            reveal(&mut structured);
            let mut summary = visible(&summary);
            redaction.apply_to_answer(&mut structured, &mut [&mut summary]);
            let mut content = vec![ContentBlock::text(summary), ContentBlock::text(structured.to_string())];
            content.extend(pictures.iter().map(|picture| ContentBlock::image(picture.base64(), "image/png")));
            let mut result = CallToolResult::success(content);
            result.structured_content = Some(structured);
            result
        }
        Err(failure) => {
            let mut body = failure.in_language(language).to_json();
            if sandbox && let Some(body) = body.as_object_mut() {
                body.insert("sandbox".into(), true.into());
            }
            reveal(&mut body);
            redaction.apply(&mut body);
            CallToolResult::error(vec![ContentBlock::text(body.to_string())])
        }
    }
}
