//! The generated client with our transport.

use std::sync::Arc;

use payments_core::http::ApiClock;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{Request, Response};

use crate::{
    Config, generated,
    row_sink::SharedSink,
    transport::{self, Transport},
};

/// Builds the client. It costs some milliseconds and a megabyte, so it is done on first use.
pub(crate) fn connect(config: &Config, clock: Arc<ApiClock>) -> reqwest::Result<generated::Client> {
    let (client, transport) = (transport::builder(config).build()?, Transport::new(config, clock));
    Ok(generated::Client::new_with_client(config.base_url.as_str(), client, transport))
}

/// The same client, that makes one attempt only.
pub(crate) fn without_retries(client: &generated::Client) -> generated::Client {
    with_transport(client, client.inner().without_retries())
}

/// The same client for one list, whose rows go into `sink`.
pub(crate) fn streaming(client: &generated::Client, sink: SharedSink) -> generated::Client {
    with_transport(client, client.inner().streaming(sink))
}

fn with_transport(client: &generated::Client, transport: Transport) -> generated::Client {
    generated::Client::new_with_client(client.baseurl(), client.client().clone(), transport)
}

impl ClientHooks<Transport> for generated::Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), generated::Error<E>> {
        Ok(self.inner().prepare(request)?)
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        self.inner().send(self.client(), request).await
    }
}
