//! Bitnovo Pay as a provider of tools.

mod arguments;
mod backend;
pub(crate) mod catalogue;
pub(crate) mod checkout_page;
pub(crate) mod context;
pub(crate) mod currency;
pub(crate) mod customer_message;
pub(crate) mod day_orders;
pub(crate) mod dropped_create;
pub(crate) mod duplicates;
pub(crate) mod errors;
pub(crate) mod fields;
#[cfg(test)]
mod odd_answers;
pub(crate) mod order;
pub(crate) mod payment_reader;
pub(crate) mod payment_view;
pub(crate) mod qr_image;
pub(crate) mod qr_payload;
pub(crate) mod sandbox_control;
#[cfg(test)]
mod test_server;
pub(crate) mod texts;
pub(crate) mod tools;
mod upstream;
pub(crate) mod webhook_provider;
pub(crate) mod withheld;
