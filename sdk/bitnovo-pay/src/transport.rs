//! How requests travel: encrypted, to one origin, within a time limit, with the device's header.

use std::{fmt, sync::Arc, time::Instant};

use chrono::Utc;
use payments_core::http::{self, ApiClock};
use reqwest::{
    Request, Response,
    header::{HeaderName, HeaderValue, InvalidHeaderValue},
};

use crate::{Config, DeviceId, HttpRetry, Timeouts, answer::settle, row_sink::SharedSink};

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

/// The connections of a client.
pub(crate) fn builder(config: &Config) -> reqwest::ClientBuilder {
    let user_agent = concat!("bitnovo-pay-rust/", env!("CARGO_PKG_VERSION"));
    // Another crate of the program may turn on HTTP/2, over which the upgrade to a WebSocket fails.
    http::api_client_builder(user_agent, config.timeouts, config.base_url.is_loopback()).http1_only()
}

impl Transport {
    pub(crate) fn new(config: &Config, clock: Arc<ApiClock>) -> Self {
        let Config { device_id, timeouts, retry, .. } = config.clone();
        Self { device_id, timeouts, retry, rows: None, clock }
    }

    /// The same with one attempt only.
    pub(crate) fn without_retries(&self) -> Self {
        Self { retry: HttpRetry::NEVER, ..self.clone() }
    }

    /// The same for one list, whose rows go into `sink` while they arrive. What the generated code gets is an empty list:
    /// so it builds the request and reads the status, and the rows are never held all at once.
    pub(crate) fn streaming(&self, sink: SharedSink) -> Self {
        Self { rows: Some(Rows(sink)), ..self.clone() }
    }

    pub(crate) fn prepare(&self, request: &mut Request) -> Result<(), InvalidHeaderValue> {
        let mut device_id = HeaderValue::from_str(self.device_id.expose())?;
        device_id.set_sensitive(true);
        let headers = request.headers_mut();
        headers.insert(DEVICE_HEADER, device_id);
        // The generator's own addition; this API knows no such header.
        headers.remove("api-version");
        let creates = !request.method().is_safe();
        let limit = if creates { self.timeouts.create() } else { self.timeouts.read() };
        *request.timeout_mut() = Some(limit);
        Ok(())
    }

    pub(crate) async fn send(&self, client: &reqwest::Client, request: Request) -> reqwest::Result<Response> {
        // A closure of its own values: a future that borrows from an async closure is not `Send` for callers who spawn.
        let (client, device_id, rows) = (client.clone(), self.device_id.clone(), self.rows.clone());
        let clock = Arc::clone(&self.clock);
        http::with_retries(self.retry, request, move |request| {
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
