//! The identity of one sale, equal in every process.

use sha2::{Digest as _, Sha256};

use crate::{
    Client, DeviceMark, Fingerprint, IdempotencyKey, InvalidRequest, ListedPayment, NewOrder, Payment,
    Unreadable, idempotency_marker::IdempotencyMarker,
};

/// One sale: a device, a key, and what was asked for under it. Equal for the order that is about to be created and for the
/// payment that the API lists, in every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SaleId([u8; 32]);

impl SaleId {
    fn of(device: &DeviceMark, key: &IdempotencyKey, request: Fingerprint) -> Self {
        let mut hash = Sha256::new();
        // Neither of the first two holds a space.
        hash.update(format!("{} {key} ", device.as_str()));
        hash.update(request.digest());
        Self(hash.finalize().into())
    }

    /// The identifier as bytes, to be compared and kept.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl Client {
    /// The sale that an order under this key is.
    ///
    /// # Errors
    /// When the order cannot be sent, because of an amount or a text outside its limits.
    pub fn sale_id(&self, order: &NewOrder, key: &IdempotencyKey) -> Result<SaleId, InvalidRequest> {
        Ok(SaleId::of(&self.config().device_id.mark(), key, order.fingerprint()?))
    }
}

impl Payment {
    /// The sale that the payment was created for, if it was created under a key.
    #[must_use]
    pub fn sale_id(&self) -> Option<SaleId> {
        let imprint = IdempotencyMarker::of(self)?;
        Some(SaleId::of(&imprint.device, &imprint.key, imprint.request))
    }
}

impl ListedPayment {
    /// The same for a row of the list.
    ///
    /// # Errors
    /// Why the field that would hold the key cannot be read.
    pub fn sale_id(&self) -> Result<Option<SaleId>, Unreadable> {
        let imprint = self.internal_data()?.and_then(|data| IdempotencyMarker::read(data));
        Ok(imprint.map(|imprint| SaleId::of(&imprint.device, &imprint.key, imprint.request)))
    }
}
