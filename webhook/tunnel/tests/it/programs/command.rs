//! Any other program.

use payments_tunnel::CommandLine;

use super::*;

fn command(world: &World, line: &str) -> CommandLine {
    CommandLine::new(line, None, world.programs()).unwrap()
}

#[tokio::test]
async fn a_program_that_prints_its_address_is_a_tunnel() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    let provider = command(&world, "tunnel {url}");
    assert!(!provider.address_is_stable());
    assert_opens_and_closes(&world, &provider).await;
    assert_opens_and_closes(&world, &command(&world, "tunnel '127.0.0.1:{port}'")).await;
}

#[tokio::test]
async fn other_addresses_that_it_prints_before_are_passed_over() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    world.is(json!({"fault": "wrong_url_first"}));
    assert_opens_and_closes(&world, &command(&world, "tunnel {url}")).await;
}

#[tokio::test]
async fn a_program_that_never_prints_one_is_given_up() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    world.is(json!({"fault": "never", "family": true}));
    let provider = CommandLine::new("tunnel {url}", None, world.programs().address_deadline(SHORT)).unwrap();
    let expected = "If it never prints one, set WEBHOOK_PUBLIC_URL";
    world.assert_fails(&provider, TunnelErrorKind::Passing, expected).await;
}

#[tokio::test]
async fn a_given_address_is_used_and_none_is_looked_for() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    let public_url: url::Url = "https://pay.shop.example".parse().unwrap();
    let provider = CommandLine::new("tunnel {url}", Some(public_url.clone()), world.programs()).unwrap();
    assert!(provider.address_is_stable());
    let shop = Fixture::start().await;
    let opened = provider.open(&shop.server).await.unwrap();
    assert_eq!(opened.public_url, public_url);
    eventually("the program", async || world.path("pids").exists().then_some(())).await;
    opened.session.close().await;
    world.assert_nothing_is_left().await;
}

#[tokio::test]
async fn an_end_without_an_address_is_tried_again_and_its_reason_told() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    world.is(json!({"fault": "exits"}));
    let provider = command(&world, "tunnel {url}");
    let expected = "\"tunnel\" of TUNNEL_COMMAND has opened no tunnel: it ended with exit status: 255: \
                    me@server.example: Permission denied (publickey).";
    world.assert_fails(&provider, TunnelErrorKind::Passing, expected).await;

    let given = Some("https://pay.shop.example".parse().unwrap());
    let provider = CommandLine::new("tunnel {url}", given, world.programs()).unwrap();
    let shop = Fixture::start().await;
    let error = provider.open(&shop.server).await.unwrap().session.ended().await;
    assert!(error.message.contains("Permission denied (publickey)"), "{error}");
    world.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_program_that_is_not_installed_is_named() {
    let Some(world) = World::with(&[]) else { return };
    let expected = "TUNNEL_COMMAND starts the program \"no-tunnel\", which is not installed or not in PATH";
    world
        .assert_fails(&command(&world, "no-tunnel --token abc"), TunnelErrorKind::NotInstalled, expected)
        .await;

    // A file that is no program.
    fs::write(world.path("notes"), "not a program").unwrap();
    world.assert_fails(&command(&world, "notes"), TunnelErrorKind::Permanent, "cannot start \"notes\"").await;
}

#[tokio::test]
async fn a_program_that_does_not_want_to_end_is_made_to_with_all_that_it_started() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    world.is(json!({"stubborn": true, "family": true}));
    let stubborn = assert_opens_and_closes(&world, &command(&world, "tunnel {url}")).await;
    assert!(stubborn > Duration::from_secs(1), "it was asked first, {stubborn:?}");

    // One that does is not waited for longer than it needs.
    world.is(json!({"family": true}));
    let took = assert_opens_and_closes(&world, &command(&world, "tunnel {url}")).await;
    assert!(took < stubborn, "{took:?}, {stubborn:?}");
    assert!(world.path("deleted").exists(), "it could end in order");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_left_the_session_ends_too() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    world.is(json!({"daemon": true, "stubborn": true}));
    assert_opens_and_closes(&world, &command(&world, "tunnel {url}")).await;

    let shop = Fixture::start().await;
    let opened = command(&world, "tunnel {url}").open(&shop.server).await.unwrap();
    drop(opened);
    world.assert_nothing_is_left().await;
}

#[tokio::test]
async fn what_a_program_repeats_of_its_arguments_and_of_its_settings_is_hidden() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    world.is(json!({"fault": "repeats"}));
    let line = "tunnel -tS3cretT0ken --auth user:pa55w0rd --password x https://me:hunter22@a.example/ --key=An0therOne";
    let error = command(&world, line).open(&Fixture::start().await.server).await.unwrap_err();
    for secret in ["S3cretT0ken", "pa55w0rd", "password x", "hunter22", "An0therOne", "pr1nted"] {
        assert!(!error.message.contains(secret), "{secret}: {error}");
    }
    assert!(error.message.ends_with("/ the last line tells the cause."), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_an_attempt_or_a_tunnel_leaves_nothing_behind() {
    let Some(world) = World::with(&["tunnel"]) else { return };
    let shop = Fixture::start().await;
    world.is(json!({"fault": "never", "family": true, "stubborn": true}));
    let provider = command(&world, "tunnel {url}");
    {
        let mut attempt = provider.open(&shop.server);
        let both_run = || {
            let pids = fs::read_to_string(world.path("pids")).unwrap_or_default();
            (pids.lines().count() == 2).then_some(())
        };
        tokio::select! {
            _ = &mut attempt => panic!("it printed no address"),
            () = eventually("the program and its child", async || both_run()) => {}
        }
    }
    world.assert_nothing_is_left().await;

    world.is(json!({"family": true, "stubborn": true}));
    let opened = provider.open(&shop.server).await.unwrap();
    let public_url = opened.public_url.clone();
    drop(opened);
    world.assert_nothing_is_left().await;
    assert_is_gone(&public_url).await;
}
