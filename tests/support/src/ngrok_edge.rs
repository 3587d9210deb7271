//! An edge of ngrok on this machine: TLS, muxado, and the messages that the real agent exchanges with the real one. What
//! comes to its public address goes through the tunnel that an agent has bound there.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use muxado::{
    SessionBuilder,
    heartbeat::{Heartbeat, HeartbeatConfig},
    typed::{StreamType, Typed, TypedAccept, TypedOpenClose, TypedSession, TypedStream},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, copy},
    net::{TcpListener, TcpStream},
    sync::{Mutex as AsyncMutex, watch},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

type Opener = Arc<AsyncMutex<Box<dyn TypedOpenClose + Send>>>;

/// What the edge does with agents, from now on.
#[derive(Clone, Debug, Default)]
pub struct Mood {
    /// Refuses the token with this text; `{token}` stands for the token, which the real edge repeats too.
    pub refuse_auth: Option<&'static str>,
    /// Refuses to give out the address with this text.
    pub refuse_bind: Option<&'static str>,
    /// Answers requests with this instead of JSON that makes sense.
    pub nonsense: Option<&'static str>,
    /// Does not notice that an agent has gone, and keeps its address for it.
    pub keep_endpoints: bool,
}

/// What the edge has seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub tokens: Vec<String>,
    pub domains: Vec<Option<String>>,
    pub unbound: usize,
    pub agents_now: usize,
    pub agents_ever: usize,
}

struct Endpoint {
    id: String,
    agent: usize,
    opener: Opener,
}

struct Shared {
    public: SocketAddr,
    tls: TlsAcceptor,
    mood: Mutex<Mood>,
    seen: Mutex<Seen>,
    endpoint: Mutex<Option<Endpoint>>,
    /// Whether bytes pass between agents and edge.
    flowing: watch::Sender<bool>,
    /// Counts up to cut all agents off.
    cut: watch::Sender<usize>,
}

pub struct Edge {
    shared: Arc<Shared>,
    /// Where agents connect.
    pub address: SocketAddr,
    /// Where the world connects.
    pub public: SocketAddr,
    /// Who has signed its certificate, in PEM.
    pub ca: String,
    agents: Mutex<Option<JoinHandle<()>>>,
    _visitors: JoinHandle<()>,
}

impl Edge {
    pub async fn start() -> Self {
        let certificate = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(certificate.signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.cert.der().clone()], key)
            .unwrap();
        let visitors = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public = visitors.local_addr().unwrap();
        let shared = Arc::new(Shared {
            public,
            tls: TlsAcceptor::from(Arc::new(tls)),
            mood: Mutex::default(),
            seen: Mutex::default(),
            endpoint: Mutex::default(),
            flowing: watch::Sender::new(true),
            cut: watch::Sender::new(0),
        });
        let agents = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = agents.local_addr().unwrap();
        let agents = tokio::spawn(take_agents(agents, Arc::clone(&shared)));
        let _visitors = tokio::spawn(take_visitors(visitors, Arc::clone(&shared)));
        let ca = certificate.cert.pem();
        Self { shared, address, public, ca, agents: Mutex::new(Some(agents)), _visitors }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.public)
    }

    pub fn mood(&self, change: impl FnOnce(&mut Mood)) {
        change(&mut self.shared.mood.lock().unwrap());
    }

    pub fn seen(&self) -> Seen {
        self.shared.seen.lock().unwrap().clone()
    }

    pub fn is_bound(&self) -> bool {
        self.shared.endpoint().is_some()
    }

    /// Lets go of the address that a gone agent still holds.
    pub fn forget_endpoint(&self) {
        *self.shared.endpoint() = None;
    }

    /// Cuts off all agents.
    pub fn cut(&self) {
        self.shared.cut.send_modify(|count| *count += 1);
    }

    /// Takes no connections any more, so that agents are refused.
    pub async fn down(&self) {
        let agents = self.agents.lock().unwrap().take();
        if let Some(agents) = agents {
            agents.abort();
            let _ = agents.await;
        }
        self.cut();
    }

    /// Takes connections again, at the same address.
    pub async fn up(&self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        let agents = tokio::spawn(take_agents(listener, Arc::clone(&self.shared)));
        *self.agents.lock().unwrap() = Some(agents);
    }

    /// Whether bytes pass between agents and edge. While they do not, connections stay open, and what was sent arrives
    /// later: as on a line that is broken for a while.
    pub fn flow(&self, flowing: bool) {
        self.shared.flowing.send_replace(flowing);
    }

    /// Has the edge close the tunnel, as when it is stopped in the dashboard.
    pub async fn stop_tunnel(&self) {
        let (opener, id) = self.shared.bound().expect("a tunnel");
        let mut stream = opener.lock().await.open_typed(StreamType::clamp(9)).await.unwrap();
        let request =
            json!({ "Id": id, "Message": "stopped in the dashboard", "ErrorCode": "ERR_NGROK_9999" });
        stream.write_all(request.to_string().as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    }

    /// Opens a stream to the agent that makes no sense. Whether there is an agent to open it to.
    pub async fn babble(&self, kind: u32, bytes: &[u8]) -> bool {
        let Some((opener, _)) = self.shared.bound() else { return false };
        let Ok(mut stream) = opener.lock().await.open_typed(StreamType::clamp(kind)).await else {
            return false;
        };
        let written = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        written.is_ok()
    }
}

