use std::time::Duration;

use crate::http::body::BodyLimits;

/// The resources that strangers may use. The defaults are for production; tests shorten the deadlines.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerLimits {
    /// How many connections are open at once, from the socket and from tunnels together: 256. When one more
    /// connects, the server closes the one that has kept it waiting longest.
    pub connections: usize,
    /// How many headers a request has at most: 64. One more is answered 431.
    pub headers: usize,
    /// How large the head of a request is at most, in bytes: 16 KiB, and never less than 8 KiB. More is answered 431.
    pub head_bytes: usize,
    /// How long a head may take, and how long a connection may be idle: 5 s. Then it is closed.
    pub head_deadline: Duration,
    /// How large a body is at most, in bytes: 64 KiB. More is answered 413.
    pub body_bytes: usize,
    /// How long a body may take: 5 s. Then 408.
    pub body_deadline: Duration,
    /// How long a request may take altogether: 10 s. Then 503.
    pub request_deadline: Duration,
    /// How long requests in flight have to finish when the server stops: 1.5 s.
    pub stop_deadline: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        let body = BodyLimits::default();
        Self {
            connections: 256,
            headers: 64,
            head_bytes: 16 * 1024,
            head_deadline: Duration::from_secs(5),
            body_bytes: body.bytes,
            body_deadline: body.deadline,
            request_deadline: Duration::from_secs(10),
            stop_deadline: Duration::from_millis(1500),
        }
    }
}

impl ServerLimits {
    pub(super) fn body(&self) -> BodyLimits {
        BodyLimits { bytes: self.body_bytes, deadline: self.body_deadline }
    }
}
