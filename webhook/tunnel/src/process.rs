//! Runs the programs that keep tunnels open: without our secrets and streams, and never longer than this process.

use std::{
    fmt, io,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::AsyncRead,
    process::{Child, Command},
    sync::mpsc,
    task::JoinSet,
    time::timeout,
};

use super::{
    provider::TunnelErrorKind,
    redact::{Redactor, plain},
};

mod group;
mod lines;
mod output_tail;

use group::Group;
use lines::Lines;
use output_tail::OutputTail;

/// The variables that a program gets: those that find it and its settings, the language, and the proxies. Nothing else:
/// our own variables hold secrets, and `TUNNEL_…` means something to cloudflared.
const PASSED_ON: [&str; 35] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "TZ",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_HOME",
    "XDG_DATA_DIRS",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSH_AUTH_SOCK",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    // A zrok service of one's own.
    "ZROK_API_ENDPOINT",
    "ZROK2_API_ENDPOINT",
    // What programs on Windows cannot start without.
    "SYSTEMROOT",
    "USERPROFILE",
    "APPDATA",
];

/// How long a program may take to print its address: signing in and a slow network included.
const ADDRESS_DEADLINE: Duration = Duration::from_secs(30);

/// Time to end in order, and time to be gone after being killed: together well below the two seconds in which our own
/// process has to end.
const CLOSE_IN_ORDER: Duration = Duration::from_millis(1000);
const CLOSE_BY_FORCE: Duration = Duration::from_millis(400);

/// Time for the last output of a program that has ended. Its own children may hold the streams open for longer.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Unread lines on their way from the program to the search for its address.
const LINES_UNREAD: usize = 256;

/// Reads a variable.
type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How programs are run.
#[derive(Clone)]
pub struct Programs {
    environment: Environment,
    pub(super) address_deadline: Duration,
    pub(super) allow_loopback: bool,
}

impl Programs {
    /// Runs programs with a few variables of an environment, such as `PATH` and `HOME`, which `lookup` reads.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { environment: Arc::new(lookup), address_deadline: ADDRESS_DEADLINE, allow_loopback: false }
    }

    /// How long a program may take to print its address, instead of 30 seconds.
    #[must_use]
    pub fn address_deadline(mut self, deadline: Duration) -> Self {
        self.address_deadline = deadline;
        self
    }

    /// Also takes `http://127.0.0.1:PORT` for a public address, which no provider reaches: for tests.
    #[must_use]
    pub fn allow_loopback(mut self, allow: bool) -> Self {
        self.allow_loopback = allow;
        self
    }

    /// Starts a program. Its last output is kept for error messages, cleaned by `redactor`.
    pub(super) fn start(
        &self,
        program: &str,
        arguments: &[&str],
        redactor: &Redactor,
    ) -> Result<Program, SpawnError> {
        let group = Group::new().map_err(SpawnError::Other)?;
        let mut command = Command::new(program);
        let environment = PASSED_ON.iter().filter_map(|name| Some((name, (self.environment)(name)?)));
        command
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        group.adopt(&mut command);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SpawnError::Missing,
            _ => SpawnError::Other(error),
        })?;

        let output = Arc::new(Mutex::new(OutputTail::default()));
        let (sender, lines) = mpsc::channel(LINES_UNREAD);
        let mut readers = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            readers.spawn(listen(stdout, redactor.clone(), Arc::clone(&output), sender.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.spawn(listen(stderr, redactor.clone(), Arc::clone(&output), sender));
        }
        Ok(Program { group, child, lines, output, readers })
    }
}

impl fmt::Debug for Programs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Programs").finish_non_exhaustive()
    }
}

/// Why a program did not start.
pub(super) enum SpawnError {
    /// It is not there.
    Missing,
    /// Anything else, such as a file that cannot be executed.
    Other(io::Error),
}

impl SpawnError {
    /// Whether another attempt makes sense: a shortage on this machine passes, a file that is no program does not.
    pub(super) fn kind(&self) -> TunnelErrorKind {
        /// The error of POSIX systems for a file that cannot be executed.
        const NO_PROGRAM: i32 = 8;
        match self {
            Self::Missing => TunnelErrorKind::NotInstalled,
            Self::Other(error) if error.raw_os_error() == Some(NO_PROGRAM) => TunnelErrorKind::Permanent,
            Self::Other(error) => match error.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput => TunnelErrorKind::Permanent,
                _ => TunnelErrorKind::Passing,
            },
        }
    }
}

/// Reads to the end of the stream, also when the lines are no longer needed: a full pipe would stop the program.
async fn listen(
    stream: impl AsyncRead + Unpin,
    redactor: Redactor,
    output: Arc<Mutex<OutputTail>>,
    lines: mpsc::Sender<String>,
) {
    let mut stream = Lines::new(stream);
    while let Some(line) = stream.next().await {
        let line = plain(&line);
        output.lock().unwrap_or_else(PoisonError::into_inner).note(&line, &redactor);
        let _ = lines.send(line).await;
    }
}

/// A running program. Dropped, it and all that it has started are killed at once.
pub(super) struct Program {
    group: Group,
    child: Child,
    lines: mpsc::Receiver<String>,
    output: Arc<Mutex<OutputTail>>,
    readers: JoinSet<()>,
}

/// What a program does.
pub(super) enum ProgramEvent {
    /// It prints a line, here without colours; it may hold secrets.
    Line(String),
    /// It has ended.
    Ended(ProgramExit),
}

impl Program {
    /// The next line from either stream, or the end. Nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> ProgramEvent {
        tokio::select! {
            biased;
            Some(line) = self.lines.recv() => ProgramEvent::Line(line),
            status = self.child.wait() => {
                let last_words = async { while self.readers.join_next().await.is_some() {} };
                let _ = timeout(LAST_WORDS, last_words).await;
                // An address may be among them.
                match self.lines.try_recv() {
                    Ok(line) => ProgramEvent::Line(line),
                    Err(_) => ProgramEvent::Ended(ProgramExit { status: status.ok(), output: self.output() }),
                }
            }
        }
    }

    /// Waits until it has ended.
    pub(super) async fn ended(&mut self) -> ProgramExit {
        loop {
            if let ProgramEvent::Ended(exit) = self.next().await {
                return exit;
            }
        }
    }

    /// Its lines are no longer needed.
    pub(super) fn stop_listening(&mut self) {
        self.lines.close();
    }

    /// Its last output.
    pub(super) fn output(&self) -> String {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).to_string()
    }

    /// Ends it in order, and by force what has not ended then. Takes less than two seconds.
    pub(super) async fn close(mut self) {
        self.group.terminate();
        let _ = timeout(CLOSE_IN_ORDER, self.child.wait()).await;
        self.group.kill();
        let _ = self.child.start_kill();
        let gone = async {
            let _ = self.child.wait().await;
            self.group.wait().await;
        };
        let _ = timeout(CLOSE_BY_FORCE, gone).await;
    }
}

/// How a program has ended.
pub(super) struct ProgramExit {
    status: Option<ExitStatus>,
    /// Its last output.
    pub(super) output: String,
}

impl ProgramExit {
    /// Whether it was content.
    pub(super) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// `it ended with exit status: 1: no route to host`
impl fmt::Display for ProgramExit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(formatter, "it ended with {status}")?,
            None => formatter.write_str("it ended")?,
        }
        let output = self.output.as_str();
        if output.is_empty() {
            formatter.write_str(" and said nothing")
        } else {
            write!(formatter, ": {output}")
        }
    }
}
