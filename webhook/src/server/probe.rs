use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Proves that a public address leads to this very process: another instance behind the same name cannot answer a probe
/// that it did not open.
#[derive(Clone, Debug, Default)]
pub struct Probes(Arc<Mutex<HashSet<String>>>);

impl Probes {
    /// Opens a probe with a fresh random value. While it is held, `GET /health?probe=TOKEN` echoes its token.
    #[must_use]
    pub fn open(&self, random: [u8; 16]) -> Probe {
        let token = hex::encode(random);
        self.tokens().insert(token.clone());
        Probe { token, probes: self.clone() }
    }

    /// The token of an open probe in a query, if there is one.
    pub(super) fn echo(&self, query: Option<&str>) -> Option<String> {
        let token = query?.split('&').find_map(|pair| pair.strip_prefix("probe="))?;
        self.tokens().get(token).cloned()
    }

    fn tokens(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open probe; dropped, it is closed.
#[derive(Debug)]
pub struct Probe {
    token: String,
    probes: Probes,
}

impl Probe {
    /// The token, 32 hex digits.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether `body` is the response that only this process can give.
    #[must_use]
    pub fn is_answered_by(&self, body: &[u8]) -> bool {
        body == health(Some(&self.token)).as_bytes()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.probes.tokens().remove(&self.token);
    }
}

/// The body of `GET /health`. A token is hex digits, and needs no escaping.
pub(super) fn health(probe: Option<&str>) -> String {
    match probe {
        Some(token) => format!(r#"{{"status":"ok","probe":"{token}"}}"#),
        None => r#"{"status":"ok"}"#.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_echoed_while_it_is_open_and_only_by_its_own_process() {
        let (probes, others) = (Probes::default(), Probes::default());
        let probe = probes.open([7; 16]);
        let query = format!("a=b&probe={}", probe.token());
        let echoed = probes.echo(Some(&query));
        assert_eq!(echoed.as_deref(), Some(probe.token()));
        assert!(probe.is_answered_by(health(echoed.as_deref()).as_bytes()));
        assert!(!probe.is_answered_by(health(None).as_bytes()));

        assert_eq!(others.echo(Some(&query)), None);
        for query in [None, Some(""), Some("probe="), Some("probe=1"), Some("xprobe=1")] {
            assert_eq!(probes.echo(query), None);
        }
        drop(probe);
        assert_eq!(probes.echo(Some(&query)), None);
    }
}
