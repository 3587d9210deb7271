//! What the hooks of the generated client work with.

use secrecy::SecretString;

/// The key of the account.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    pub(super) key: SecretString,
}
