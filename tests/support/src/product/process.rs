//! The product's binary as a child process, in an environment that holds nothing but what the test gives it.

use std::{
    env,
    ffi::OsStr,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::LazyLock,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The server under test: `it-server` of the integration tests, which lies beside the folder of the running test.
pub fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = env::current_exe().unwrap();
        let built = test.ancestors().nth(2).unwrap().join(format!("it-server{}", env::consts::EXE_SUFFIX));
        assert!(
            built.exists(),
            "{built:?} is missing: only tests of the package integration-tests can start it"
        );
        built
    });
    &BINARY
}

/// Far above what anything takes, so that a test fails instead of hanging.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A command that cannot see the developer's own variables.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["PATH", "HOME"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// What a process left behind.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the server's command line to its end.
pub fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Finished {
    let mut command = command(binary());
    command.args(arguments).envs(environment.iter().copied());
    finish(&mut command)
}

/// Runs any command to its end.
pub fn finish(command: &mut Command) -> Finished {
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (stdout, stderr) = (gather(child.stdout.take()), gather(child.stderr.take()));
    let status = wait(&mut child, DEADLINE);
    Finished { code: status.code(), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

/// Waits for a process to end; kills it and fails when it does not.
pub fn wait(child: &mut Child, patience: Duration) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > patience {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the process was still running after {patience:?}");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Asks a process to end, as a supervisor does.
pub fn terminate(child: &Child) {
    signal(child, "TERM");
}

pub fn signal(child: &Child, name: &str) {
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status().unwrap();
    assert!(status.success());
}

/// Tries until it holds.
pub async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = attempt().await {
            return value;
        }
        assert!(started.elapsed() < DEADLINE, "{what} did not happen in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn gather(stream: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            stream.read_to_end(&mut bytes).unwrap();
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
