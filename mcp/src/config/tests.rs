use std::{collections::HashMap, ffi::OsString};

use payments_core::SecretFileError;
use secrecy::ExposeSecret as _;

use super::bitnovo::upstream::Upstream;
use super::variables::bitnovo::UPSTREAM;
use super::*;

const DEVICE: &str = "12345678-90ab-4cde-8f01-2345678990ab";
const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";

fn read(variables: &[(&str, &str)], sandbox: bool) -> Config {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let environment = Environment::new(
        move |name| variables.get(name).map(OsString::from),
        |path| match path {
            "device" => Ok(format!("{DEVICE}\n").into()),
            _ => Err(SecretFileError::Unreadable(std::io::ErrorKind::NotFound)),
        },
    );
    from(&environment, sandbox)
}

fn from(environment: &Environment, sandbox: bool) -> Config {
    let tools = || vec![KnownTool { tool: "create_payment_link", toolset: "payments" }];
    Config::from_environment(environment, sandbox, Offer { tools, ..Offer::NOTHING })
}

/// The variables that are complained about.
fn problems(variables: &[(&str, &str)]) -> Vec<String> {
    read(variables, false).problems.iter().map(|problem| problem.variable.clone()).collect()
}

#[test]
fn a_device_id_is_all_it_takes() {
    let config = read(&[("BITNOVO_DEVICE_ID", DEVICE)], false);
    assert!(config.problems.is_empty() && config.warnings.is_empty());
    let Upstream::Remote(api) = config.bitnovo.upstream else { panic!("{:?}", config.bitnovo.upstream) };
    assert_eq!(api.base_url.as_str().trim_end_matches('/'), "https://pos.bitnovo.com");
}

#[test]
fn every_problem_is_reported_at_once() {
    let all = problems(&[
        ("BITNOVO_BASE_URL", "https://pos.bitnovo.com.com"),
        ("BITNOVO_LANGUAGE", "fr"),
        ("BITNOVO_QR_DELIVERY", "paper"),
        ("LOG_LEVEL", "loud"),
        ("BITNOVO_TOOLSETS", "everything"),
        ("MAX_RETRIES", "6"),
        ("RETRY_DELAY", "soon"),
        ("API_TIMEOUT", "0"),
    ]);
    for variable in [
        "BITNOVO_DEVICE_ID",
        "BITNOVO_BASE_URL",
        "BITNOVO_LANGUAGE",
        "BITNOVO_QR_DELIVERY",
        "LOG_LEVEL",
        "BITNOVO_TOOLSETS",
        "MAX_RETRIES",
        "RETRY_DELAY",
        "API_TIMEOUT",
    ] {
        assert!(all.iter().any(|found| found == variable), "{variable} is not among {all:?}");
    }
}

#[test]
fn a_provider_is_kept_from_working_by_its_own_problems_and_the_servers() {
    let named =
        |problems: Vec<Problem>| problems.into_iter().map(|problem| problem.variable).collect::<Vec<_>>();
    let bitnovo = variables::bitnovo::VARIABLES.provider;
    let other = Provider { id: "other", name: "Another provider" };
    let config = read(&[("LOG_LEVEL", "loud")], false);
    assert_eq!(named(config.problems_for(bitnovo)), ["BITNOVO_DEVICE_ID", "LOG_LEVEL"]);
    assert_eq!(named(config.problems_for(Some(other))), ["LOG_LEVEL"]);
    // Where no provider can be used, everything is named.
    assert_eq!(named(config.problems_for(None)), ["BITNOVO_DEVICE_ID", "LOG_LEVEL"]);
    let usable = read(&[("BITNOVO_DEVICE_ID", DEVICE)], false);
    assert!(usable.problems_for(None).is_empty());
}

#[test]
fn a_malformed_device_id_has_a_code_of_its_own_and_a_missing_one_has_not() {
    let config = read(&[("BITNOVO_DEVICE_ID", &format!(" {DEVICE}"))], false);
    assert_eq!(config.problems[0].code, Some(Code::InvalidDeviceId));
    assert!(config.problems[0].message.contains("space"), "{}", config.problems[0]);
    assert_eq!(read(&[], false).problems[0].code, None);
}

#[test]
fn a_secret_may_stand_in_a_file() {
    assert!(problems(&[("BITNOVO_DEVICE_ID_FILE", "device")]).is_empty());
    assert!(
        problems(&[("BITNOVO_DEVICE_ID_FILE", "nowhere")]).contains(&"BITNOVO_DEVICE_ID_FILE".to_owned())
    );
    let twice = [("BITNOVO_DEVICE_ID_FILE", "device"), ("BITNOVO_DEVICE_ID", DEVICE)];
    assert_eq!(problems(&twice), ["BITNOVO_DEVICE_ID"]);
}

