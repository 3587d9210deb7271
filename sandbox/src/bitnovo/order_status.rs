//! The status codes of a payment.

use std::fmt;

/// The status codes that the simulation reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderStatus {
    NR,
    PE,
    AC,
    IA,
    CO,
    OC,
    EX,
    CA,
    RF,
    FA,
}

impl OrderStatus {
    pub(crate) const ALL: [Self; 10] =
        [Self::NR, Self::PE, Self::AC, Self::IA, Self::CO, Self::OC, Self::EX, Self::CA, Self::RF, Self::FA];
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}
