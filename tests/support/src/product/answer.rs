//! The result of `tools/call`, held to the form that the contract gives to successes and to errors.

use serde_json::{Map, Value};

/// The result of `tools/call`.
#[derive(Clone, Debug)]
pub struct Answer(pub Value);

impl Answer {
    pub fn of(answer: &Value) -> Self {
        assert!(answer.get("result").is_some(), "a tool's result was expected, not {answer}");
        Self(answer["result"].clone())
    }

    pub fn is_error(&self) -> bool {
        self.0["isError"] == true
    }

    pub fn content(&self) -> &[Value] {
        self.0["content"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The text blocks, in their order.
    pub fn texts(&self) -> Vec<&str> {
        self.content().iter().filter_map(|block| block["text"].as_str()).collect()
    }

    /// The PNG files among the content.
    pub fn images(&self) -> Vec<&str> {
        let images = self.content().iter().filter(|block| block["type"] == "image");
        images
            .map(|block| {
                assert_eq!(block["mimeType"], "image/png");
                block["data"].as_str().unwrap()
            })
            .collect()
    }

    pub fn done(&self, what: &str) -> Value {
        assert!(!self.is_error(), "{what} failed: {}", self.0);
        let structured = self.0.get("structuredContent").unwrap_or_else(|| panic!("{what}: {}", self.0));
        structured.clone()
    }

    /// The error, after holding its form to the contract.
    pub fn refused(&self, what: &str) -> Value {
        assert!(self.is_error(), "{what} should have been refused: {}", self.0);
        assert_eq!(self.0.get("structuredContent"), None, "{what}: {}", self.0);
        assert_eq!(self.content().len(), 1, "{what}: {}", self.0);
        let body: Map<String, Value> = serde_json::from_str(self.texts()[0]).unwrap();
        let error = body["error"].clone();
        for field in ["code", "message", "next_action"] {
            assert!(
                error[field].as_str().is_some_and(|text| !text.is_empty()),
                "{what}: no {field} in {error}"
            );
        }
        assert!(error["retryable"].is_boolean(), "{what}: {error}");
        error
    }
}