#[test]
fn the_sandbox_needs_no_credentials_and_adopts_those_that_are_there() {
    let config = read(&[], true);
    assert!(config.problems.is_empty());
    assert!(matches!(config.bitnovo.upstream, Upstream::EmbeddedSandbox(_)));

    let config = read(&[("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_DEVICE_SECRET", SECRET)], true);
    let Upstream::EmbeddedSandbox(embedded) = config.bitnovo.upstream else {
        panic!("{:?}", config.bitnovo.upstream)
    };
    let sandbox = embedded.sandbox(0);
    assert_eq!(sandbox.device_id, Some(DEVICE.parse().unwrap()));
    assert_eq!(sandbox.device_secret.unwrap().expose_secret(), SECRET);
}

#[test]
fn the_flag_wins_over_a_real_api_and_the_environment_does_not() {
    let real = [("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_BASE_URL", "https://pos.bitnovo.com")];
    assert!(matches!(read(&real, true).bitnovo.upstream, Upstream::EmbeddedSandbox(_)));
    let contradiction = [&real[..], &[("BITNOVO_ENV", "sandbox")]].concat();
    assert_eq!(problems(&contradiction), ["BITNOVO_BASE_URL"]);
}

#[test]
fn a_sandbox_of_another_process_is_used_when_its_address_is_named() {
    let shared = [
        ("BITNOVO_ENV", "sandbox"),
        ("BITNOVO_BASE_URL", "http://127.0.0.1:8787"),
        ("BITNOVO_DEVICE_ID", DEVICE),
    ];
    let config = read(&shared, false);
    assert!(matches!(config.bitnovo.upstream, Upstream::SharedSandbox(_)), "{:?}", config.problems);
}

#[test]
fn an_unusual_host_is_warned_about() {
    let unusual = [("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_BASE_URL", "https://pay.example.com")];
    let config = read(&unusual, false);
    assert!(config.problems.is_empty());
    assert!(config.warnings[0].contains("pay.example.com"), "{:?}", config.warnings);
}

#[test]
fn no_secret_is_part_of_what_is_printed() {
    let config =
        read(&[("BITNOVO_DEVICE_ID", "not-a-uuid-but-private"), ("BITNOVO_DEVICE_SECRET", "hunter2")], true);
    let printed = config.problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(config.problems.len(), 2);
    assert!(!printed.contains("private") && !printed.contains("hunter2"), "{printed}");
}

fn webhooks(variables: &[(&str, &str)]) -> WebhookSettings {
    let secret = [("BITNOVO_DEVICE_SECRET", SECRET), ("WEBHOOK_ENABLED", "true")];
    let config = read(&[&[("BITNOVO_DEVICE_ID", DEVICE)], &secret[..], variables].concat(), false);
    match config.webhooks {
        WebhookConfig::On(settings) => *settings,
        other => panic!("{other:?}: {:?}", config.problems),
    }
}

#[test]
fn what_carries_webhooks_is_what_was_asked_for_or_what_the_place_suggests() {
    use TunnelChoice::{Cloudflared, Command, Manual, Ngrok, Zrok};
    let on = ("TUNNEL_ENABLED", "true");
    let url = ("WEBHOOK_PUBLIC_URL", "https://shop.example");
    type Case<'a> = (&'a [(&'a str, &'a str)], bool, TunnelChoice);
    let cases: &[Case<'_>] = &[
        (&[on, ("TUNNEL_PROVIDER", "ngrok")], true, Ngrok),
        (&[on, ("TUNNEL_PROVIDER", "zrok"), url], true, Zrok),
        (&[on, ("TUNNEL_PROVIDER", "cloudflared")], true, Cloudflared),
        (&[on, ("TUNNEL_COMMAND", "ssh -N")], true, Command),
        (&[on, ("TUNNEL_COMMAND", "ssh -N"), ("TUNNEL_PROVIDER", "ngrok")], true, Ngrok),
        (&[on, ("KUBERNETES_SERVICE_HOST", "10.0.0.1")], true, Manual),
        (&[on, ("N8N_HOST", "n8n.shop.example")], true, Manual),
        (&[on, ("N8N_HOST", "n8n.shop.example"), ("TUNNEL_PROVIDER", "ngrok")], true, Ngrok),
        // The documented set-up of a server.
        (&[url], true, Manual),
        (&[url, ("TUNNEL_PROVIDER", "ngrok")], true, Manual),
        // Nothing leads here from outside, and nothing was asked to.
        (&[("TUNNEL_PROVIDER", "ngrok")], false, Ngrok),
    ];
    for (variables, enabled, provider) in cases {
        let tunnel = webhooks(variables).tunnel;
        assert_eq!((tunnel.enabled, tunnel.provider), (*enabled, *provider), "{variables:?}");
    }
}

