//! A confirmation that a person must give before a call can succeed.

/// The question for a person, and the token that proves the answer.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) token: String,
}
