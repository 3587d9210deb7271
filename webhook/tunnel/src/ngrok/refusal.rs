//! What ngrok's refusals mean, and what to do about each.

use ngrok::{
    prelude::Error as _,
    session::{ConnectError, RpcError},
    tunnel::AcceptError,
};
use secrecy::SecretString;

use super::super::{Redactor, TunnelError};

/// The token is malformed, unknown or revoked, or there is none.
const TOKEN: [&str; 4] = ["ERR_NGROK_105", "ERR_NGROK_106", "ERR_NGROK_107", "ERR_NGROK_4018"];

/// Our own address is still taken from before, or there are too many agents at once.
const TAKEN: &str = "ERR_NGROK_334";
const TOO_MANY: &str = "ERR_NGROK_108";

/// Codes for a domain that does not belong to this account, or cannot be a domain.
fn is_about_the_domain(code: &str) -> bool {
    let number = code.strip_prefix("ERR_NGROK_").and_then(|number| number.parse::<u32>().ok());
    matches!(number, Some(305 | 306 | 313..=322 | 326..=331 | 347 | 354 | 355 | 396 | 397))
}

const WHERE_THE_TOKEN_IS: &str =
    "Copy it from dashboard.ngrok.com, Your Authtoken, into NGROK_AUTHTOKEN, and restart the server.";

pub(super) fn no_token() -> TunnelError {
    TunnelError::permanent(format!(
        "ngrok needs a token, and NGROK_AUTHTOKEN is not set. {WHERE_THE_TOKEN_IS}"
    ))
}

pub(super) fn silent(edge: &str) -> TunnelError {
    TunnelError::passing(format!("ngrok takes connections at {edge} and does not answer."))
}

/// Why no session was begun.
pub(super) fn connect(
    error: &ConnectError,
    edge: &str,
    own_ca: bool,
    authtoken: Option<&SecretString>,
) -> TunnelError {
    match error {
        ConnectError::Tcp(cause) => TunnelError::passing(format!(
            "ngrok cannot be reached at {edge}: {cause}. Is the network in order?"
        )),
        // Ended by a machine in between, before any certificate was seen.
        ConnectError::Tls(cause) if !is_about_the_certificate(cause) => TunnelError::passing(format!(
            "The encrypted connection to ngrok at {edge} was not made: {cause}. A firewall or a proxy may be in the way."
        )),
        ConnectError::Tls(cause) => {
            let check = if own_ca {
                "NGROK_CA_FILE must hold the certificate of who signs that edge's."
            } else {
                "Something between here and ngrok may be in the way, such as the login page of a network or a firewall \
                 that looks into connections."
            };
            // Of a network's login page, that may pass.
            TunnelError::passing(format!("The certificate at {edge} is not accepted: {cause}. {check}"))
        }
        ConnectError::Auth(refused) => auth(refused, edge, authtoken),
        _ => TunnelError::passing(format!("ngrok has ended the connection at {edge} before it was in use.")),
    }
}

fn is_about_the_certificate(cause: &std::io::Error) -> bool {
    use tokio_rustls::rustls::Error;
    let tls = cause.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    matches!(tls, Some(Error::InvalidCertificate(_) | Error::NoCertificatesPresented))
}

fn auth(refused: &RpcError, edge: &str, authtoken: Option<&SecretString>) -> TunnelError {
    let RpcError::Response(_) = refused else {
        return TunnelError::passing(format!("What answers at {edge} does not speak as ngrok does."));
    };
    let said = said(refused, authtoken);
    match refused.error_code() {
        Some(code) if TOKEN.contains(&code) => {
            TunnelError::permanent(format!("ngrok refuses NGROK_AUTHTOKEN ({code}). {WHERE_THE_TOKEN_IS}"))
        }
        Some(TOO_MANY) => TunnelError::slow(format!(
            "ngrok counts too many agents of this account ({TOO_MANY}): stop another one. It said: {said}"
        )),
        _ => TunnelError::slow(format!("ngrok refuses: {said}")),
    }
}

/// Why no address was given out.
pub(super) fn bind(refused: &RpcError, domain: Option<&str>, authtoken: &SecretString) -> TunnelError {
    let RpcError::Response(_) = refused else {
        return TunnelError::passing("ngrok has ended the connection before it gave out an address.");
    };
    let said = said(refused, Some(authtoken));
    match (refused.error_code(), domain) {
        (Some(TAKEN), _) => TunnelError::slow(format!(
            "The address is taken ({TAKEN}), by a tunnel of this server from before, or by another agent of this account: \
             stop that one. ngrok said: {said}"
        )),
        (Some(code), Some(domain)) if is_about_the_domain(code) => TunnelError::permanent(format!(
            "ngrok does not give {domain} to this account. Set NGROK_DOMAIN to a domain that dashboard.ngrok.com shows \
             under Domains, or leave it out. ngrok said: {said}"
        )),
        // It may be ngrok itself that is not well.
        _ => TunnelError::slow(format!("ngrok gives out no address: {said}")),
    }
}

/// Why an open tunnel has ended.
pub(super) fn ended(error: &AcceptError) -> String {
    match error {
        AcceptError::ListenerClosed { message, .. } if !message.is_empty() => {
            format!("ngrok has closed the tunnel: {message}")
        }
        AcceptError::ListenerClosed { .. } => "ngrok has closed the tunnel.".to_owned(),
        _ => "The connection to ngrok was lost.".to_owned(),
    }
}

/// ngrok's own words. They hold the token that it refuses, in clear.
fn said(refused: &RpcError, authtoken: Option<&SecretString>) -> String {
    let code = refused.error_code().map(|code| format!(" ({code})")).unwrap_or_default();
    let redactor = Redactor::new(authtoken.into_iter().cloned().collect());
    redactor.clean(&format!("{}{code}", refused.msg()))
}
