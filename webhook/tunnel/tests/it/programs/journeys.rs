//! Tunnels that programs keep open, with the supervisor: they break, and carry again by themselves.

use payments_tunnel::{Cloudflared, CommandLine, Zrok, supervisor::TunnelState};

use super::{ssh::Sshd, *};
use payments_test_support::carried::Carried;

/// The program dies once.
async fn kill(world: &World) {
    world.touch("die");
    eventually("its death", async || (!world.lives()).then_some(())).await;
    fs::remove_file(world.path("die")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_webhooks_survive_the_death_of_zrok() {
    for program in ["zrok", "zrok2"] {
        let Some(world) = World::with(&[program]) else { return };
        let shop = Carried::start(Zrok::new(world.programs(), Some("shop1".to_owned()), None)).await;
        shop.carries_a_thousand_over(async || kill(&world).await).await;
        shop.supervisor.stop().await;
        world.assert_nothing_is_left().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_webhooks_survive_the_death_of_cloudflared() {
    let Some(world) = World::with(&["cloudflared"]) else { return };
    let shop = Carried::start(Cloudflared::new(world.programs())).await;
    let before = shop.connected().await.public_url;
    shop.carries_a_thousand_over(async || kill(&world).await).await;
    assert_ne!(shop.supervisor.status().public_url, before, "a quick tunnel has another address each time");
    shop.supervisor.stop().await;
    world.assert_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_webhooks_survive_a_dropped_ssh_connection() {
    let Some(sshd) = Sshd::start().await else { return };
    let shop = Carried::start(sshd.command("key", ssh::free_port())).await;
    shop.carries_a_thousand_over(async || sshd.drop_connections()).await;
    shop.supervisor.stop().await;
    sshd.assert_no_client_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_installed_or_enabled_later_is_found_at_the_next_call() {
    for program in ["zrok", "zrok2"] {
        let Some(world) = World::with(&[]) else { return };
        let shop = Carried::start(Zrok::new(world.programs(), None, None)).await;
        let status = shop.given_up().await;
        assert!(status.last_error.unwrap().contains("not installed"));
        assert_eq!(status.reconnect_attempts, 0, "it is not tried again by itself");

        world.is(json!({"enabled": false}));
        symlink(STUB, world.path(program)).unwrap();
        let status = shop.supervisor.look().await;
        let status = match status.state {
            TunnelState::Error => status,
            _ => shop.given_up().await,
        };
        assert!(status.last_error.unwrap().contains(&format!("{program} enable TOKEN")));

        world.is(json!({"enabled": true}));
        shop.supervisor.ask();
        shop.recovers().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_busy_is_asked_again_until_it_is_not() {
    for program in ["zrok", "zrok2"] {
        let Some(world) = World::with(&[program]) else { return };
        world.is(json!({"fault": "busy"}));
        let shop = Carried::start(Zrok::new(world.programs(), None, None)).await;
        let status = shop.reach("a failure", |status| status.last_error.is_some()).await;
        assert_eq!(status.state, TunnelState::Connecting);
        assert!(status.last_error.unwrap().contains("busy"));
        world.is(json!({}));
        shop.recovers().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_hangs_is_replaced() {
    let Some(world) = World::with(&["zrok2"]) else { return };
    world.is(json!({"fault": "hangs"}));
    let programs = world.programs().address_deadline(Duration::from_secs(1));
    let shop = Carried::start(Zrok::new(programs, None, None)).await;
    let status = shop.reach("a failure", |status| status.last_error.is_some()).await;
    assert!(status.last_error.unwrap().contains("no address within 1 seconds"));
    world.is(json!({}));
    // One that has been started before still hangs.
    shop.connected().await;
    shop.supervisor.stop().await;
    world.assert_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tunnel_to_nowhere_is_not_connected() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    // It leads to a port without a listener, and so answers 502 to every probe.
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let command = CommandLine::new(&format!("tunnel http://{nowhere}"), None, world.programs()).unwrap();
    let shop = Carried::with(command, |settings| {
        settings.settling = Duration::from_secs(1);
        settings.max_retries = 1;
    })
    .await;
    let status = shop.given_up().await;
    assert!(status.last_error.unwrap().contains("it answers 502"));
    assert_eq!(world.calls().len(), 2);
    world.assert_nothing_is_left().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cloudflared_that_has_lost_its_connection_is_replaced() {
    let Some(world) = World::with(&["cloudflared"]) else { return };
    let provider = Cloudflared::new(world.programs()).unready_for(Duration::from_millis(400));
    let shop = Carried::start(provider).await;
    shop.connected().await;
    world.touch("unready");
    let status = shop.interrupted().await;
    assert!(status.last_error.unwrap().contains("lost its connection to Cloudflare"));
    fs::remove_file(world.path("unready")).unwrap();
    shop.recovers().await;
}
