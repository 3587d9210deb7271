//! A small MCP client of our own over the server's stdin and stdout. It holds every line of stdout to JSON-RPC.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    answer::Answer,
    process::{DEADLINE, binary, command, terminate, wait},
};

/// How a client talks: the last revision with a handshake, or the first without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revision {
    /// `initialize` first.
    Handshake,
    /// No session: each request says who asks.
    Stateless,
}

impl Revision {
    pub const ALL: [Self; 2] = [Self::Handshake, Self::Stateless];

    pub fn date(self) -> &'static str {
        match self {
            Self::Handshake => "2025-11-25",
            Self::Stateless => "2026-07-28",
        }
    }
}

/// A running server and the client's end of its pipes.
pub struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
    revision: Revision,
    capabilities: Value,
    id: u64,
}

impl Session {
    /// A server whose client has a person behind it: it can show a form and send back what the person says.
    pub fn with_person(revision: Revision, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut session = Self::spawn(revision, arguments, environment);
        session.capabilities = json!({ "elicitation": { "form": {} } });
        if revision == Revision::Handshake {
            session.initialize();
        }
        session
    }

    /// Starts a server and, where the revision has one, completes the handshake.
    pub fn start(revision: Revision, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut session = Self::spawn(revision, arguments, environment);
        if revision == Revision::Handshake {
            session.initialize();
        }
        session
    }

    /// A server that has been sent nothing yet.
    pub fn spawn(revision: Revision, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut session = Self::spawn_without_log(revision, arguments, environment);
        session.read_log();
        session
    }

    /// A server whose client does not read the log, as the protocol allows.
    pub fn start_without_log(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut session = Self::spawn_without_log(Revision::Handshake, arguments, environment);
        session.initialize();
        session
    }

    fn spawn_without_log(revision: Revision, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = command(binary())
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                // The receiver is gone once the test is over.
                let _ = sender.send(line.unwrap());
            }
        });
        let stdin = child.stdin.take();
        Self { child, stdin, lines, stderr: None, revision, capabilities: json!({}), id: 0 }
    }

    /// From now on the log is read.
    fn read_log(&mut self) {
        let mut log = self.child.stderr.take().unwrap();
        self.stderr = Some(thread::spawn(move || {
            let mut bytes = Vec::new();
            log.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        }));
    }

    /// The server's process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// On the sandbox inside the server.
    pub fn on_sandbox() -> Self {
        Self::start(Revision::Handshake, &["--sandbox"], &[])
    }

    pub fn initialize(&mut self) -> Value {
        let hello = json!({
            "protocolVersion": self.revision.date(),
            "capabilities": self.capabilities,
            "clientInfo": { "name": "integration-tests", "version": "1" },
        });
        let answer = self.request("initialize", hello)["result"].clone();
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        answer
    }

    /// Writes one line, whatever it holds.
    pub fn send(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(line.as_bytes()).unwrap();
        stdin.write_all(b"\n").unwrap();
        stdin.flush().unwrap();
    }

    /// Sends a request without waiting; gives its id.
    pub fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        self.id += 1;
        if self.revision == Revision::Stateless {
            // Indexing keeps what a test has put there.
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(self.revision.date());
            params["_meta"]["io.modelcontextprotocol/clientInfo"] =
                json!({ "name": "integration-tests", "version": "1" });
            params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = self.capabilities.clone();
        }
        self.send(
            &json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": params }).to_string(),
        );
        self.id
    }

    /// Calls a tool without waiting; gives the id of the call.
    pub fn begin_call(&mut self, tool: &str, arguments: &Value) -> u64 {
        self.begin("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// Cancels a call.
    pub fn cancel(&mut self, call: u64) {
        let params = json!({ "requestId": call, "reason": "The customer left." });
        let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params });
        self.send(&cancelled.to_string());
    }

    /// The next message of the server.
    pub fn receive(&mut self) -> Value {
        message(&self.receive_line())
    }

    /// The same as it stood on stdout.
    pub fn receive_line(&mut self) -> String {
        self.lines.recv_timeout(DEADLINE).expect("the server should have answered")
    }

    /// Answers a request of the server.
    pub fn answer(&mut self, request: &Value, result: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }).to_string());
    }

    /// Sends a request and gives the whole answer, which may be an error.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        let answer = self.receive();
        assert_eq!(answer["id"], id, "the answer to {method} was expected, not {answer}");
        answer
    }

    /// Calls a tool; fails on a protocol error.
    pub fn call(&mut self, tool: &str, arguments: Value) -> Answer {
        let answer = self.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        Answer::of(&answer)
    }

    /// Calls a tool that must succeed.
    pub fn done(&mut self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments.clone()).done(&format!("{tool} {arguments}"))
    }

    /// Calls a tool that must fail; gives what stands under `error`.
    pub fn refused(&mut self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments.clone()).refused(&format!("{tool} {arguments}"))
    }

    pub fn tools(&mut self) -> Vec<Value> {
        let answer = self.request("tools/list", json!({}));
        answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("no tools in {answer}")).clone()
    }

    /// Closes stdin and waits for the end.
    pub fn close(mut self) -> Ended {
        self.stdin = None;
        self.end()
    }

    /// Sends SIGTERM and waits for the end, with stdin still open.
    pub fn terminate(mut self) -> Ended {
        terminate(&self.child);
        self.end()
    }

    fn end(&mut self) -> Ended {
        let started = Instant::now();
        let status = wait(&mut self.child, DEADLINE);
        let took = started.elapsed();
        let mut unread = Vec::new();
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) => unread.push(message(&line)),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("stdout stayed open after the end of the process"),
            }
        }
        let stderr = self.stderr.take().map(|log| log.join().unwrap()).unwrap_or_default();
        Ended { code: status.code(), took, unread, stderr }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a server ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub took: Duration,
    /// Messages that the test has not read.
    pub unread: Vec<Value>,
    pub stderr: String,
}

/// stdout belongs to JSON-RPC: anything else fails the test.
fn message(line: &str) -> Value {
    let message: Value = serde_json::from_str(line)
        .unwrap_or_else(|error| panic!("stdout holds {line:?}, which is not JSON: {error}"));
    assert_eq!(message["jsonrpc"], "2.0", "stdout holds {line:?}, which is not JSON-RPC");
    message
}
