//! A shop that is notified of its payments through webhooks: `cargo run -p payments-webhook --features server --example shop`.
//!
//! It prints a command that sends it a signed webhook. Sent once it is accepted, sent twice it is refused, and after 20
//! seconds it is stale.
#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{error::Error, time::SystemTime};

use axum::{Router, extract::FromRef, routing::post};
use payments_webhook::{
    extractor::{AcceptedEvent, VerifiedEvent, Verifier},
    scheme::bitnovo::{self, Bitnovo, Notification, Secret},
};
use tokio::net::TcpListener;

/// An invented secret; a shop reads its own from where it keeps secrets.
const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";

#[derive(Clone)]
struct Shop {
    webhooks: Verifier,
}

impl FromRef<Shop> for Verifier {
    fn from_ref(shop: &Shop) -> Self {
        shop.webhooks.clone()
    }
}

/// No request gets here without the secret, late, or twice.
async fn payment_changed(event: VerifiedEvent) -> AcceptedEvent {
    // A webhook is a hint: before anything is shipped, the payment is read from the API.
    let notification = Notification::of(&event).unwrap_or_default();
    println!("{}: {notification:?}", event.event_id());
    // From here on the same request is a replay. An event that is dropped instead can be delivered again.
    event.accept()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let scheme = Bitnovo::new(vec![SECRET.parse()?])?;
    let shop = Shop { webhooks: Verifier::new(scheme, SystemTime::now) };
    let app = Router::new().route(bitnovo::PATH, post(payment_changed)).with_state(shop);

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", signed_command(&listener.local_addr()?.to_string())?);
    // Open to the internet, a shop puts limits and deadlines around this, as `payments_webhook::server` has them.
    axum::serve(listener, app).await?;
    Ok(())
}

fn signed_command(address: &str) -> Result<String, Box<dyn Error>> {
    let secret: Secret = SECRET.parse()?;
    let body =
        r#"{"identifier": "1040095a-737d-41a2-a2e1-d031d19ec8cd", "status": "CO", "fiat_amount": 100.0}"#;
    let nonce = bitnovo::nonce(SystemTime::now());
    let signature = bitnovo::sign(&secret, &nonce, body.as_bytes());
    let path = bitnovo::PATH;
    Ok(format!(
        "curl -i http://{address}{path} -H 'X-NONCE: {nonce}' -H 'X-SIGNATURE: {signature}' -d '{body}'"
    ))
}