#[test]
fn a_public_address_is_kept_without_the_path_for_webhooks() {
    for (given, base) in [
        ("https://shop.example", "https://shop.example/"),
        ("https://shop.example/webhook/bitnovo", "https://shop.example/"),
        ("https://shop.example/pay/", "https://shop.example/pay"),
        ("https://shop.example/pay/webhook/bitnovo", "https://shop.example/pay"),
    ] {
        let settings = webhooks(&[("WEBHOOK_PUBLIC_URL", given)]);
        assert_eq!(settings.manual_address().unwrap().as_str(), base, "{given}");
    }
}

#[test]
fn the_settings_of_tunnels_are_checked_and_their_secrets_hidden() {
    let wrong = [
        ("TUNNEL_RECONNECT_MAX_RETRIES", "many"),
        ("TUNNEL_RECONNECT_BACKOFF_MS", "0"),
        ("TUNNEL_HEALTH_CHECK_INTERVAL", "10"),
    ];
    let device =
        [("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_DEVICE_SECRET", SECRET), ("WEBHOOK_ENABLED", "true")];
    assert_eq!(problems(&[&device[..], &wrong].concat()), wrong.map(|(name, _)| name));

    let tokens = [
        ("NGROK_AUTHTOKEN", "2abcNGROK"),
        ("ZROK_TOKEN", "zrokTOKEN"),
        ("NGROK_DOMAIN", "https://a.ngrok.app/"),
    ];
    let config = read(&[&device[..], &tokens].concat(), false);
    assert!(!format!("{config:?}").contains("2abcNGROK"));
    assert_eq!(config.redaction.masked("2abcNGROK and zrokTOKEN").unwrap(), "[hidden] and [hidden]");
    let WebhookConfig::On(settings) = config.webhooks else { panic!("{:?}", config.problems) };
    assert_eq!(settings.tunnel.ngrok.domain.as_deref(), Some("a.ngrok.app"));
}

