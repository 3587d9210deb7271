//! When the whole process is killed without a chance to end its tunnels.

use std::process::{Child, Stdio};

use payments_tunnel::CommandLine;

use super::*;

/// Where the process that is to be killed finds its world.
const FOLDER: &str = "TEST_WORLD_OF_THE_KILLED";

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_killed_process_takes_its_tunnels_along() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    world.is(json!({"family": true, "stubborn": true}));
    let mut killed = Killed(
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "programs::orphans::the_one_that_is_killed", "--ignored", "--nocapture"])
            .env(FOLDER, world.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    eventually("an open tunnel", async || world.path("open").exists().then_some(())).await;
    let public_url: url::Url = fs::read_to_string(world.path("open")).unwrap().parse().unwrap();
    killed.0.kill().unwrap();
    killed.0.wait().unwrap();
    world.assert_nothing_is_left().await;
    assert_is_gone(&public_url).await;
}

#[tokio::test]
#[ignore = "not a test: the process that the test above kills"]
async fn the_one_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let path = folder.to_str().unwrap().to_owned();
    let programs = Programs::new(move |name| (name == "PATH").then(|| path.clone())).allow_loopback(true);
    let shop = Fixture::start().await;
    let provider = CommandLine::new("tunnel {url}", None, programs).unwrap();
    let opened = provider.open(&shop.server).await.unwrap();
    let folder = Path::new(&folder);
    fs::write(folder.join("opening"), opened.public_url.as_str()).unwrap();
    fs::rename(folder.join("opening"), folder.join("open")).unwrap();
    std::future::pending::<()>().await;
}
