//! A confirmation that a person must give before a call can succeed.

/// The question for a person, and the token that proves the answer.
#[derive(Clone, Debug)]
pub(crate) struct ConfirmationRequest {
    pub(crate) text: String,
    pub(crate) token: String,
}

/// Why a person who was asked has not approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declined {
    /// The person declined, or closed the form.
    ByPerson,
    /// No answer came in time.
    TimedOut,
}
