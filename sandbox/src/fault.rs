//! Faults that a test can ask for, so that a client meets them on the wire.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Answers with `status` and carries nothing out.
    Status,
    /// Carries the request out at once and answers after `delay_ms`.
    Delay,
    /// Cuts the connection and carries nothing out.
    Reset,
    /// Carries the request out and cuts the connection instead of answering.
    DropAfterCommit,
    /// Cuts the connection and creates the order when `delay_ms` of simulated time have passed.
    CommitLate,
    /// Carries the request out, promises the whole answer and sends half.
    Truncate,
    /// Answers with a page of HTML and carries nothing out.
    NotJson,
}

/// What of a provider's API a fault can strike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultScope {
    /// The prefix of all paths of the API.
    pub(crate) api: &'static str,
    /// Method and path of the request that creates an order.
    pub(crate) create: &'static str,
}

/// One fault, as `POST /_sandbox/faults` takes it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Method and prefix of the path, with a space between.
    #[serde(rename = "match")]
    pub(crate) matches: String,
    pub(crate) mode: Mode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    /// How many requests it still strikes.
    #[serde(default = "once")]
    pub(crate) times: u32,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// Reads and checks a fault, which has to lie in one of `scopes`.
    ///
    /// # Errors
    /// A sentence that names what was expected.
    pub(crate) fn read(body: &[u8], scopes: &[FaultScope]) -> Result<Self, String> {
        let creates: Vec<String> = scopes.iter().map(|scope| format!("\"{}\"", scope.create)).collect();
        let creates = creates.join(" or ");
        let fault: Self = serde_json::from_slice(body).map_err(|error| {
            format!(
                "{error}. Expected {{\"match\": {creates}, \"mode\": \"status\", \"status\": 503, \"times\": 1}} \
                 with mode one of status, delay, reset, drop_after_commit, commit_late, truncate, not_json, and delay_ms \
                 if wanted."
            )
        })?;
        let (method, path) = fault.matches.split_once(' ').unwrap_or_default();
        if method.is_empty()
            || method != method.to_uppercase()
            || !scopes.iter().any(|scope| path.starts_with(scope.api))
        {
            return Err(format!("`match` is a method and the prefix of an API path: {creates}."));
        }
        if fault.times == 0 {
            return Err("`times` is the number of requests that the fault strikes: 1 or more.".to_owned());
        }
        match (fault.mode, fault.status) {
            (Mode::Status, None) => return Err("The mode `status` needs a `status`, such as 503.".to_owned()),
            (Mode::Status | Mode::NotJson, Some(status)) if !(200..600).contains(&status) => {
                return Err("`status` is an HTTP status from 200 to 599.".to_owned());
            }
            (Mode::Status | Mode::NotJson, _) | (_, None) => {}
            (_, Some(_)) => {
                return Err("`status` belongs to the modes `status` and `not_json` only.".to_owned());
            }
        }
        if matches!(fault.mode, Mode::Delay | Mode::CommitLate) && fault.delay_ms.is_none() {
            return Err("The modes `delay` and `commit_late` need `delay_ms`.".to_owned());
        }
        if fault.mode == Mode::CommitLate && !scopes.iter().any(|scope| fault.matches == scope.create) {
            return Err(format!("The mode `commit_late` is for creates: `match` is {creates}."));
        }
        Ok(fault)
    }

    fn strikes(&self, method: &str, path: &str) -> bool {
        self.matches.split_once(' ').is_some_and(|(verb, prefix)| verb == method && path.starts_with(prefix))
    }
}

/// The faults that still wait for a request, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.waiting().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.waiting().clear();
    }

    /// Takes one stroke off the first fault that this request meets.
    pub(crate) fn strike(&self, method: &str, path: &str) -> Option<Fault> {
        let mut waiting = self.waiting();
        let fault = waiting.iter_mut().find(|fault| fault.strikes(method, path))?;
        fault.times = fault.times.saturating_sub(1);
        let struck = fault.clone();
        waiting.retain(|fault| fault.times > 0);
        Some(struck)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: FaultScope = FaultScope { api: "/api/v1", create: "POST /api/v1/orders/" };

    #[test]
    fn a_fault_strikes_its_method_and_path_prefix_so_many_times() {
        let faults = Faults::default();
        faults.add(
            Fault::read(br#"{"match": "GET /api/v1/orders/", "mode": "reset", "times": 2}"#, &[SCOPE])
                .unwrap(),
        );
        assert!(faults.strike("POST", "/api/v1/orders/").is_none());
        assert!(faults.strike("GET", "/api/v1/currencies").is_none());
        assert!(faults.strike("GET", "/api/v1/orders/").is_some());
        assert!(faults.strike("GET", "/api/v1/orders/info/1").is_some());
        assert!(faults.strike("GET", "/api/v1/orders/").is_none());
    }

    #[test]
    fn a_wrong_fault_is_refused_with_what_was_expected() {
        for (body, expected) in [
            (r#"{"match": "/api/v1/orders/", "mode": "reset"}"#, "prefix of an API path"),
            (r#"{"match": "POST /_sandbox/reset", "mode": "reset"}"#, "prefix of an API path"),
            (r#"{"match": "POST /api/v1/", "mode": "status"}"#, "needs a `status`"),
            (r#"{"match": "POST /api/v1/", "mode": "reset", "status": 500}"#, "belongs to the modes"),
            (r#"{"match": "POST /api/v1/", "mode": "status", "status": 99}"#, "200 to 599"),
            (r#"{"match": "POST /api/v1/", "mode": "delay"}"#, "need `delay_ms`"),
            (r#"{"match": "POST /api/v1/orders/", "mode": "commit_late"}"#, "need `delay_ms`"),
            (r#"{"match": "GET /api/v1/orders/", "mode": "commit_late", "delay_ms": 1}"#, "is for creates"),
            (r#"{"match": "POST /api/v1/", "mode": "reset", "times": 0}"#, "1 or more"),
            (r#"{"match": "POST /api/v1/", "mode": "explode"}"#, "drop_after_commit"),
            (r#"{"match": "POST /api/v1/", "mode": "reset", "time": 1}"#, "unknown field `time`"),
        ] {
            let message = Fault::read(body.as_bytes(), &[SCOPE]).unwrap_err();
            assert!(message.contains(expected), "{body}: {message}");
        }
    }
}
