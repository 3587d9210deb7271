//! A real `ssh -R` tunnel, to a real OpenSSH server on this machine.

use std::{
    net::TcpListener,
    process::{Child, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use payments_tunnel::CommandLine;

use super::*;

/// A server of one's own, which lets the current user in by key.
pub(super) struct Sshd {
    folder: TempDir,
    ssh: PathBuf,
    port: u16,
    child: Child,
}

impl Sshd {
    /// `None` when OpenSSH is not installed.
    pub(super) async fn start() -> Option<Self> {
        let (sshd, ssh) = (real_part::find("sshd")?, real_part::find("ssh")?);
        let keygen = real_part::find("ssh-keygen")?;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for key in ["host_key", "key"] {
            let arguments = ["-q", "-t", "ed25519", "-N", "", "-f"];
            assert!(Command::new(&keygen).args(arguments).arg(path(key)).status().unwrap().success());
        }
        let port = free_port();
        fs::rename(path("key.pub"), path("authorized_keys")).unwrap();
        let host_key = fs::read_to_string(path("host_key.pub")).unwrap();
        fs::write(path("known_hosts"), format!("[127.0.0.1]:{port} {host_key}")).unwrap();
        let keys = folder.path().display();
        // Without PAM an account that has no password counts as locked.
        let config = format!(
            "Port {port}\n\
             ListenAddress 127.0.0.1\n\
             HostKey {keys}/host_key\n\
             AuthorizedKeysFile {keys}/authorized_keys\n\
             PidFile none\n\
             StrictModes no\n\
             PasswordAuthentication no\n\
             KbdInteractiveAuthentication no\n\
             UsePAM yes\n"
        );
        fs::write(path("sshd_config"), config).unwrap();
        // Where it is the system's server, the service makes this. Without root it needs none.
        let _ = fs::create_dir_all("/run/sshd");
        let child = Command::new(sshd)
            .args(["-D", "-e", "-f"])
            .arg(path("sshd_config"))
            .stdin(Stdio::null())
            .stderr(fs::File::create(path("log")).unwrap())
            .spawn()
            .unwrap();
        let sshd = Self { folder, ssh, port, child };
        eventually("the server", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        Some(sshd)
    }

    /// What a user would write, with this test's keys.
    pub(super) fn command(&self, key: &str, remote_port: u16) -> CommandLine {
        let (ssh, folder, port) = (self.ssh.display(), self.folder.path().display(), self.port);
        let line = format!(
            "{ssh} -N -F none -i {folder}/{key} -p {port} -o BatchMode=yes -o ExitOnForwardFailure=yes \
             -o ServerAliveInterval=15 -o ServerAliveCountMax=2 -o IdentitiesOnly=yes \
             -o UserKnownHostsFile={folder}/known_hosts -R 127.0.0.1:{remote_port}:127.0.0.1:{{port}} 127.0.0.1"
        );
        // There would be a web server with a certificate in front of it.
        let public_url = format!("http://127.0.0.1:{remote_port}").parse().unwrap();
        let home = self.folder.path().to_str().unwrap().to_owned();
        let programs = Programs::new(move |name| match name {
            "HOME" => Some(home.clone()),
            _ => std::env::var(name).ok(),
        });
        CommandLine::new(&line, Some(public_url), programs).unwrap()
    }

    /// Kills every process that serves a connection.
    pub(super) fn drop_connections(&self) {
        let mut family = vec![self.child.id()];
        while let Some(child) = children(&family).into_iter().find(|child| !family.contains(child)) {
            family.push(child);
        }
        for pid in &family[1..] {
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        }
    }

    /// Kills the server and every process that serves a connection.
    fn kill(&mut self) {
        self.drop_connections();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asserts that no client is left.
    pub(super) async fn assert_no_client_is_left(&self) {
        let mark = format!("{}/known_hosts", self.folder.path().display());
        eventually("the end of ssh", async || {
            let processes = fs::read_dir("/proc").unwrap();
            let lines =
                processes.filter_map(|process| fs::read(process.unwrap().path().join("cmdline")).ok());
            let clients = lines.filter(|line| String::from_utf8_lossy(line).contains(&mark));
            (clients.count() == 0).then_some(())
        })
        .await;
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("{}", fs::read_to_string(self.folder.path().join("log")).unwrap_or_default());
        }
    }
}

fn children(parents: &[u32]) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap();
    let stats = processes.filter_map(|process| fs::read_to_string(process.unwrap().path().join("stat")).ok());
    stats
        .filter_map(|stat| {
            let (pid, rest) = (stat.split(' ').next()?.parse().ok()?, stat.rsplit_once(") ")?.1);
            parents.contains(&rest.split(' ').nth(1)?.parse().ok()?).then_some(pid)
        })
        .collect()
}

/// A port that is free now and that the system gives to no other program: below its own range, and each once.
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let offset = std::process::id().wrapping_mul(31).wrapping_add(NEXT.fetch_add(1, Relaxed)) % 10_000;
        let port = u16::try_from(20_000 + offset).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

#[tokio::test]
async fn webhooks_come_through_a_server_of_ones_own() {
    let Some(mut sshd) = Sshd::start().await else { return };
    let shop = Fixture::start().await;
    let remote_port = free_port();
    let provider = sshd.command("key", remote_port);
    assert!(provider.address_is_stable());

    let reached = async || TcpStream::connect(("127.0.0.1", remote_port)).await.ok();
    let opened = provider.open(&shop.server).await.unwrap();
    eventually("the tunnel", reached).await;
    for _ in 0..20 {
        assert_works(&opened, &shop).await;
    }
    let started = Instant::now();
    opened.session.close().await;
    assert!(started.elapsed() < Duration::from_secs(2));
    sshd.assert_no_client_is_left().await;
    eventually("the end of the forwarding", async || reached().await.is_none().then_some(())).await;

    // Opened again at once, with the same address; then the server dies.
    let mut opened = provider.open(&shop.server).await.unwrap();
    eventually("the tunnel", reached).await;
    assert_works(&opened, &shop).await;
    sshd.kill();
    let error = tokio::time::timeout(DEADLINE, opened.session.ended()).await.unwrap();
    assert_eq!(error.kind, TunnelErrorKind::Passing);
    assert!(error.message.contains("it ended with exit status: 255"), "{error}");
    opened.session.close().await;
    sshd.assert_no_client_is_left().await;
    assert!(reached().await.is_none());
}

#[tokio::test]
async fn a_server_that_refuses_is_quoted() {
    let Some(sshd) = Sshd::start().await else { return };
    let shop = Fixture::start().await;
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    for (key, remote_port, said) in [
        ("host_key", free_port(), "Permission denied (publickey)"),
        ("key", taken.local_addr().unwrap().port(), "remote port forwarding failed for listen port"),
    ] {
        let mut opened = sshd.command(key, remote_port).open(&shop.server).await.unwrap();
        let error = tokio::time::timeout(DEADLINE, opened.session.ended()).await.unwrap();
        assert!(error.message.contains(said), "{error}");
    }
    sshd.assert_no_client_is_left().await;
}
