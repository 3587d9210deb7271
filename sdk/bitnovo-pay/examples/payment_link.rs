//! Creates a payment link of 5 EUR and prints it.
//!
//! ```sh
//! BITNOVO_DEVICE_ID=… BITNOVO_ENV=preproduction cargo run -p bitnovo-pay --example payment_link
//! ```
//!
//! Without an account: run `cargo run --release -- sandbox` first, and export what it prints.

#![expect(clippy::print_stdout, reason = "printing the link is what this example does")]

use bitnovo_pay::{Client, Fiat, NewOrder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let order = NewOrder::link("5.00".parse()?, Fiat::Eur).notes("Example");
    let created = client.orders_create(&order).await?;
    println!("{}", created.web_url.unwrap_or_default());

    let payment = client.orders_info(created.identifier).await?;
    println!("{} {}", payment.identifier, payment.verdict().as_str());
    Ok(())
}
