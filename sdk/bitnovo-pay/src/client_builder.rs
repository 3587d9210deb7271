//! A client that is configured in code.

use crate::{
    BaseUrl, Client, Config, ConfigError, ConfigErrors, DeviceId, DeviceIdError, Environment, HttpRetry,
    Timeouts,
};

/// Collects what a [`Client`] needs to know. Only the device id is required.
///
/// ```
/// use bitnovo_pay::{Client, Environment};
///
/// let client = Client::builder()
///     .device_id("12345678-90ab-4cde-8f01-234567890abc")
///     .environment(Environment::Preproduction)
///     .build()?;
/// assert_eq!(client.config().base_url.as_str(), "https://payments.pre-bnvo.com");
/// # Ok::<(), bitnovo_pay::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    device_id: Option<Result<DeviceId, DeviceIdError>>,
    base_url: Option<String>,
    environment: Option<Environment>,
    allow_http_loopback: bool,
    timeouts: Timeouts,
    retry: HttpRetry,
}

impl Client {
    /// A client that is configured in code.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

impl ClientBuilder {
    /// The device that makes the requests, as the dashboard shows it.
    pub fn device_id(mut self, text: &str) -> Self {
        self.device_id = Some(text.parse());
        self
    }

    /// Where the API is; production when neither this nor an environment is given.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The installation of the provider; with a base URL, the one it must belong to.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Whether `http://` is accepted for a base URL on this machine: for a sandbox, in tests.
    pub fn allow_http_loopback(mut self, allow: bool) -> Self {
        self.allow_http_loopback = allow;
        self
    }

    /// How long one attempt may take.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// When an attempt is made again.
    pub fn retry(mut self, policy: HttpRetry) -> Self {
        self.retry = policy;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) with every problem at once.
    pub fn build(self) -> Result<Client, crate::Error> {
        let device_id = match self.device_id {
            Some(Ok(device_id)) => Ok(device_id),
            Some(Err(error)) => Err(ConfigError::malformed_credential("device_id", error.to_string())),
            None => Err(ConfigError::new("device_id", "is not set; copy it from the dashboard".to_owned())),
        };
        let base_url = BaseUrl::choose(self.base_url.as_deref(), self.environment, self.allow_http_loopback)
            .map_err(|error| ConfigError::new("base_url", error.to_string()));
        match (device_id, base_url) {
            (Ok(device_id), Ok(base_url)) => {
                let (timeouts, retry) = (self.timeouts, self.retry);
                Ok(Client::new(Config { device_id, base_url, timeouts, retry }))
            }
            (device_id, base_url) => {
                let problems: Vec<ConfigError> = device_id.err().into_iter().chain(base_url.err()).collect();
                Err(ConfigErrors::from(problems).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_reported_at_once() {
        let error = Client::builder().base_url("http://pos.bitnovo.com").build().unwrap_err().to_string();
        assert!(error.contains("device_id: ") && error.contains("base_url: "), "{error}");
        let error = Client::builder().device_id("my-device").build().unwrap_err().to_string();
        assert!(error.starts_with("device_id: expected a UUID") && !error.contains("my-device"), "{error}");
    }

    #[test]
    fn a_client_prints_without_its_device_id() {
        let text = "12345678-aaaa-4bbb-8ccc-ddddeeee90ab";
        let builder = Client::builder().device_id(text);
        assert!(!format!("{builder:?}").contains(text));
        assert!(!format!("{:?}", builder.build().unwrap()).contains(text));
    }
}
