//! Any other program that opens a tunnel, and prints its address among other things.

use std::{fmt, sync::Arc};

use url::Url;

use super::{
    address,
    process::{Programs, SpawnError},
    provider::{OpenedTunnel, TunnelError, TunnelFuture, TunnelProvider},
    redact::Redactor,
    url_discovery::{self, Announced, NoAddress, Running},
};
use payments_webhook::server::Server;

/// Words beside the address of a tunnel.
const GOOD_SIGNS: [&str; 9] =
    ["forward", "tunnel", "your url", "public", "available", "access", "expos", "listening", "localhost"];

/// Words beside addresses of pages to read: terms, documentation, a place to sign up.
const BAD_SIGNS: [&str; 20] = [
    "terms",
    "docs",
    "documentation",
    "more info",
    "learn more",
    "more details",
    "upgrade",
    "sign up",
    "sign in",
    "log in",
    "login",
    "register",
    "account",
    "dashboard",
    "manage",
    "settings",
    "support",
    "help",
    "faq",
    "follow us",
];

/// First labels of names that are no tunnels.
const BAD_NAMES: [&str; 8] = ["www", "docs", "dashboard", "admin", "console", "app", "api", "login"];

/// How many other words the line of an address may hold.
const A_SHORT_LABEL: usize = 3;

/// A program of the user's choice, as a line such as `lt --port {port}`, which is split into arguments without a shell.
///
/// `{port}` and `{url}` are replaced with the port and the address that the tunnel has to lead to. The program has to stay in the
/// foreground. Its public address is the one it prints, or, when `WEBHOOK_PUBLIC_URL` is set, that one: then nothing is
/// looked for in what it prints.
///
/// With a server of one's own, OpenSSH is enough:
///
/// ```text
/// TUNNEL_COMMAND=ssh -N -o BatchMode=yes -o ExitOnForwardFailure=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=2
///                    -R 127.0.0.1:8080:127.0.0.1:{port} me@pay.shop.example
/// WEBHOOK_PUBLIC_URL=https://pay.shop.example
/// ```
///
/// A web server there, which holds the certificate, passes `https://pay.shop.example` on to its own port 8080; with Caddy
/// that is `caddy reverse-proxy --from pay.shop.example --to 127.0.0.1:8080`. The options are needed: without `BatchMode`
/// ssh asks for passwords without a terminal to type them, without `ExitOnForwardFailure` it stays although the port is
/// taken, and without `ServerAlive…` it does not notice that the line is dead.
#[derive(Clone)]
pub struct CommandLine {
    program: String,
    arguments: Vec<String>,
    public_url: Option<Url>,
    programs: Programs,
}

impl CommandLine {
    /// Splits a command line into its arguments, as a shell would, with quotes and backslashes but without variables,
    /// pipes and other signs. `public_url` is where the tunnel can be reached, without the path for webhooks; without
    /// it, the program has to print that.
    ///
    /// # Errors
    /// When the line is empty or a quote is not closed.
    pub fn new(line: &str, public_url: Option<Url>, programs: Programs) -> Result<Self, TunnelError> {
        let words = shlex::split(line).ok_or_else(|| {
            TunnelError::permanent("TUNNEL_COMMAND has a quote that is not closed, or ends with a backslash.")
        })?;
        let mut words = words.into_iter();
        let Some(program) = words.next().filter(|program| !program.is_empty()) else {
            return Err(TunnelError::permanent(
                "TUNNEL_COMMAND is empty: write the program that opens the tunnel, such as \"lt --port {port}\".",
            ));
        };
        Ok(Self { program, arguments: words.collect(), public_url, programs })
    }

    async fn open(&self, server: &Server) -> Result<OpenedTunnel, TunnelError> {
        let target = address::local(server);
        let fill = |argument: &String| {
            argument
                .replace("{port}", &target.port().to_string())
                .replace("{url}", &format!("http://{target}"))
        };
        let arguments: Vec<String> = self.arguments.iter().map(fill).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let name = &self.program;
        let mut program =
            self.programs.start(name, &arguments, &self.redactor()).map_err(|error| match error {
                SpawnError::Missing => TunnelError::not_installed(format!(
                    "TUNNEL_COMMAND starts the program \"{name}\", which is not installed or not in PATH. Install it, or \
                     write its full path. A line for a shell has to name it: sh -c \"…\"."
                )),
                SpawnError::Other(ref cause) => TunnelError {
                    kind: error.kind(),
                    message: format!("TUNNEL_COMMAND cannot start \"{name}\": {cause}."),
                },
            })?;

        let public_url = match &self.public_url {
            Some(url) => url.clone(),
            None => url_discovery::address(&mut program, self.programs.address_deadline, |line| {
                announced(line, self.programs.allow_loopback)
            })
            .await
            .map_err(|failure| self.explain(failure))?,
        };
        Ok(OpenedTunnel { public_url, session: Running::new(program, name) })
    }

    /// A program may repeat its arguments in an error.
    fn redactor(&self) -> Redactor {
        Redactor::of_arguments(&self.arguments)
    }

    fn explain(&self, failure: NoAddress) -> TunnelError {
        let name = &self.program;
        match failure {
            NoAddress::Ended(exit) => {
                TunnelError::passing(format!("\"{name}\" of TUNNEL_COMMAND has opened no tunnel: {exit}."))
            }
            NoAddress::Deadline(said) => {
                let said = if said.is_empty() { "nothing".to_owned() } else { format!("this: {said}") };
                TunnelError::passing(format!(
                    "\"{name}\" of TUNNEL_COMMAND has printed no https address within {} seconds. If it never prints \
                     one, set WEBHOOK_PUBLIC_URL to the tunnel's address. It said {said}",
                    self.programs.address_deadline.as_secs()
                ))
            }
        }
    }
}

