//! Everything that a real backend draws at random comes from one seed here, so that a run can be repeated.

use sha2::{Digest, Sha256};
use uuid::Uuid;

#[derive(Clone, Copy)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    /// 32 bytes that depend on the seed, on what they are for, and on which one of those is asked for.
    pub(crate) fn bytes(self, purpose: &str, which: &[u8]) -> [u8; 32] {
        Sha256::new()
            .chain_update(self.0.to_be_bytes())
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(which)
            .finalize()
            .into()
    }

    /// A number below 2^32.
    pub(crate) fn number(self, purpose: &str, which: &[u8]) -> u32 {
        let [first, second, third, fourth, ..] = self.bytes(purpose, which);
        u32::from_be_bytes([first, second, third, fourth])
    }

    pub(crate) fn uuid(self, purpose: &str, which: u64) -> Uuid {
        let bytes = self.bytes(purpose, &which.to_be_bytes());
        let mut random = [0; 16];
        random.iter_mut().zip(bytes).for_each(|(target, source)| *target = source);
        uuid::Builder::from_random_bytes(random).into_uuid()
    }
}