#[test]
fn a_secret_that_is_too_short_to_be_one_is_refused_or_warned_about() {
    let device = ("BITNOVO_DEVICE_ID", DEVICE);
    for (length, refused) in [(1, true), (4, true), (15, true), (16, false), (64, false)] {
        let token = "t".repeat(length);
        for enabled in ["false", "true"] {
            let chosen = [
                device,
                ("WEBHOOK_ENABLED", enabled),
                ("BITNOVO_DEVICE_SECRET", SECRET),
                ("WEBHOOK_STATS_TOKEN", &token),
            ];
            let expected: &[&str] = if refused { &["WEBHOOK_STATS_TOKEN"] } else { &[] };
            assert_eq!(problems(&chosen), expected, "{length}");
            let config = read(&chosen, false);
            assert_eq!(matches!(config.webhooks, WebhookConfig::Unusable(_)), refused && enabled == "true");
        }
    }
    for name in ["NGROK_AUTHTOKEN", "ZROK_TOKEN"] {
        let short = read(&[device, (name, "BTCTEST")], false);
        assert!(short.problems.is_empty() && short.warnings[0].contains(name), "{:?}", short.warnings);
        assert_eq!(short.redaction.masked("BTCTEST"), None, "a hole in an answer");
        let long = read(&[device, (name, "2abcdefg")], false);
        assert!(long.warnings.is_empty(), "{:?}", long.warnings);
        assert_eq!(long.redaction.masked("x 2abcdefg").as_deref(), Some("x [hidden]"));
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_a_problem_and_never_its_default() {
    use std::os::unix::ffi::OsStringExt as _;

    for unreadable in variables::names() {
        let environment = Environment::new(
            move |name| match name {
                name if name == unreadable => Some(OsString::from_vec(b"500 \x80UR".to_vec())),
                "BITNOVO_DEVICE_ID" => Some(DEVICE.into()),
                _ => None,
            },
            |_| Err(SecretFileError::NotText),
        );
        let config = from(&environment, false);
        let named: Vec<&str> = config.problems.iter().map(|problem| problem.variable.as_str()).collect();
        assert!(named.contains(&unreadable), "{unreadable}: {named:?}");
        assert_eq!(named.iter().filter(|name| **name == unreadable).count(), 1, "{unreadable}: {named:?}");
        // What is asked for and cannot be read is not left open.
        let pair = NEUTRAL.iter().find(|(_, neutral)| *neutral == unreadable);
        let documented = pair.map_or(unreadable, |(documented, _)| *documented);
        let limits_it = variables::limits().any(|limit| limit == documented);
        assert_eq!(!config.bitnovo.limits.problems.is_empty(), limits_it, "{unreadable}");
        let of_webhooks =
            ["WEBHOOK_", "TUNNEL_", "NGROK_", "ZROK_"].iter().any(|of| unreadable.starts_with(of));
        assert_eq!(matches!(config.webhooks, WebhookConfig::Unusable(_)), of_webhooks, "{unreadable}");
        let decides = UPSTREAM.contains(&unreadable);
        assert_eq!(matches!(config.bitnovo.upstream, Upstream::Unconfigured), decides, "{unreadable}");
    }
}

#[test]
fn a_limit_that_is_empty_is_warned_about() {
    for name in variables::limits() {
        let config = read(&[("BITNOVO_DEVICE_ID", DEVICE), (name, "")], false);
        assert!(config.problems.is_empty(), "{name}: {:?}", config.problems);
        let [warning] = config.warnings.as_slice() else { panic!("{name}: {:?}", config.warnings) };
        assert!(warning.starts_with(name) && warning.contains("limits nothing"), "{warning}");
    }
}

#[test]
fn how_the_client_behaves_is_set_under_either_name_but_not_twice() {
    let device = ("BITNOVO_DEVICE_ID", DEVICE);
    let timeout = |variables: &[(&str, &str)]| match read(variables, false).bitnovo.upstream {
        Upstream::Remote(api) => api.timeouts.read().as_millis(),
        other => panic!("{other:?}"),
    };
    assert_eq!(timeout(&[device, ("API_TIMEOUT", "1234")]), 1234);
    assert_eq!(timeout(&[device, ("BITNOVO_API_TIMEOUT_MS", "1234")]), 1234);
    assert_eq!(timeout(&[device, ("BITNOVO_API_TIMEOUT_MS", "1234"), ("API_TIMEOUT", "1234")]), 1234);
    let twice = [device, ("BITNOVO_MAX_RETRIES", "1"), ("MAX_RETRIES", "2")];
    assert_eq!(problems(&twice), ["BITNOVO_MAX_RETRIES"]);
    assert_eq!(problems(&[device, ("BITNOVO_RETRY_DELAY_MS", "soon")]), ["BITNOVO_RETRY_DELAY_MS"]);
    assert_eq!(problems(&[device, ("RETRY_DELAY", "soon")]), ["RETRY_DELAY"]);
}

#[test]
fn what_holds_for_the_whole_server_is_set_under_either_name_but_not_twice() {
    let device = ("BITNOVO_DEVICE_ID", DEVICE);
    assert!(read(&[device, ("PAYMENTS_READ_ONLY", "true")], false).read_only);
    // Empty is not set: the other name counts.
    assert!(read(&[device, ("PAYMENTS_READ_ONLY", "true"), ("BITNOVO_READ_ONLY", "")], false).read_only);
    assert_eq!(read(&[device, ("PAYMENTS_QR_DELIVERY", "data_uri")], false).qr_delivery, QrDelivery::DataUri);
    for (documented, neutral) in NEUTRAL {
        assert_eq!(problems(&[device, (neutral, "none of the words")]), [documented], "{neutral}");
        assert!(
            problems(&[device, (documented, "es"), (neutral, "en")]).contains(&neutral.to_owned()),
            "{neutral}"
        );
    }
}

#[test]
fn words_are_understood_in_any_case() {
    let config = read(
        &[
            ("BITNOVO_ENV", "Sandbox"),
            ("BITNOVO_LANGUAGE", "ES"),
            ("BITNOVO_QR_DELIVERY", "Data_URI"),
            ("LOG_LEVEL", "WARN"),
        ],
        false,
    );
    assert!(config.problems.is_empty() && config.wants_sandbox, "{:?}", config.problems);
    assert_eq!((config.language, config.qr_delivery), (Some(Language::Es), QrDelivery::DataUri));
    let environments = [("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_ENV", "PreProduction")];
    assert!(read(&environments, false).problems.is_empty());
    let tunnel = webhooks(&[("TUNNEL_ENABLED", "TRUE"), ("TUNNEL_PROVIDER", "Cloudflared")]).tunnel;
    assert_eq!(tunnel.provider, TunnelChoice::Cloudflared);
}

#[test]
fn plain_http_for_the_api_opens_nothing_for_webhooks() {
    let public = ("WEBHOOK_PUBLIC_URL", "http://127.0.0.1:4000");
    let enabled = [
        ("BITNOVO_DEVICE_ID", DEVICE),
        ("BITNOVO_DEVICE_SECRET", SECRET),
        ("WEBHOOK_ENABLED", "true"),
        public,
    ];
    let of_the_api = [&enabled[..], &[("BITNOVO_ALLOW_HTTP_LOOPBACK", "true")]].concat();
    assert_eq!(problems(&of_the_api), ["WEBHOOK_PUBLIC_URL"]);
    assert!(webhooks(&[public, ("WEBHOOK_ALLOW_HTTP_LOOPBACK", "true")]).allow_loopback);
}
