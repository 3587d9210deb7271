//! zrok, both generations.

use futures::future::join_all;
use payments_tunnel::Zrok;

use super::*;

const BOTH: [&str; 2] = ["zrok", "zrok2"];

fn zrok(world: &World, name: Option<&str>) -> Zrok {
    Zrok::new(world.programs(), name.map(str::to_owned), None)
}

/// Asserts how an attempt with the stub's fault fails, in both generations.
async fn assert_both_fail(fault: &str, kind: TunnelErrorKind, message: &str) {
    join_all(BOTH.map(async |program| {
        let Some(world) = World::with(&[program]) else { return };
        world.is(json!({"fault": fault}));
        world.assert_fails(&zrok(&world, None), kind, &message.replace("{zrok}", program)).await;
    }))
    .await;
}

/// Asserts that no address comes in time, in both generations, and what is told of what was said.
async fn assert_both_tell_nothing(so: Value, said: &str) {
    join_all(BOTH.map(async |program| {
        let Some(world) = World::with(&[program]) else { return };
        world.is(so.clone());
        let provider = Zrok::new(world.programs().address_deadline(SHORT), None, None);
        let error =
            world.assert_fails(&provider, TunnelErrorKind::Passing, "no address within 3 seconds").await;
        assert!(error.message.contains(said), "{error}");
    }))
    .await;
}

/// Asserts that a tunnel opens, carries a webhook and closes, although the stub prints according to `fault`.
async fn assert_both_open(fault: &str) {
    join_all(BOTH.map(async |program| {
        let Some(world) = World::with(&[program]) else { return };
        world.is(json!({"fault": fault}));
        assert_opens_and_closes(&world, &zrok(&world, None)).await;
    }))
    .await;
}

#[tokio::test]
async fn a_name_is_made_ours_once_and_kept() {
    for (program, naming) in [("zrok", "reserve"), ("zrok2", "create")] {
        let Some(world) = World::with(&[program]) else { return };
        let provider = zrok(&world, Some("shop1"));
        assert!(provider.address_is_stable());
        for _ in 0..2 {
            assert_opens_and_closes(&world, &provider).await;
        }
        assert_eq!(
            (world.count("version"), world.count(naming), world.count("share")),
            (1, 1, 2),
            "{program}"
        );

        // Another process finds the name taken, and only sharing shows by which account.
        assert_opens_and_closes(&world, &zrok(&world, Some("shop1"))).await;
        assert_eq!(world.count(naming), 2, "{program}");
    }
}

