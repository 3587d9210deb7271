use std::collections::HashMap;

use secrecy::ExposeSecret as _;

use super::*;

const DEVICE: &str = "12345678-90ab-4cde-8f01-2345678990ab";
const SECRET: &str = "02d4b921007cad413e79731dd02b3267cd43a14d150a0ae6a1c651942122bb62";

fn read(variables: &[(&str, &str)], sandbox: bool) -> Config {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let environment = Environment::new(
        move |name| variables.get(name).cloned(),
        |path| match path {
            "device" => Ok(format!("{DEVICE}\n")),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        },
    );
    Config::from_environment(&environment, sandbox, || {
        vec![Known { tool: "create_payment_link", toolset: "payments" }]
    })
}

/// The variables that are complained about.
fn problems(variables: &[(&str, &str)]) -> Vec<String> {
    read(variables, false).problems.iter().map(|problem| problem.variable.clone()).collect()
}

#[test]
fn a_device_id_is_all_it_takes() {
    let config = read(&[("BITNOVO_DEVICE_ID", DEVICE)], false);
    assert!(config.problems.is_empty() && config.warnings.is_empty());
    let Upstream::Remote(api) = config.upstream else { panic!("{:?}", config.upstream) };
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
    assert!(matches!(config.upstream, Upstream::EmbeddedSandbox(_)));

    let config = read(&[("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_DEVICE_SECRET", SECRET)], true);
    let Upstream::EmbeddedSandbox(embedded) = config.upstream else { panic!("{:?}", config.upstream) };
    let sandbox = embedded.sandbox(0);
    assert_eq!(sandbox.device_id, Some(DEVICE.parse().unwrap()));
    assert_eq!(sandbox.device_secret.unwrap().expose_secret(), SECRET);
}

#[test]
fn the_flag_wins_over_a_real_api_and_the_environment_does_not() {
    let real = [("BITNOVO_DEVICE_ID", DEVICE), ("BITNOVO_BASE_URL", "https://pos.bitnovo.com")];
    assert!(matches!(read(&real, true).upstream, Upstream::EmbeddedSandbox(_)));
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
    assert!(matches!(config.upstream, Upstream::SharedSandbox(_)), "{:?}", config.problems);
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
