//! An OpenAPI document is written once; the typed client, the tool registry and the documentation table are made
//! from it here, so that they cannot disagree.

#[cfg(feature = "sdk")]
pub mod docs;
#[cfg(feature = "sdk")]
#[cfg(test)]
mod fixture;
#[cfg(feature = "sdk")]
pub mod generate;
pub mod registry;
#[cfg(feature = "sdk")]
pub mod sdk;
#[cfg(feature = "sdk")]
pub mod spec;
#[cfg(feature = "sdk")]
pub mod workspace;
#[cfg(feature = "sdk")]
pub mod write;
