//! What a tool call returns: a reply with its pictures, or a failure with its code.

pub(crate) mod code;
pub(crate) mod confirmation_request;
pub(crate) mod failure;
pub(crate) mod fields;
pub(crate) mod reply;
