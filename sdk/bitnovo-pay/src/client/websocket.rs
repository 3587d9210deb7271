//! The API's WebSocket, which announces changes of one payment. When it fails, reading goes on without it.

use std::time::Duration;

use futures::StreamExt as _;
use payments_core::wait::{ChangeListener, ReadBudget, Urgency};
use reqwest::{
    StatusCode, Upgraded,
    header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::{client::generate_key, derive_accept_key},
        protocol::{Message, Role, WebSocketConfig},
    },
};
use uuid::Uuid;

use crate::{Client, single_payment::OnePayment, wait::Payments};

/// A payment takes two kilobytes.
const LARGEST_MESSAGE: usize = 64 * 1024;

/// The pause before a broken connection is opened again.
const PAUSE: Duration = Duration::from_secs(5);

/// Listens for as long as the API answers, and again when a connection breaks that had announced something.
pub(super) async fn listen(
    client: &Client,
    identifier: Uuid,
    listener: &ChangeListener<Payments>,
    budget: &ReadBudget,
) {
    listener.first_read().await;
    while let Some(mut socket) = connect(client, identifier, budget).await {
        let mut announced = false;
        while let Some(Ok(message)) = socket.next().await {
            if let Some(OnePayment(payment)) = read(&message)
                && payment.identifier == identifier
            {
                announced = true;
                listener.announce(&payment);
            }
        }
        listener.close();
        if !announced {
            break;
        }
        sleep(PAUSE).await;
    }
    tracing::debug!(%identifier, "the API's WebSocket announces nothing; the payment is read at intervals");
}

/// The handshake is made with the client's own connections, so that the same rules of TLS hold. It carries no device
/// id: the API wants none here, and the identifier of a payment is no secret between it and us.
async fn connect(
    client: &Client,
    identifier: Uuid,
    budget: &ReadBudget,
) -> Option<WebSocketStream<Upgraded>> {
    // To the API's limit a handshake is a request like any other.
    budget.turn(Urgency::Routine).await;
    let url = format!("{}/ws/{identifier}", client.config().base_url);
    let key = generate_key();
    let request = client
        .http()
        .await
        .ok()?
        .get(url)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key);
    let shaking = async {
        let response = request.send().await.ok()?;
        let agreed = response.status() == StatusCode::SWITCHING_PROTOCOLS
            && response.headers().get(SEC_WEBSOCKET_ACCEPT)?.as_bytes()
                == derive_accept_key(key.as_bytes()).as_bytes();
        if agreed { response.upgrade().await.ok() } else { None }
    };
    let connection = timeout(client.config().timeouts.read(), shaking).await.ok()??;
    let limits = WebSocketConfig::default()
        .max_message_size(Some(LARGEST_MESSAGE))
        .max_frame_size(Some(LARGEST_MESSAGE));
    Some(WebSocketStream::from_raw_socket(connection, Role::Client, Some(limits)).await)
}

fn read(message: &Message) -> Option<OnePayment> {
    serde_json::from_str(message.to_text().ok()?).ok()
}
