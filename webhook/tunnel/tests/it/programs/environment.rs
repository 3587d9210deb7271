//! What the programs see of us.

use payments_tunnel::{Cloudflared, CommandLine, Zrok};

use super::*;

#[tokio::test]
async fn a_program_sees_what_it_needs_and_no_secret() {
    let Some(world) = World::with(&["zrok", "cloudflared", "tunnel"]) else { return };
    // Whatever is asked for is there.
    let folder = world.folder.path().to_str().unwrap().to_owned();
    let lookup = move |name: &str| match name {
        "PATH" | "HOME" => Some(folder.clone()),
        _ => Some(format!("value-of-{name}")),
    };
    let programs = || Programs::new(lookup.clone()).allow_loopback(true).address_deadline(DEADLINE);
    let providers: [Box<dyn TunnelProvider>; 3] = [
        Box::new(Zrok::new(programs(), None, Some(TOKEN.into()))),
        Box::new(Cloudflared::new(programs())),
        Box::new(CommandLine::new("tunnel {url}", None, programs()).unwrap()),
    ];
    let shop = Fixture::start().await;
    for provider in providers {
        let opened = provider.open(&shop.server).await.unwrap();
        opened.session.close().await;
        let seen = fs::read_to_string(world.path("env.json")).unwrap();
        let seen: serde_json::Map<String, Value> = serde_json::from_str(&seen).unwrap();
        for needed in ["PATH", "HOME", "LANG", "TMPDIR", "SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "SSL_CERT_FILE"]
        {
            assert!(seen.contains_key(needed), "{needed} is missing in {seen:?}");
        }
        for name in seen.keys() {
            let is_ours =
                ["BITNOVO_", "WEBHOOK_", "NGROK_", "TUNNEL_"].iter().any(|prefix| name.starts_with(prefix));
            assert!(!is_ours && name != "ZROK_TOKEN", "{name}");
        }
    }
}
