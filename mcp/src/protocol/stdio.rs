//! MCP over stdin and stdout: between a client's lines and the library that serves them.
//!
//! The library ends the session for what it does not expect, keeps what a client does not read, and knows ids that an
//! integer holds. So each line is checked, bounded and, where it makes no sense, answered here, before the library sees it.

mod closed;
mod in_flight;
mod lines;
mod message;
mod output;
mod params;

use std::{io, pin::pin, sync::Arc};

use futures::future::{FusedFuture as _, FutureExt as _};
use rmcp::{
    RoleServer,
    model::{
        CancelledNotificationParam, ClientJsonRpcMessage, ErrorData, GetExtensions as _, Notification,
        ProtocolVersion, RequestId, ServerJsonRpcMessage,
    },
    transport::{StdioReader, StdioWriter, Transport, stdio_pipes},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use self::{
    in_flight::{Id, InFlight},
    lines::{LONGEST, Line, Lines},
    message::{Message, Request},
    output::Output,
};

/// The client at the other end of stdin and stdout.
pub(crate) struct Stdio<W = StdioWriter> {
    messages: mpsc::Receiver<ClientJsonRpcMessage>,
    output: Arc<Output<W>>,
    /// No more requests are taken.
    stopping: CancellationToken,
    _reading: AbortOnDropHandle<()>,
}

impl Stdio {
    /// Begins to read. `gone` is cancelled when the input ends, or the output has no reader; once `stopping` is
    /// cancelled, no more is taken.
    pub(crate) fn open(gone: CancellationToken, stopping: CancellationToken) -> Self {
        let (stdin, stdout): (StdioReader, StdioWriter) = stdio_pipes();
        let ends = Ends { stdin: closed::closed(io::stdin()), stdout: closed::closed(io::stdout()) };
        Self { stopping, ..Self::over(stdin, stdout, ends, gone) }
    }
}

impl<W: AsyncWrite + Send + Unpin + 'static> Stdio<W> {
    fn over(
        input: impl AsyncRead + Send + Unpin + 'static,
        output: W,
        closed: Ends<impl Future<Output = ()> + Send + 'static, impl Future<Output = ()> + Send + 'static>,
        gone: CancellationToken,
    ) -> Self {
        let in_flight = Arc::new(InFlight::new());
        let broken = CancellationToken::new();
        let output = Arc::new(Output::new(output, Arc::clone(&in_flight), broken.clone()));
        // One message waits at most: what is not worked on stays in the client's pipe.
        let (sender, messages) = mpsc::channel(1);
        let mut desk =
            Desk { in_flight, output: Arc::clone(&output), messages: sender, gone, is_introduced: false };
        let reading = tokio::spawn(async move {
            tokio::select! {
                biased;
                // First: an order whose answer has no reader must not be created.
                () = closed.stdout => tracing::warn!("the client has closed stdout: no more requests are taken"),
                () = broken.cancelled() => tracing::warn!("stdout cannot be written: no more requests are taken"),
                () = desk.read_all(Lines::of(input), closed.stdin) => {}
            }
            desk.gone.cancel();
        });
        let stopping = CancellationToken::new();
        Self { messages, output, stopping, _reading: AbortOnDropHandle::new(reading) }
    }
}

impl<W: AsyncWrite + Send + Unpin + 'static> Transport<RoleServer> for Stdio<W> {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let output = Arc::clone(&self.output);
        async move { output.send(message).await }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        self.stopping.run_until_cancelled(self.messages.recv()).await.flatten()
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Signals that the client has closed its end of a pipe, although nothing is read from it or written to it.
struct Ends<In, Out> {
    stdin: In,
    stdout: Out,
}

/// Where lines come in.
struct Desk<W> {
    in_flight: Arc<InFlight>,
    output: Arc<Output<W>>,
    messages: mpsc::Sender<ClientJsonRpcMessage>,
    gone: CancellationToken,
    /// Whether the client has begun with `initialize`.
    is_introduced: bool,
}

