//! What can be shown of the product from outside, over the finished binary: one story per file.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the whole crate is a test, and a panic is how a test fails"
)]

mod amounts;
mod architecture;
mod asked_to_send;
mod bad_input;
mod checkout;
mod commands;
mod confirmations;
mod currencies;
mod demo;
mod demo_picture;
mod document;
mod documented_requests;
mod exactness;
mod fault_matrix;

mod faults;
mod faults_of_the_original;
mod hostile_texts;
mod hosts;
mod keys_with_limits;
mod languages;
mod lenient_arguments;
mod limits;
mod list_payments;
mod listen;
mod one_order;
mod orders;
mod protocol;
mod qr_codes;
mod readme;
mod real_clients;
mod regeneration;
mod sandbox;
mod sandbox_events;
mod secret_values;
mod secrets;
mod settlement;
mod shared_keys;
mod stdio;
mod stopping;
mod tunnels;
mod unreachable;
mod verdicts;
mod waiting;
mod webhook_commands;
mod webhook_tools;
