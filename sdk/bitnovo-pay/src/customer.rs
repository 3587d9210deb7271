//! The customer, as far as the merchant names one.

use std::fmt;

/// The customer. Every field is optional; the API limits the length of each.
///
/// It prints nothing of its content, so that personal data does not end up in logs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Customer {
    /// At most 48 characters.
    pub full_name: Option<String>,
    /// At most 128 characters.
    pub email: Option<String>,
    /// At most 15 characters.
    pub phone_number: Option<String>,
    /// At most 12 characters.
    pub tax_number: Option<String>,
    /// At most 256 characters.
    pub street: Option<String>,
    /// At most 56 characters.
    pub house_number: Option<String>,
    /// At most 64 characters.
    pub address_additional: Option<String>,
    /// At most 28 characters.
    pub city: Option<String>,
    /// At most 28 characters.
    pub province: Option<String>,
    /// At most 12 characters.
    pub postal_code: Option<String>,
    /// Two letters.
    pub country: Option<String>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer").finish_non_exhaustive()
    }
}
