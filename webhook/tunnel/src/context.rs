//! Detects where the process runs: automation platforms and servers have a public address of
//! their own, a laptop needs a tunnel. Pure: the environment and the file system are arguments.

use std::fmt;

use serde_json::Number;

/// What kind of place the process runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutionContext {
    /// Inside the automation platform n8n.
    N8n,
    /// Inside the agent platform Opal.
    Opal,
    /// In a pod of a Kubernetes cluster.
    Kubernetes,
    /// In a container, or beside a Docker daemon.
    Docker,
    /// On a server, as a service.
    Server,
    /// On a personal machine.
    Local,
}

impl ExecutionContext {
    /// The name, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::N8n => "n8n",
            Self::Opal => "opal",
            Self::Kubernetes => "kubernetes",
            Self::Docker => "docker",
            Self::Server => "server",
            Self::Local => "local",
        }
    }
}

impl fmt::Display for ExecutionContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Where the process runs, and what follows for its webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DetectedContext {
    /// The kind of place.
    pub execution_context: ExecutionContext,
    /// How sure that is, from 0 to 100.
    pub confidence_percent: u8,
    /// What should bring webhooks here: `manual` where a public address is to be expected, else `ngrok`.
    pub suggested_provider: &'static str,
    /// What the detection is based on: names of variables and files, never their values.
    pub indicators: Vec<String>,
    /// The public https address that the place offers, without the path for webhooks; it has not been tried.
    pub public_url: Option<String>,
}

impl DetectedContext {
    /// How sure the kind of place is, as a number from 0 to 1: `0.7` for 70 percent.
    #[must_use]
    pub fn confidence(&self) -> Number {
        let decimal = match self.confidence_percent {
            percent @ 0..100 => format!("0.{percent:02}"),
            _ => "1.0".to_owned(),
        };
        decimal.parse().unwrap_or_else(|_| Number::from(0))
    }
}

/// A variable that is set, or one of several with the same meaning.
type Variables = &'static [&'static str];

/// Platforms that give themselves away by their variables, the most specific first: n8n and Opal run in containers, and
/// those of a cluster look like Docker's.
const PLATFORMS: [(ExecutionContext, Variables); 3] = [
    (ExecutionContext::N8n, &["N8N_HOST", "N8N_PROTOCOL"]),
    (ExecutionContext::Opal, &["OPAL_WEBHOOK_URL", "OPAL_HOST"]),
    (ExecutionContext::Kubernetes, &["KUBERNETES_SERVICE_HOST"]),
];

/// Signs of a server. A laptop shows one of them at times, such as terminals that systemd has started.
const SERVER_SIGNS: [(&str, Variables); 4] = [
    ("systemd service", &["INVOCATION_ID", "JOURNAL_STREAM"]),
    ("PM2", &["PM2_HOME", "pm_id"]),
    ("Supervisor", &["SUPERVISOR_ENABLED"]),
    ("SSH session", &["SSH_CONNECTION"]),
];

/// Written by the set-up of rented machines, and by nothing on a desk.
const CLOUD_MACHINE: &str = "/var/lib/cloud/instance";

/// How many signs make a server.
const SERVER_NEEDS: usize = 2;