/// Without the arguments, which may hold a token.
impl fmt::Debug for CommandLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CommandLine").field("program", &self.program).finish_non_exhaustive()
    }
}

impl TunnelProvider for CommandLine {
    fn name(&self) -> &'static str {
        "command"
    }

    fn open<'a>(&'a self, server: &'a Arc<Server>) -> TunnelFuture<'a, Result<OpenedTunnel, TunnelError>> {
        Box::pin(self.open(server))
    }

    fn address_is_stable(&self) -> bool {
        self.public_url.is_some()
    }

    fn diagnosis(&self) -> String {
        "Run the line of TUNNEL_COMMAND in a terminal, with the port in place of {port}: it prints what is wrong."
            .to_owned()
    }
}

/// The tunnel's address in a line. Programs print other addresses too, and often before.
fn announced(line: &str, allow_loopback: bool) -> Announced {
    let lower = line.to_lowercase();
    let is = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    // A tunnel leads to the whole of its name; a page to read has a path.
    let possible = |text: &str| {
        address::public(text, allow_loopback)
            .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
            .filter(|url| {
                let name = url.host_str().unwrap_or_default();
                !BAD_NAMES.contains(&name.split('.').next().unwrap_or_default())
            })
    };
    let Some(url) = address::mentioned(line).find_map(possible).filter(|_| !is(&BAD_SIGNS)) else {
        return Announced::Nothing;
    };
    let words = line.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    if words <= 1 + A_SHORT_LABEL || is(&GOOD_SIGNS) {
        Announced::Address(url)
    } else {
        Announced::Perhaps(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The address in what a program prints, as it is found: the first that is certain, else the first likely one.
    fn found(output: &str) -> Option<String> {
        let mut perhaps = None;
        for line in output.lines() {
            match announced(line, false) {
                Announced::Address(url) => return Some(url.to_string()),
                Announced::Perhaps(url) => perhaps = perhaps.or(Some(url.to_string())),
                Announced::Nothing => {}
            }
        }
        perhaps
    }

    #[test]
    fn the_tunnels_address_is_found_among_others() {
        let outputs = [
            // In the manner of localhost.run, pinggy, serveo, localtunnel, cloudflared, tailscale funnel, the agent of
            // ngrok, and one with other output.
            "Follow us at [https://social.example/tunnels].\n\
             To set up custom domains go to https://admin.tunnels.example/\n\
             To explore it visit the documentation site:\nhttps://tunnels.example/docs/\n\
             x1.tunnel.example tunneled with tls termination, https://x1.tunnel.example\n\
             create an account for a longer lasting name. see https://tunnels.example/docs/x for more information.",
            "You are not authenticated.\n\
             Your tunnel will expire in 60 minutes. Upgrade for more: https://dashboard.tunnels.example\n\
             http://x1.tunnel.example\nhttps://x1.tunnel.example",
            "Forwarding HTTP traffic from https://x1.tunnel.example",
            "your url is: https://x1.tunnel.example",
            "2026-01-01T00:00:00Z INF Thank you for trying it. Terms: (https://www.tunnels.example/terms/)\n\
             2026-01-01T00:00:00Z INF |  https://x1.tunnel.example  |",
            "Available on the internet:\n\nhttps://x1.tunnel.example/\n|-- proxy http://127.0.0.1:3000",
            "lvl=info msg=\"started tunnel\" obj=tunnels addr=http://localhost:80 url=https://x1.tunnel.example",
            "Here we go, and it is going to be quick: https://x1.tunnel.example for you and your friends",
        ];
        for output in outputs {
            assert_eq!(found(output).as_deref(), Some("https://x1.tunnel.example/"), "{output}");
        }
    }

    #[test]
    fn pages_to_read_are_no_tunnels() {
        for line in [
            "https://tunnels.example/docs/",
            "https://www.tunnels.example",
            "https://console.tunnels.example/ssh/keys?add=SHA256",
            "Sign up at https://tunnels.example to get a name of your own",
            "http://x1.tunnel.example",
            "https://127.0.0.1:4040",
            "Allocated port 38033 for remote forward to 127.0.0.1:3000",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_is_split_without_a_shell() {
        let programs = || Programs::new(|_| None);
        let line = CommandLine::new(r#"ssh -o "Port 22" $HOME '{url}' a\ b; | x"#, None, programs()).unwrap();
        assert_eq!(line.program, "ssh");
        assert_eq!(line.arguments, ["-o", "Port 22", "$HOME", "{url}", "a b;", "|", "x"]);
        for (bad, expected) in
            [("", "empty"), ("  ", "empty"), ("''", "empty"), ("ssh 'x", "quote"), ("ssh \\", "backslash")]
        {
            let error = CommandLine::new(bad, None, programs()).unwrap_err();
            assert!(error.message.contains(expected), "{bad:?}: {error}");
        }
        let line = CommandLine::new(
            "pw --token S3cretT0ken --key=An0therOne -R 80:127.0.0.1:{port} me@a.example",
            None,
            programs(),
        );
        let said =
            line.unwrap().redactor().clean("bad args: --token S3cretT0ken --key=An0therOne me@a.example");
        assert_eq!(said, "bad args: --token [hidden] --key=[hidden] me@a.example");
        let secret = CommandLine::new("ssh TOKEN@a.example", None, programs()).unwrap();
        assert_eq!(format!("{secret:?}"), r#"CommandLine { program: "ssh", .. }"#);
    }
}
