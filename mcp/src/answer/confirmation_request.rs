//! A question that stands between a call and its result.

/// What a person is to be asked, and what proves the answer.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) token: String,
}