impl Shared {
    fn endpoint(&self) -> MutexGuard<'_, Option<Endpoint>> {
        self.endpoint.lock().unwrap()
    }

    fn bound(&self) -> Option<(Opener, String)> {
        self.endpoint().as_ref().map(|endpoint| (Arc::clone(&endpoint.opener), endpoint.id.clone()))
    }
}

async fn take_agents(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let shared = Arc::clone(&shared);
        // Not among this task's own: agents outlive the listener.
        tokio::spawn(async move {
            let number = {
                let mut seen = shared.seen.lock().unwrap();
                seen.agents_now += 1;
                seen.agents_ever += 1;
                seen.agents_ever
            };
            let mut cut = shared.cut.subscribe();
            tokio::select! {
                _ = agent(stream, &shared, number) => {}
                _ = cut.changed() => {}
            }
            shared.seen.lock().unwrap().agents_now -= 1;
            if !shared.mood.lock().unwrap().keep_endpoints {
                let mut endpoint = shared.endpoint();
                if endpoint.as_ref().is_some_and(|endpoint| endpoint.agent == number) {
                    *endpoint = None;
                }
            }
        });
    }
}

/// Serves one agent until its connection ends.
async fn agent(stream: TcpStream, shared: &Arc<Shared>, number: usize) -> Option<()> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let mut tasks = JoinSet::new();
    tasks.spawn(gated(stream, far, shared.flowing.subscribe()));
    let talk = async {
        let tls = shared.tls.accept(near).await.ok()?;
        let session = Typed::new(SessionBuilder::new(tls).server().start());
        let (session, _heartbeats) = Heartbeat::start(session, HeartbeatConfig::default()).await.ok()?;
        let (opener, mut accept) = session.split_typed();
        let opener: Opener = Arc::new(AsyncMutex::new(Box::new(opener)));
        while let Ok(stream) = accept.accept_typed().await {
            tokio::spawn(answer(stream, Arc::clone(shared), number, Arc::clone(&opener)));
        }
        Some(())
    };
    tokio::select! {
        done = talk => done,
        _ = tasks.join_next() => None,
    }
}

/// Passes bytes on while they flow.
async fn gated(stream: TcpStream, far: DuplexStream, flowing: watch::Receiver<bool>) {
    async fn pump(
        mut from: impl tokio::io::AsyncRead + Unpin,
        mut to: impl tokio::io::AsyncWrite + Unpin,
        mut flowing: watch::Receiver<bool>,
    ) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            if flowing.wait_for(|flowing| *flowing).await.is_err()
                || to.write_all(&buffer[..read]).await.is_err()
            {
                return;
            }
        }
        let _ = to.shutdown().await;
    }
    let (stream_read, stream_write) = stream.into_split();
    let (far_read, far_write) = tokio::io::split(far);
    tokio::select! {
        () = pump(stream_read, far_write, flowing.clone()) => {}
        () = pump(far_read, stream_write, flowing) => {}
    }
}