#[tokio::test]
async fn the_commands_are_those_of_the_generation() {
    let shop = Fixture::start().await;
    let target = format!("http://{}", shop.address());
    type Commands<'a> = Vec<Vec<&'a str>>;
    let cases: [(&str, Option<&str>, Commands<'_>); 4] = [
        (
            "zrok",
            Some("shop1"),
            vec![
                vec!["reserve", "public", "--unique-name", "shop1", "-j", &target],
                vec![
                    "share",
                    "reserved",
                    "shop1",
                    "--headless",
                    "--force-local",
                    "--override-endpoint",
                    &target,
                ],
            ],
        ),
        (
            "zrok2",
            Some("bitnovo-webhooks"),
            vec![
                vec!["create", "name", "bitnovo-webhooks", "-n", "public"],
                vec![
                    "share",
                    "public",
                    &target,
                    "-n",
                    "public:bitnovo-webhooks",
                    "--headless",
                    "--force-local",
                ],
            ],
        ),
        ("zrok", None, vec![vec!["share", "public", &target, "--headless", "--force-local"]]),
        ("zrok2", None, vec![vec!["share", "public", &target, "--headless", "--force-local"]]),
    ];
    for (program, name, commands) in cases {
        let Some(world) = World::with(&[program]) else { return };
        let provider = zrok(&world, name);
        assert_eq!(provider.address_is_stable(), name.is_some());
        provider.open(&shop.server).await.unwrap().session.close().await;
        let expected: Commands<'_> = [vec!["version"]].into_iter().chain(commands).collect();
        let expected: Commands<'_> =
            expected.into_iter().map(|command| [vec![program], command].concat()).collect();
        assert_eq!(world.calls(), expected);
    }
}

#[tokio::test]
async fn the_newer_generation_is_used_when_both_are_installed() {
    let Some(world) = World::with(&BOTH) else { return };
    assert_opens_and_closes(&world, &zrok(&world, None)).await;
    assert!(world.calls().iter().all(|call| call[0] == "zrok2"), "{:?}", world.calls());
}

#[tokio::test]
async fn without_zrok_it_says_where_to_get_it() {
    let Some(world) = World::with(&[]) else { return };
    let expected =
        "not installed, or not in PATH. Install it as https://docs.zrok.io/docs/guides/install/ says";
    let provider = zrok(&world, None);
    world.assert_fails(&provider, TunnelErrorKind::NotInstalled, expected).await;
    // And it is found as soon as it is there.
    symlink(STUB, world.path("zrok2")).unwrap();
    assert_opens_and_closes(&world, &provider).await;
}

#[tokio::test]
async fn a_machine_that_is_not_enabled_gets_the_command_to_run() {
    for program in BOTH {
        for name in [None, Some("shop1")] {
            let Some(world) = World::with(&[program]) else { return };
            world.is(json!({"enabled": false, "account": TOKEN}));
            let expected = format!("Run \"{program} enable TOKEN\" once");
            world.assert_fails(&zrok(&world, name), TunnelErrorKind::Permanent, &expected).await;
            assert_eq!(world.count("enable"), 0);
        }
    }
}

#[tokio::test]
async fn with_the_accounts_token_the_machine_is_enabled_and_the_token_stays_secret() {
    for program in BOTH {
        let Some(world) = World::with(&[program]) else { return };
        world.is(json!({"enabled": false, "account": TOKEN}));
        let provider = Zrok::new(world.programs(), Some("shop1".into()), Some(TOKEN.into()));
        assert!(!format!("{provider:?} {provider:#?}").contains(TOKEN));
        assert_opens_and_closes(&world, &provider).await;
        assert_eq!(world.count("enable"), 1);

        // The stub repeats the token that it refuses.
        let Some(world) = World::with(&[program]) else { return };
        world.is(json!({"enabled": false, "account": "another"}));
        let provider = Zrok::new(world.programs(), None, Some(TOKEN.into()));
        let error =
            world.assert_fails(&provider, TunnelErrorKind::Permanent, "zrok refuses ZROK_TOKEN").await;
        assert!(error.message.contains("enableUnauthorized [hidden]"), "{error}");
    }
}

#[tokio::test]
async fn a_token_is_not_used_where_it_is_not_needed() {
    let Some(world) = World::with(&["zrok2"]) else { return };
    let provider = Zrok::new(world.programs(), None, Some(TOKEN.into()));
    assert_opens_and_closes(&world, &provider).await;
    assert_eq!(world.count("enable"), 0);
}

#[tokio::test]
async fn a_name_that_the_generation_does_not_take_is_explained_before_it_is_used() {
    let Some(world) = World::with(&["zrok"]) else { return };
    let expected = "Write ZROK_UNIQUE_NAME=bitnovowebhooks, or install zrok2, which takes hyphens.";
    world.assert_fails(&zrok(&world, Some("bitnovo-webhooks")), TunnelErrorKind::Permanent, expected).await;
    assert_eq!(world.calls(), [["zrok", "version"]]);

    let Some(world) = World::with(&["zrok2"]) else { return };
    for name in ["--panic", "Shop 1", "a;b"] {
        world
            .assert_fails(&zrok(&world, Some(name)), TunnelErrorKind::Permanent, "is no name for zrok2")
            .await;
    }
    assert!(world.calls().iter().all(|call| call[1] == "version"));
    assert_opens_and_closes(&world, &zrok(&world, Some("bitnovo-webhooks"))).await;
}

#[tokio::test]
async fn a_name_of_another_account_is_not_taken_for_our_own() {
    let Some(world) = World::with(&["zrok"]) else { return };
    world.is(json!({"taken": ["shop1"]}));
    world
        .assert_fails(&zrok(&world, Some("shop1")), TunnelErrorKind::Permanent, "belongs to another account")
        .await;

    // Here it may also be a tunnel of ours that the service still keeps.
    let Some(world) = World::with(&["zrok2"]) else { return };
    world.is(json!({"taken": ["shop1"]}));
    world
        .assert_fails(
            &zrok(&world, Some("shop1")),
            TunnelErrorKind::Slow,
            "is in use, by another account or by",
        )
        .await;
}

#[tokio::test]
async fn a_name_that_was_released_is_made_ours_again() {
    let Some(world) = World::with(&["zrok"]) else { return };
    let provider = zrok(&world, Some("shop1"));
    assert_opens_and_closes(&world, &provider).await;
    world.is(json!({"names": []}));
    world.assert_fails(&provider, TunnelErrorKind::Passing, "404").await;
    assert_opens_and_closes(&world, &provider).await;
}

#[tokio::test]
async fn no_more_names_is_a_matter_for_the_user() {
    for program in BOTH {
        let Some(world) = World::with(&[program]) else { return };
        world.is(json!({"fault": "limit"}));
        world
            .assert_fails(&zrok(&world, Some("shop1")), TunnelErrorKind::Permanent, "names limit reached")
            .await;
    }
}

#[tokio::test]
async fn an_account_that_is_refused_is_a_matter_for_the_user() {
    assert_both_fail(
        "refused",
        TunnelErrorKind::Permanent,
        "Run \"{zrok} disable\", then \"{zrok} enable TOKEN\"",
    )
    .await;
}

#[tokio::test]
async fn a_busy_service_is_asked_again_after_a_while() {
    assert_both_fail("busy", TunnelErrorKind::Slow, "the zrok service is busy, retry in 3 seconds").await;
}

#[tokio::test]
async fn a_zrok_that_is_too_old_is_to_be_updated() {
    assert_both_fail("old", TunnelErrorKind::Permanent, "This {zrok} is too old. Install a newer one").await;
}

#[tokio::test]
async fn an_early_end_is_tried_again() {
    assert_both_fail(
        "exits_early",
        TunnelErrorKind::Passing,
        "{zrok} has opened no tunnel: it ended with exit status: 3",
    )
    .await;
}

#[tokio::test]
async fn without_an_address_the_attempt_ends() {
    assert_both_tell_nothing(json!({"fault": "no_url", "family": true}), "It said: sharing target").await;
}

#[tokio::test]
async fn an_address_without_https_is_none() {
    assert_both_tell_nothing(json!({"fault": "insecure_url"}), "http://shop.share.example").await;
}

#[tokio::test]
async fn a_program_that_hangs_is_given_up() {
    let so = json!({"fault": "hangs", "family": true, "stubborn": true});
    assert_both_tell_nothing(so, "It said: nothing").await;
}

#[tokio::test]
async fn a_coloured_address_is_read() {
    assert_both_open("coloured").await;
}

#[tokio::test]
async fn an_address_in_pieces_is_read() {
    assert_both_open("split_writes").await;
}

#[tokio::test]
async fn a_huge_line_does_no_harm() {
    assert_both_open("huge_line").await;
}

#[tokio::test]
async fn a_program_that_goes_on_talking_is_listened_to() {
    for program in BOTH {
        let Some(world) = World::with(&[program]) else { return };
        world.is(json!({"fault": "chatty"}));
        let shop = Fixture::start().await;
        let opened = zrok(&world, None).open(&shop.server).await.unwrap();
        eventually("the last of its words", async || world.path("chatted").exists().then_some(())).await;
        assert_works(&opened, &shop).await;
        opened.session.close().await;
        world.assert_nothing_is_left().await;
    }
}

#[tokio::test]
async fn an_open_tunnel_tells_when_it_ends() {
    for program in BOTH {
        let Some(world) = World::with(&[program]) else { return };
        world.is(json!({"family": true}));
        let shop = Fixture::start().await;
        let mut opened = zrok(&world, None).open(&shop.server).await.unwrap();
        let still_open = tokio::time::timeout(Duration::from_millis(50), opened.session.ended()).await;
        assert!(still_open.is_err());
        world.touch("die");
        for _ in 0..2 {
            let error = opened.session.ended().await;
            assert_eq!(error.kind, TunnelErrorKind::Passing);
            let expected = format!(
                "The tunnel is gone with its program, {program}: it ended with exit status: 1: [ERROR]: the session has \
                 expired."
            );
            assert_eq!(error.message, expected);
        }
        drop(opened);
        world.assert_nothing_is_left().await;
    }
}

#[tokio::test]
async fn an_open_tunnel_outlives_what_it_leads_to() {
    for program in BOTH {
        let Some(world) = World::with(&[program]) else { return };
        let shop = Fixture::start().await;
        let mut opened = zrok(&world, None).open(&shop.server).await.unwrap();
        drop(shop);
        eventually("the answer for a dead server", async || {
            // The server may die with a request in hand, whose connection then ends without an answer.
            let reply = try_send(&opened, &webhook(payment(1), NOW)).await?;
            (reply.status == 502).then_some(())
        })
        .await;
        let ended = tokio::time::timeout(Duration::from_millis(50), opened.session.ended()).await;
        assert!(ended.is_err(), "{ended:?}");
        opened.session.close().await;
        world.assert_nothing_is_left().await;
    }
}
