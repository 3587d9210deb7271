//! What keeps harm out of answers: secrets redacted, untrusted text cleaned, public addresses checked, digits kept.

pub(crate) mod exact_json;
pub(crate) mod public_address;
pub(crate) mod redaction;
pub(crate) mod surrogates;
pub(crate) mod untrusted_text;
