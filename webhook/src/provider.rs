//! Which payment provider something belongs to.

use std::fmt;

/// A payment provider. Schemes, events, queries and counts carry it, so that no code has to assume one.
///
/// `Display` writes the name.
///
/// ```
/// use payments_webhook::scheme::bitnovo;
///
/// assert_eq!(bitnovo::PROVIDER.id, "bitnovo");
/// assert_eq!(bitnovo::PROVIDER.to_string(), "Bitnovo Pay");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Provider {
    /// The key of everything that is kept for the provider: lower-case letters, digits and hyphens. Event stores and
    /// idempotency markers hold it, so it never changes.
    pub id: &'static str,
    /// The name for people.
    pub name: &'static str,
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}
