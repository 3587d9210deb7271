//! An OpenAPI document is written once; the typed client, the tool registry and the documentation table are made
//! from it here, so that they cannot disagree.

pub mod docs;
#[cfg(test)]
mod fixture;
#[cfg(feature = "sdk")]
pub mod generate;
pub mod registry;
#[cfg(feature = "sdk")]
pub mod sdk;
pub mod spec;
pub mod workspace;
#[cfg(feature = "sdk")]
pub mod write;
