//! A device that was registered.

use crate::DeviceId;

/// A device that was registered. Keep its identifier: the API returns it only once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Device {
    /// The name it was given.
    pub name: String,
    /// Its key, for the requests it will make. It prints masked.
    pub identifier: DeviceId,
}
