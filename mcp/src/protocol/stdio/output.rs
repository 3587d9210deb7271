//! Messages of ours on stdout, with the ids and progress tokens that the client has chosen.

use std::{collections::BTreeMap, io, sync::Arc};

use rmcp::model::{ErrorData, RequestId, ServerJsonRpcMessage, ServerNotification};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt as _},
    sync::Mutex,
};
use tokio_util::sync::CancellationToken;

use super::in_flight::{Id, InFlight, Request};

pub(super) struct Output<W> {
    writer: Mutex<W>,
    in_flight: Arc<InFlight>,
    /// The output has no reader.
    broken: CancellationToken,
}

#[derive(Serialize)]
struct Answer<'a, T> {
    jsonrpc: &'static str,
    id: Option<&'a RawValue>,
    #[serde(flatten)]
    outcome: Outcome<'a, T>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<'a, T> {
    Result(T),
    Error(&'a ErrorData),
}

impl<W: AsyncWrite + Unpin> Output<W> {
    pub(super) fn new(writer: W, in_flight: Arc<InFlight>, broken: CancellationToken) -> Self {
        Self { writer: Mutex::new(writer), in_flight, broken }
    }

    /// Writes a message of the library. An answer that is not awaited any more is dropped.
    pub(super) async fn send(&self, message: ServerJsonRpcMessage) -> io::Result<()> {
        match message {
            ServerJsonRpcMessage::Response(response) => {
                let Some(request) = self.answered(&response.id) else { return Ok(()) };
                self.answer(Some(&request.id), Outcome::Result(response.result)).await
            }
            ServerJsonRpcMessage::Error(error) => {
                let Some(request) = error.id.as_ref().and_then(|id| self.answered(id)) else { return Ok(()) };
                self.refuse(Some(&request.id), &error.error).await
            }
            ServerJsonRpcMessage::Notification(notification) => {
                let token = match &notification.notification {
                    ServerNotification::ProgressNotification(progress) => {
                        match &progress.params.progress_token.0 {
                            RequestId::Number(number) => self.in_flight.progress_token(*number),
                            RequestId::String(_) => None,
                        }
                    }
                    _ => return self.write(serde_json::to_vec(&notification)?).await,
                };
                let Some(token) = token else { return Ok(()) };
                let mut message: BTreeMap<String, Box<RawValue>> = members(&notification)?;
                if let Some(params) = message.get_mut("params") {
                    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(params.get())?;
                    members.insert("progressToken".into(), token.raw().to_owned());
                    *params = serde_json::value::to_raw_value(&members)?;
                }
                self.write(serde_json::to_vec(&message)?).await
            }
            request @ ServerJsonRpcMessage::Request(_) => self.write(serde_json::to_vec(&request)?).await,
        }
    }

    /// Answers with an error.
    pub(super) async fn refuse(&self, id: Option<&Id>, error: &ErrorData) -> io::Result<()> {
        self.answer(id, Outcome::<()>::Error(error)).await
    }

    async fn answer<T: Serialize>(&self, id: Option<&Id>, outcome: Outcome<'_, T>) -> io::Result<()> {
        let answer = Answer { jsonrpc: "2.0", id: id.map(Id::raw), outcome };
        self.write(serde_json::to_vec(&answer)?).await
    }

    /// The request that is answered, which goes on taking its place until the answer is written.
    fn answered(&self, id: &RequestId) -> Option<Request> {
        match id {
            RequestId::Number(number) => self.in_flight.end(*number),
            RequestId::String(_) => None,
        }
    }

    async fn write(&self, mut message: Vec<u8>) -> io::Result<()> {
        message.push(b'\n');
        let mut writer = self.writer.lock().await;
        let written = async {
            writer.write_all(&message).await?;
            writer.flush().await
        };
        written.await.inspect_err(|_| self.broken.cancel())
    }
}

fn members(message: &impl Serialize) -> serde_json::Result<BTreeMap<String, Box<RawValue>>> {
    serde_json::from_str(&serde_json::to_string(message)?)
}