/// Finds out where the process runs. `lookup` reads a variable, where an empty one counts as not set; `exists` returns
/// whether there is a file.
///
/// ```
/// use payments_tunnel::context::{ExecutionContext, detect};
///
/// let in_a_cluster = |name: &str| match name {
///     "KUBERNETES_SERVICE_HOST" => Some("10.0.0.1".to_owned()),
///     "INGRESS_HOST" => Some("pay.shop.example".to_owned()),
///     _ => None,
/// };
/// let context = detect(in_a_cluster, |_| false);
/// assert_eq!(context.execution_context, ExecutionContext::Kubernetes);
/// assert_eq!(context.public_url.as_deref(), Some("https://pay.shop.example"));
/// ```
#[must_use]
pub fn detect(lookup: impl Fn(&str) -> Option<String>, exists: impl Fn(&str) -> bool) -> DetectedContext {
    let get = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
    let set = |names: Variables| -> Vec<String> {
        names.iter().filter(|name| get(name).is_some()).map(|name| (*name).to_owned()).collect()
    };
    let place = |execution_context, confidence_percent, indicators| DetectedContext {
        execution_context,
        confidence_percent,
        suggested_provider: if execution_context == ExecutionContext::Local { "ngrok" } else { "manual" },
        indicators,
        public_url: public_url(execution_context, get),
    };

    for (platform, names) in PLATFORMS {
        let indicators = set(names);
        if !indicators.is_empty() {
            return place(platform, 95, indicators);
        }
    }
    if exists("/.dockerenv") {
        return place(ExecutionContext::Docker, 90, vec!["/.dockerenv".to_owned()]);
    }
    let indicators = set(&["DOCKER_HOST"]);
    if !indicators.is_empty() {
        // Also on a desk from which a distant daemon is steered.
        return place(ExecutionContext::Docker, 60, indicators);
    }
    let mut signs: Vec<String> = SERVER_SIGNS
        .iter()
        .filter_map(|(sign, names)| Some(format!("{sign} ({})", set(names).first()?)))
        .collect();
    if exists(CLOUD_MACHINE) {
        signs.push(format!("cloud machine ({CLOUD_MACHINE})"));
    }
    match signs.len() {
        SERVER_NEEDS => place(ExecutionContext::Server, 80, signs),
        more if more > SERVER_NEEDS => place(ExecutionContext::Server, 90, signs),
        _ => place(ExecutionContext::Local, 70, vec!["no sign of a platform or a server".to_owned()]),
    }
}

