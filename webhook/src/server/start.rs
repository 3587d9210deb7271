use std::{
    collections::HashSet,
    io::{Error, ErrorKind},
    net::SocketAddr,
};

/// Why a server cannot start, and what to change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerStartError {
    /// Another program listens on the port.
    #[error(
        "port {} on {} is in use: stop the program that listens there, or choose another port (0 takes a free one)",
        address.port(), address.ip()
    )]
    PortInUse {
        /// The address to listen on.
        address: SocketAddr,
    },
    /// The system does not let this user listen on the port.
    #[error(
        "this user may not listen on port {}: choose one above 1023 (0 takes a free one)",
        address.port()
    )]
    NotPermitted {
        /// The address to listen on.
        address: SocketAddr,
    },
    /// This machine has no such address.
    #[error(
        "this machine has no address {}: choose 127.0.0.1, or 0.0.0.0 for all of its addresses",
        address.ip()
    )]
    NoSuchAddress {
        /// The address to listen on.
        address: SocketAddr,
    },
    /// Anything else.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address to listen on.
        address: SocketAddr,
        /// The system's error.
        source: Error,
    },
    /// Two receivers have the same path, so the server cannot know which one a webhook is for.
    #[error("two receivers have the path {path:?}: each needs a path of its own")]
    DuplicatePath {
        /// The path, without a slash at the end.
        path: String,
    },
    /// The server cannot serve the path for webhooks.
    #[error(
        "webhooks cannot be received at {path:?}: a path starts with a slash, holds letters, digits and -._~/ only, \
         has no empty part and none that is . or .. (senders resolve those), and is neither /health nor /stats; \
         /webhook/bitnovo is the usual one"
    )]
    Path {
        /// The path.
        path: String,
    },
}

impl ServerStartError {
    pub(super) fn listen(address: SocketAddr, source: Error) -> Self {
        match source.kind() {
            ErrorKind::AddrInUse => Self::PortInUse { address },
            ErrorKind::PermissionDenied => Self::NotPermitted { address },
            ErrorKind::AddrNotAvailable => Self::NoSuchAddress { address },
            _ => Self::Listen { address, source },
        }
    }
}

/// Whether webhooks can be received at `path`: the router panics over some paths, and `{id}` would be a pattern to it.
///
/// # Errors
///
/// [`ServerStartError::Path`] when they cannot.
pub fn check_path(path: &str) -> Result<(), ServerStartError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let bare = bare(path);
    let parts_are_plain =
        || bare.is_empty() || bare.split('/').skip(1).all(|part| !["", ".", ".."].contains(&part));
    if path.starts_with('/')
        && path.bytes().all(plain)
        && parts_are_plain()
        && !["/health", "/stats"].contains(&bare)
    {
        Ok(())
    } else {
        Err(ServerStartError::Path { path: path.to_owned() })
    }
}

/// A path without the slash at its end, which makes no difference; the root is empty.
pub(super) fn bare(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

/// Whether webhooks can be received at all of `paths`, and each path belongs to one receiver.
pub(super) fn check_paths<'a>(paths: impl IntoIterator<Item = &'a str>) -> Result<(), ServerStartError> {
    let mut taken = HashSet::new();
    for path in paths {
        check_path(path)?;
        if !taken.insert(bare(path)) {
            return Err(ServerStartError::DuplicatePath { path: bare(path).to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_belongs_to_one_receiver() {
        assert!(check_paths(["/webhook/bitnovo", "/webhook/itpay", "/"]).is_ok());
        let error = check_paths(["/webhook/bitnovo", "/", "/webhook/bitnovo/"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "two receivers have the path \"/webhook/bitnovo\": each needs a path of its own"
        );
        assert!(matches!(check_paths(["/a", "/a b"]), Err(ServerStartError::Path { .. })));
    }

    #[test]
    fn a_path_is_plain_and_not_one_of_ours() {
        for good in ["/", "/webhook/bitnovo", "/hooks/a-b_c.d~e/", "/health/x", "/.hidden/...", "/a/b..c"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        for bad in [
            "", "webhook", "/health", "/stats", "/health/", "/{id}", "/:id", "/*rest", "/a b", "/a?b", "/ñ",
            "/a%20b", "/a/../b", "/..", "/../", "/a/./b", "/.", "//", "/a//b", "//a", "/a//", "/a/b/..",
        ] {
            let error = check_path(bad).map_err(|error| error.to_string());
            assert!(error.is_err_and(|error| error.contains("/webhook/bitnovo")), "{bad}");
        }
    }

    #[test]
    fn an_error_of_the_system_becomes_advice() {
        let address: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let text = |kind: ErrorKind| ServerStartError::listen(address, kind.into()).to_string();
        assert!(text(ErrorKind::AddrInUse).contains("port 80 on 127.0.0.1 is in use"));
        assert!(text(ErrorKind::PermissionDenied).contains("above 1023"));
        assert!(text(ErrorKind::AddrNotAvailable).contains("no address 127.0.0.1"));
        assert_eq!(text(ErrorKind::OutOfMemory), "cannot listen on 127.0.0.1:80");
    }
}