impl<W: AsyncWrite + Unpin> Desk<W> {
    /// Takes lines in until the input ends, or until the answers have no reader.
    async fn read_all(&mut self, mut lines: Lines<impl AsyncRead + Unpin>, closed: impl Future<Output = ()>) {
        let gone = self.gone.clone();
        let mut closed = pin!(closed.fuse());
        loop {
            let line = match lines.next().await {
                Ok(Some(line)) => line,
                Ok(None) => return,
                Err(error) => return tracing::error!("stdin cannot be read: {error}"),
            };
            let mut taken = pin!(self.take_in(line));
            let taken = loop {
                tokio::select! {
                    biased;
                    taken = &mut taken => break taken,
                    // The end of the input cannot be read while a line before it waits for its turn.
                    () = &mut closed, if !closed.is_terminated() => gone.cancel(),
                }
            };
            if taken.is_none() {
                return;
            }
        }
    }

    /// Takes one line in; `None` when the session has ended.
    async fn take_in(&mut self, line: Line) -> Option<()> {
        let line = match line {
            Line::Whole(line) => line,
            Line::TooLong(beginning) => {
                let message = format!("The message is longer than {LONGEST} bytes.");
                let error = ErrorData::invalid_request(message, None);
                return self.refuse(message::id_in(&beginning).as_ref(), &error).await;
            }
        };
        match message::read(&line) {
            Message::Request(request) => self.begin(request).await,
            Message::Cancelled { id, reason } => {
                let Some(number) = self.in_flight.number(&id) else { return Some(()) };
                drop(self.in_flight.end(number));
                let param = CancelledNotificationParam::new(Some(RequestId::Number(number)), reason);
                self.messages
                    .send(ClientJsonRpcMessage::notification(Notification::new(param).into()))
                    .await
                    .ok()
            }
            Message::Answer(answer) => self.messages.send(*answer).await.ok(),
            Message::Refused { id, error } => self.refuse(id.as_ref(), &error).await,
            Message::Nothing => Some(()),
        }
    }

    async fn begin(&mut self, request: Request) -> Option<()> {
        if let Some(error) = self.objection(&request) {
            return self.refuse(Some(&request.id), &error).await;
        }
        self.is_introduced |= request.method == "initialize";
        let slot = self.in_flight.slot().await?;
        let (id, progress_token) = (request.id.clone(), request.progress_token.clone());
        let number =
            self.in_flight.begin(in_flight::Request { id, progress_token, _slot: Arc::clone(&slot) });
        match request.into_message(number) {
            Ok(mut message) => {
                if let ClientJsonRpcMessage::Request(request) = &mut message {
                    // Given back when the work has ended, even if its answer is not awaited any more.
                    request.request.extensions_mut().insert(slot);
                }
                self.messages.send(message).await.ok()
            }
            Err(error) => {
                let request = self.in_flight.end(number)?;
                self.refuse(Some(&request.id), &error).await
            }
        }
    }

    /// Why a request is refused, if it is.
    fn objection(&self, request: &Request) -> Option<ErrorData> {
        if self.in_flight.number(&request.id).is_some() {
            let message = "A request with this id is still being worked on: each needs an id of its own.";
            return Some(ErrorData::invalid_request(message, None));
        }
        let begins = ["initialize", "ping", "server/discover"].contains(&request.method.as_str());
        if self.is_introduced || begins || request.names_revision() {
            return None;
        }
        let message = format!(
            "Send initialize first. From revision {} on, params._meta says instead who asks: \
             io.modelcontextprotocol/protocolVersion is missing there.",
            ProtocolVersion::NO_INITIALIZE
        );
        Some(ErrorData::invalid_params(message, None))
    }

    async fn refuse(&self, id: Option<&Id>, error: &ErrorData) -> Option<()> {
        self.output.refuse(id, error).await.ok()
    }
}

#[cfg(test)]
mod tests;