/// Answers one request of an agent.
async fn answer(mut stream: TypedStream, shared: Arc<Shared>, number: usize, opener: Opener) {
    let kind = *stream.typ();
    let Some(request) = read_json(&mut stream).await else { return };
    let mood = shared.mood.lock().unwrap().clone();
    let refused = |text: &str| json!({ "Error": text });
    let answer = match (kind, mood.nonsense) {
        (_, Some(nonsense)) => nonsense.to_owned(),
        (0, _) => {
            let token = request["Extra"]["AuthToken"].as_str().unwrap_or_default().to_owned();
            let refusal = mood.refuse_auth.map(|text| refused(&text.replace("{token}", &token)));
            shared.seen.lock().unwrap().tokens.push(token);
            let welcome = json!({
                "Version": "3", "ClientId": format!("agent-{number}"),
                "Extra": { "Version": "edge", "Region": "here", "Cookie": "cookie", "AccountName": "tests",
                           "SessionDuration": 0, "PlanName": "none", "Banner": "" },
            });
            refusal.unwrap_or(welcome).to_string()
        }
        (1, _) => {
            let domain = request["Opts"]["Domain"].as_str().filter(|domain| !domain.is_empty());
            shared.seen.lock().unwrap().domains.push(domain.map(str::to_owned));
            let mut endpoint = shared.endpoint();
            if let Some(text) = mood.refuse_bind {
                refused(text).to_string()
            } else if endpoint.is_some() {
                refused("failed to start tunnel: The endpoint is already online.\n\nERR_NGROK_334\n")
                    .to_string()
            } else {
                let id = format!("tunnel-{number}");
                *endpoint = Some(Endpoint { id: id.clone(), agent: number, opener });
                json!({
                    "Id": id, "URL": format!("http://{}", shared.public), "Proto": "https",
                    "Opts": request["Opts"], "Extra": { "Token": "resume" },
                })
                .to_string()
            }
        }
        (2, _) => {
            shared.seen.lock().unwrap().unbound += 1;
            *shared.endpoint() = None;
            "{}".to_owned()
        }
        _ => return,
    };
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// An agent does not end its side after a request, so that it is read until it is whole.
async fn read_json(stream: &mut TypedStream) -> Option<Value> {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
        if let Ok(value) = serde_json::from_slice(&bytes) {
            return Some(value);
        }
    }
}

async fn take_visitors(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, visitor) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(visit(stream, visitor, Arc::clone(&shared)));
    }
}

/// Leads a visitor through the tunnel.
async fn visit(mut visitor: TcpStream, from: SocketAddr, shared: Arc<Shared>) -> Option<()> {
    let through = match shared.bound() {
        None => None,
        Some((opener, id)) => {
            let stream = opener.lock().await.open_typed(StreamType::clamp(3)).await.ok();
            stream.map(|stream| (stream, id))
        }
    };
    let Some((mut stream, id)) = through else {
        let mut head = [0; 4096];
        let _ = visitor.read(&mut head).await;
        let unknown = "HTTP/1.1 404 Not Found\r\nngrok-error-code: ERR_NGROK_3200\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return visitor.write_all(unknown.as_bytes()).await.ok();
    };
    let header = json!({
        "Id": id, "ClientAddr": from.to_string(), "Proto": "https", "EdgeType": "0", "PassthroughTLS": false,
    })
    .to_string();
    stream.write_all(&i64::try_from(header.len()).unwrap().to_le_bytes()).await.ok()?;
    stream.write_all(header.as_bytes()).await.ok()?;
    let (mut from_visitor, mut to_visitor) = visitor.split();
    let (mut from_agent, mut to_agent) = tokio::io::split(&mut *stream);
    let inward = async {
        let _ = copy(&mut from_visitor, &mut to_agent).await;
        // Who has asked may still wait for the answer.
        let _ = to_agent.shutdown().await;
        std::future::pending::<()>().await;
    };
    // Once the agent has sent everything, the visitor has nothing to wait for.
    tokio::select! {
        () = inward => {}
        _ = copy(&mut from_agent, &mut to_visitor) => {}
    }
    Some(())
}
