//! Quick tunnels of Cloudflare.

use futures::future::join_all;
use payments_tunnel::Cloudflared;

use super::*;

fn cloudflared(world: &World) -> Cloudflared {
    Cloudflared::new(world.programs())
}

#[tokio::test]
async fn a_quick_tunnel_needs_no_account_and_has_no_name_of_its_own() {
    let Some(world) = World::with(&["cloudflared"]) else { return };
    let provider = cloudflared(&world);
    assert!(!provider.address_is_stable());
    assert_opens_and_closes(&world, &provider).await;
    let call = &world.calls()[0];
    assert_eq!(call[1..3], ["tunnel", "--url"]);
    assert!(call[3].starts_with("http://127.0.0.1:"), "{call:?}");
    assert_eq!((call[4].as_str(), call[6].as_str()), ("--metrics", "--no-autoupdate"));
    assert!(call[5].starts_with("127.0.0.1:"), "{call:?}");
}

#[tokio::test]
async fn without_cloudflared_it_says_where_to_get_it() {
    let Some(world) = World::with(&[]) else { return };
    let expected = "Install it: \"brew install cloudflared\" on a Mac, else from \
                    https://github.com/cloudflare/cloudflared/releases.";
    world.assert_fails(&cloudflared(&world), TunnelErrorKind::NotInstalled, expected).await;
}

#[tokio::test]
async fn without_an_address_or_a_connection_the_attempt_ends() {
    join_all([false, true].map(async |unready| {
        let Some(world) = World::with(&["cloudflared"]) else { return };
        if unready {
            world.touch("unready");
        } else {
            world.is(json!({"fault": "no_url", "family": true}));
        }
        let provider = Cloudflared::new(world.programs().address_deadline(SHORT));
        let expected = "cloudflared has not opened a tunnel within 3 seconds. Is the network in order";
        world.assert_fails(&provider, TunnelErrorKind::Passing, expected).await;
    }))
    .await;
}

#[tokio::test]
async fn too_many_tunnels_are_tried_again_after_a_while() {
    let Some(world) = World::with(&["cloudflared"]) else { return };
    world.is(json!({"fault": "too_many"}));
    world.assert_fails(&cloudflared(&world), TunnelErrorKind::Slow, "429 Too Many Requests").await;
}

#[tokio::test]
async fn a_port_that_another_program_took_is_replaced() {
    let Some(world) = World::with(&["cloudflared"]) else { return };
    world.is(json!({"fault": "port_taken_once"}));
    assert_opens_and_closes(&world, &cloudflared(&world)).await;
    let calls = world.calls();
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0][5], calls[1][5]);
}

#[tokio::test]
async fn a_connection_that_is_lost_for_long_ends_the_tunnel() {
    let Some(world) = World::with(&["cloudflared"]) else { return };
    let shop = Fixture::start().await;
    let provider = cloudflared(&world).unready_for(Duration::from_millis(400));
    let mut opened = provider.open(&shop.server).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(1), opened.session.ended()).await;
    assert!(ended.is_err(), "{ended:?}");

    world.touch("unready");
    // Asked anew each time, as a supervisor does that has other things to do.
    let error = eventually("the end", async || {
        tokio::time::timeout(Duration::from_millis(150), opened.session.ended()).await.ok()
    })
    .await;
    assert_eq!(error.kind, TunnelErrorKind::Passing);
    assert!(error.message.starts_with("cloudflared has lost its connection to Cloudflare"), "{error}");
    opened.session.close().await;
    world.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_connection_that_comes_back_keeps_the_tunnel() {
    let Some(world) = World::with(&["cloudflared"]) else { return };
    let shop = Fixture::start().await;
    let provider = cloudflared(&world).unready_for(Duration::from_secs(1));
    let mut opened = provider.open(&shop.server).await.unwrap();
    let open_for = async |session: &mut Box<dyn payments_tunnel::TunnelSession>, patience| {
        let ended = tokio::time::timeout(patience, session.ended()).await;
        assert!(ended.is_err(), "{ended:?}");
    };
    world.touch("unready");
    open_for(&mut opened.session, Duration::from_millis(500)).await;
    fs::remove_file(world.path("unready")).unwrap();
    open_for(&mut opened.session, Duration::from_millis(1500)).await;
    assert_works(&opened, &shop).await;
    opened.session.close().await;
}

#[tokio::test]
async fn an_open_tunnel_tells_when_its_program_ends() {
    let Some(world) = World::with(&["cloudflared"]) else { return };
    world.is(json!({"family": true}));
    let shop = Fixture::start().await;
    let mut opened = cloudflared(&world).open(&shop.server).await.unwrap();
    world.touch("die");
    let error = opened.session.ended().await;
    assert_eq!(error.kind, TunnelErrorKind::Passing);
    assert!(error.message.contains("the session has expired"), "{error}");
    drop(opened);
    world.assert_nothing_is_left().await;
}
