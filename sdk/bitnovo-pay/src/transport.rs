//! How requests travel: encrypted, to one origin, within a time limit, with the device's header.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{
    Request, Response,
    header::{HeaderName, HeaderValue},
};

use payments_core::http::{self, ApiClock};

use crate::{Config, DeviceId, HttpRetry, Timeouts, answer::settle, generated, rows::reader::SharedSink};

const DEVICE_HEADER: HeaderName = HeaderName::from_static("x-device-id");

/// What the hooks of the generated client work with.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    device_id: DeviceId,
    timeouts: Timeouts,
    retry: HttpRetry,
    rows: Option<Rows>,
    clock: Arc<ApiClock>,
}

/// Where the rows of a list go.
#[derive(Clone)]
struct Rows(SharedSink);

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rows")
    }
}

/// Builds the client. It costs some milliseconds and a megabyte, so it is done on first use.
pub(crate) fn connect(config: &Config, clock: Arc<ApiClock>) -> reqwest::Result<generated::Client> {
    let transport = Transport {
        device_id: config.device_id.clone(),
        timeouts: config.timeouts,
        retry: config.retry,
        rows: None,
        clock,
    };
    Ok(generated::Client::new_with_client(config.base_url.as_str(), builder(config).build()?, transport))
}

fn builder(config: &Config) -> reqwest::ClientBuilder {
    let builder = http::client_builder()
        .user_agent(concat!("bitnovo-pay-rust/", env!("CARGO_PKG_VERSION")))
        // Retries are decided in one place only.
        .retry(reqwest::retry::never())
        // Another crate of the program may turn on HTTP/2, over which the upgrade to a WebSocket fails.
        .http1_only()
        .connect_timeout(config.timeouts.connect())
        // Below the idle limit of common servers and balancers: a create must not meet a connection that is closing.
        .pool_idle_timeout(Duration::from_secs(20))
        .https_only(!config.base_url.is_loopback());
    if config.base_url.is_loopback() { builder.no_proxy() } else { builder }
}

/// The same client, that makes one attempt only.
pub(crate) fn without_retries(client: &generated::Client) -> generated::Client {
    with_transport(client, Transport { retry: HttpRetry::NEVER, ..client.inner().clone() })
}

/// The same client for one list, whose rows go into `sink` while they arrive. What the generated code gets is an empty list:
/// so it builds the request and reads the status, and the rows are never held all at once.
pub(crate) fn streaming(client: &generated::Client, sink: SharedSink) -> generated::Client {
    with_transport(client, Transport { rows: Some(Rows(sink)), ..client.inner().clone() })
}

fn with_transport(client: &generated::Client, transport: Transport) -> generated::Client {
    generated::Client::new_with_client(client.baseurl(), client.client().clone(), transport)
}

impl ClientHooks<Transport> for generated::Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), generated::Error<E>> {
        let transport = self.inner();
        let mut device_id = HeaderValue::from_str(transport.device_id.expose())?;
        device_id.set_sensitive(true);
        let headers = request.headers_mut();
        headers.insert(DEVICE_HEADER, device_id);
        // The generator's own addition; this API knows no such header.
        headers.remove("api-version");
        let creates = !request.method().is_safe();
        let limit = if creates { transport.timeouts.create() } else { transport.timeouts.read() };
        *request.timeout_mut() = Some(limit);
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let transport = self.inner();
        // A closure of its own values: a future that borrows from an async closure is not `Send` for callers who spawn.
        let (client, device_id, rows) =
            (self.client().clone(), transport.device_id.clone(), transport.rows.clone());
        let clock = Arc::clone(&transport.clock);
        http::with_retries(transport.retry, request, move |request| {
            let (client, device_id, rows) = (client.clone(), device_id.clone(), rows.clone());
            let clock = Arc::clone(&clock);
            async move {
                let start = Instant::now();
                let answer = async {
                    let response = client.execute(request).await?;
                    clock.note(response.headers(), Utc::now());
                    settle(response, &device_id, rows.as_ref().map(|Rows(sink)| sink)).await
                };
                let answer = answer.await;
                http::note_request(start.elapsed());
                answer
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_stays_one_that_can_be_upgraded() {
        let lookup = |name: &str| {
            (name == "BITNOVO_DEVICE_ID").then(|| "12345678-aaaa-4bbb-8ccc-ddddeeee90ab".to_owned())
        };
        let config = Config::from_lookup(lookup).unwrap();
        let builder = format!("{:?}", builder(&config));
        assert!(builder.contains("http1_only: true"), "{builder}");
    }
}
