//! The programs that open tunnels, as stubs that really proxy; what each fault leads to, and that nothing is left behind.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::{Duration, Instant},
};

use payments_tunnel::{OpenedTunnel, Programs, TunnelError, TunnelErrorKind, TunnelProvider};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use payments_test_support::{
    real_part,
    receiving::{Fixture, NOW, Reply, SECRET, payment, talk, webhook},
};

mod cloudflared;
mod command;
mod environment;
mod journeys;
mod orphans;
mod ssh;
mod zrok;

/// Far above what anything takes, so that a test fails instead of hanging.
const DEADLINE: Duration = Duration::from_secs(30);

/// For programs that print nothing: above what it takes to start an interpreter on a busy machine.
const SHORT: Duration = Duration::from_secs(3);

/// The stub: which program it is depends on what it is called.
const STUB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/stubs/tunnel.py");

/// An account's token, to be found nowhere.
const TOKEN: &str = "canary-token-of-the-account";

/// A folder in which programs are installed, and nothing else is.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    /// Installs these programs; `None` when there is nothing to run the stubs with.
    fn with(programs: &[&str]) -> Option<Self> {
        static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
        // What the search path leads to may be a script that wants to find more.
        let python = PYTHON.get_or_init(|| {
            let found = real_part::find("python3")?;
            let output =
                Command::new(found).args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
            Some(String::from_utf8(output.stdout).unwrap().trim().into())
        });
        let world = Self { folder: tempfile::tempdir().unwrap() };
        symlink(python.as_ref()?, world.path("python3")).unwrap();
        symlink(real_part::find("sleep")?, world.path("sleep")).unwrap();
        for program in programs {
            symlink(STUB, world.path(program)).unwrap();
        }
        Some(world)
    }

    /// The state of this world; the stub lists the keys.
    fn is(&self, so: Value) {
        fs::write(self.path("stub.json"), so.to_string()).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn touch(&self, name: &str) {
        fs::write(self.path(name), "").unwrap();
    }

    fn programs(&self) -> Programs {
        let folder = self.folder.path().to_str().unwrap().to_owned();
        let lookup = move |name: &str| match name {
            "PATH" | "HOME" => Some(folder.clone()),
            "LANG" => Some("C.UTF-8".to_owned()),
            _ if name.starts_with("BITNOVO_") || name.starts_with("WEBHOOK_") => Some(SECRET.to_owned()),
            _ => None,
        };
        Programs::new(lookup).allow_loopback(true).address_deadline(DEADLINE)
    }

    /// The command lines so far, the program's name first.
    fn calls(&self) -> Vec<Vec<String>> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        calls.lines().map(|call| serde_json::from_str(call).unwrap()).collect()
    }

    /// How often a subcommand has been called.
    fn count(&self, subcommand: &str) -> usize {
        self.calls().iter().filter(|call| call[1] == subcommand).count()
    }

    /// Whether a program that stayed runs.
    fn lives(&self) -> bool {
        let pids = fs::read_to_string(self.path("pids")).unwrap_or_default();
        let pids = pids.lines().filter_map(|line| line.split(' ').next());
        let stats = pids.filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok());
        stats.into_iter().any(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
    }

    /// Asserts that no process is left in the groups of the programs that stayed, guards included.
    async fn assert_nothing_is_left(&self) {
        let pids = fs::read_to_string(self.path("pids")).unwrap_or_default();
        let groups: Vec<u32> =
            pids.lines().map(|line| line.split(' ').nth(1).unwrap().parse().unwrap()).collect();
        eventually("the end of every process", async || members(&groups).is_empty().then_some(())).await;
    }

    /// Asserts that an attempt fails like this, and leaves nothing behind.
    async fn assert_fails(
        &self,
        provider: &impl TunnelProvider,
        kind: TunnelErrorKind,
        message: &str,
    ) -> TunnelError {
        let shop = Fixture::start().await;
        let error = provider.open(&shop.server).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(message), "{error}\nshould contain: {message}");
        assert!(!error.message.contains('\u{1b}') && !error.message.contains('\n'), "{error:?}");
        assert!(!format!("{error:?}").contains(TOKEN), "{error:?}");
        self.assert_nothing_is_left().await;
        error
    }
}

/// Waits for what should come.
async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = attempt().await {
            return value;
        }
        assert!(started.elapsed() < DEADLINE, "{what} did not come in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The processes of these groups that run, or that are dead and have not been waited for although they are ours.
fn members(groups: &[u32]) -> Vec<String> {
    let stat = |process: &Path| fs::read_to_string(process.join("stat")).ok();
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| stat(&entry.unwrap().path()));
    processes
        .filter(|stat| {
            let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
            let (state, parent, group) = (fields[0], fields[1].parse::<u32>(), fields[2].parse().unwrap());
            groups.contains(&group) && (state != "Z" || parent == Ok(std::process::id()))
        })
        .collect()
}

/// Sends through an open tunnel, as the provider does. `None` when the connection ends without an answer.
async fn try_send(opened: &OpenedTunnel, request: &[u8]) -> Option<Reply> {
    let host = opened.public_url.host_str().unwrap();
    let mut stream = TcpStream::connect((host, opened.public_url.port().unwrap())).await.unwrap();
    talk(&mut stream, request).await
}

async fn send(opened: &OpenedTunnel, request: &[u8]) -> Reply {
    try_send(opened, request).await.expect("an answer")
}

/// Asserts that a signed webhook comes through.
async fn assert_works(opened: &OpenedTunnel, shop: &Fixture) {
    let before = shop.events().await.events.len();
    let number = before + 1;
    assert_eq!(send(opened, &webhook(payment(number), NOW)).await.status, 200);
    assert_eq!(shop.events().await.events.len(), number);
}

/// Asserts that nothing listens at the tunnel's address any more.
async fn assert_is_gone(public_url: &url::Url) {
    let address = (public_url.host_str().unwrap(), public_url.port().unwrap());
    assert!(TcpStream::connect(address).await.is_err(), "{public_url} still answers");
}

/// Opens, uses and closes a tunnel; how long closing took.
async fn assert_opens_and_closes(world: &World, provider: &impl TunnelProvider) -> Duration {
    let shop = Fixture::start().await;
    let opened = provider.open(&shop.server).await.unwrap();
    assert_works(&opened, &shop).await;
    let OpenedTunnel { public_url, session } = opened;
    let started = Instant::now();
    session.close().await;
    let took = started.elapsed();
    assert_is_gone(&public_url).await;
    world.assert_nothing_is_left().await;
    assert!(took < Duration::from_secs(2), "closing took {took:?}");
    took
}

#[tokio::test]
async fn an_address_of_ones_own_needs_no_program() {
    let shop = Fixture::start().await;
    let manual = payments_tunnel::Manual::new("https://pay.shop.example".parse().unwrap());
    let mut opened = manual.open(&shop.server).await.unwrap();
    assert_eq!(opened.public_url.as_str(), "https://pay.shop.example/");
    assert!(manual.address_is_stable());
    let ended = tokio::time::timeout(Duration::from_millis(50), opened.session.ended()).await;
    assert!(ended.is_err());
    opened.session.close().await;
}