/// What the place offers as its public address. Only https: no provider posts to anything else, and an address for the
/// local network, as n8n has it by default, is none.
fn public_url(place: ExecutionContext, get: impl Fn(&str) -> Option<String>) -> Option<String> {
    let at_host = |name: &str| get(name).map(|host| format!("https://{host}"));
    let offered = match place {
        ExecutionContext::N8n => {
            get("N8N_PROTOCOL").zip(get("N8N_HOST")).map(|(protocol, host)| format!("{protocol}://{host}"))
        }
        ExecutionContext::Opal => get("OPAL_WEBHOOK_URL").or_else(|| at_host("OPAL_HOST")),
        ExecutionContext::Kubernetes => get("PUBLIC_URL").or_else(|| at_host("INGRESS_HOST")),
        // Tools for building web pages give PUBLIC_URL another meaning, on a desk.
        ExecutionContext::Docker | ExecutionContext::Server | ExecutionContext::Local => None,
    };
    offered.filter(|url| url.starts_with("https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Set<'a> = &'a [(&'a str, &'a str)];

    fn at(variables: Set<'_>, files: &[&str]) -> DetectedContext {
        detect(
            |name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()),
            |path| files.contains(&path),
        )
    }

    #[test]
    fn each_place_is_told_by_its_signs() {
        use ExecutionContext::{Docker, Kubernetes, Local, N8n, Opal, Server};
        type Case<'a> = (Set<'a>, &'a [&'a str], ExecutionContext, &'a str, &'a str);
        let cases: &[Case<'_>] = &[
            (&[("N8N_HOST", "n8n.shop.example")], &[], N8n, "0.95", "manual"),
            (&[("N8N_PROTOCOL", "https")], &[], N8n, "0.95", "manual"),
            (&[("OPAL_WEBHOOK_URL", "https://opal.example/x")], &[], Opal, "0.95", "manual"),
            (&[("OPAL_HOST", "opal.example")], &[], Opal, "0.95", "manual"),
            (&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")], &[], Kubernetes, "0.95", "manual"),
            (&[], &["/.dockerenv"], Docker, "0.9", "manual"),
            (&[("DOCKER_HOST", "tcp://10.0.0.2:2375")], &[], Docker, "0.6", "manual"),
            (&[("INVOCATION_ID", "1"), ("pm_id", "0")], &[], Server, "0.8", "manual"),
            (&[("SSH_CONNECTION", "1")], &["/var/lib/cloud/instance"], Server, "0.8", "manual"),
            (
                &[("JOURNAL_STREAM", "8:1"), ("PM2_HOME", "/x"), ("SUPERVISOR_ENABLED", "1")],
                &[],
                Server,
                "0.9",
                "manual",
            ),
            // One sign is not enough, and two variables of one sign are one.
            (&[("INVOCATION_ID", "1"), ("JOURNAL_STREAM", "8:1")], &[], Local, "0.7", "ngrok"),
            (&[], &["/var/lib/cloud/instance"], Local, "0.7", "ngrok"),
            (&[("N8N_HOST", ""), ("DOCKER_HOST", " ")], &[], Local, "0.7", "ngrok"),
            (&[], &[], Local, "0.7", "ngrok"),
        ];
        for (variables, files, place, confidence, provider) in cases {
            let context = at(variables, files);
            assert_eq!(context.execution_context, *place, "{variables:?} {files:?}");
            assert_eq!(context.confidence().to_string(), *confidence, "{variables:?} {files:?}");
            assert_eq!(context.suggested_provider, *provider, "{variables:?} {files:?}");
            assert!(!context.indicators.is_empty());
        }
    }

    #[test]
    fn the_more_specific_place_wins() {
        let n8n = ("N8N_HOST", "n8n.shop.example");
        let opal = ("OPAL_HOST", "opal.example");
        let cluster = ("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        let daemon = ("DOCKER_HOST", "tcp://10.0.0.2:2375");
        let server = [("INVOCATION_ID", "1"), ("pm_id", "0")];
        let [service, pm2] = server;
        let container: &[&str] = &["/.dockerenv"];
        for (variables, files, name) in [
            (&[n8n, opal, cluster, daemon, service, pm2][..], container, "n8n"),
            (&[opal, cluster, daemon, service, pm2], container, "opal"),
            (&[cluster, daemon, service, pm2], container, "kubernetes"),
            (&[daemon, service, pm2], container, "docker"),
            (&[daemon, service, pm2], &[], "docker"),
            (&server, &[], "server"),
        ] {
            assert_eq!(at(variables, files).execution_context.to_string(), name, "{variables:?}");
        }
    }

    #[test]
    fn the_public_address_is_what_the_place_offers_over_https() {
        let cases: &[(Set<'_>, Option<&str>)] = &[
            (
                &[("N8N_PROTOCOL", "https"), ("N8N_HOST", "n8n.shop.example")],
                Some("https://n8n.shop.example"),
            ),
            (&[("N8N_PROTOCOL", "http"), ("N8N_HOST", "localhost")], None),
            (&[("N8N_HOST", "n8n.shop.example")], None),
            (&[("OPAL_WEBHOOK_URL", "https://opal.example/x")], Some("https://opal.example/x")),
            (&[("OPAL_WEBHOOK_URL", "http://opal.example/x")], None),
            (&[("OPAL_HOST", "opal.example")], Some("https://opal.example")),
            (
                &[("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("INGRESS_HOST", "pay.shop.example")],
                Some("https://pay.shop.example"),
            ),
            (
                &[
                    ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
                    ("INGRESS_HOST", "pay.shop.example"),
                    ("PUBLIC_URL", "https://shop.example/pay"),
                ],
                Some("https://shop.example/pay"),
            ),
            (&[("DOCKER_HOST", "x"), ("PUBLIC_URL", "https://shop.example")], None),
            (&[("PUBLIC_URL", "https://shop.example"), ("INGRESS_HOST", "shop.example")], None),
        ];
        for (variables, url) in cases {
            assert_eq!(at(variables, &[]).public_url.as_deref(), *url, "{variables:?}");
        }
    }

    #[test]
    fn indicators_name_variables_and_never_hold_their_values() {
        let context = at(&[("OPAL_WEBHOOK_URL", "https://opal.example/token-in-here")], &[]);
        assert_eq!(context.indicators, ["OPAL_WEBHOOK_URL"]);
        let context = at(&[("INVOCATION_ID", "0123"), ("SSH_CONNECTION", "203.0.113.7 1 2 3")], &[]);
        assert_eq!(context.indicators, ["systemd service (INVOCATION_ID)", "SSH session (SSH_CONNECTION)"]);
    }
}
