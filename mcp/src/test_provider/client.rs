//! How requests reach the provider: with a bearer token.

use std::time::Instant;

use payments_core::http;
use progenitor_client::{ClientHooks, ClientInfo as _, OperationInfo};
use reqwest::{
    Request, Response,
    header::{AUTHORIZATION, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::test_provider::generated;
use crate::test_provider::transport::Transport;

pub(crate) use crate::test_provider::generated::{Client, Error, types};

pub(super) fn connect(base_url: &str, key: SecretString) -> Client {
    let http = http::client_builder().no_proxy().build().unwrap();
    Client::new_with_client(base_url, http, Transport { key })
}

impl ClientHooks<Transport> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), generated::Error<E>> {
        let mut token = HeaderValue::from_str(&format!("Bearer {}", self.inner().key.expose_secret()))?;
        token.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, token);
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let start = Instant::now();
        let answer = self.client().execute(request).await;
        http::note_request(start.elapsed());
        answer
    }
}
