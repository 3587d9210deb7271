//! Reads the configuration once and as a whole; the rest of the crate works with plain values.

use std::{env, ffi::OsString, io};

use payments_core::environment::{EnvironmentReader, parse_bool};
use secrecy::ExposeSecret as _;

use crate::{
    BaseUrl, ConfigError, ConfigErrors, DeviceId, DeviceIdError, Environment, HttpRetry, SecretFile,
    SecretFileError, Timeouts,
};

/// Everything a [`Client`](crate::Client) needs to know.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The device that makes the requests.
    pub device_id: DeviceId,
    /// Where the API is.
    pub base_url: BaseUrl,
    /// How long one attempt may take.
    pub timeouts: Timeouts,
    /// When an attempt is made again.
    pub retry: HttpRetry,
}

impl Config {
    /// The defaults for a device: production, 15 s to create, 5 s to read, two retries.
    #[must_use]
    pub fn new(device_id: DeviceId) -> Self {
        Self {
            device_id,
            base_url: BaseUrl::default(),
            timeouts: Timeouts::default(),
            retry: HttpRetry::default(),
        }
    }

    /// Reads the configuration from the environment of the process; `BITNOVO_DEVICE_ID_FILE` may name a file that
    /// holds the device id.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn from_env() -> Result<Self, ConfigErrors> {
        Self::from_sources(|name| env::var_os(name), |path| SecretFile::read(path))
    }

    /// Reads the configuration from `lookup`, which knows values by the name of their variable:
    ///
    /// | variable | default |
    /// |---|---|
    /// | `BITNOVO_DEVICE_ID` | required |
    /// | `BITNOVO_BASE_URL` | `https://pos.bitnovo.com`, or that of `BITNOVO_ENV` |
    /// | `BITNOVO_ENV` | none; `production` or `preproduction` |
    /// | `BITNOVO_ALLOW_HTTP_LOOPBACK` | `false` |
    /// | `BITNOVO_API_TIMEOUT_MS` | milliseconds; 15000 to create and 5000 to read |
    /// | `BITNOVO_MAX_RETRIES` | 2; 0 to 5 |
    /// | `BITNOVO_RETRY_DELAY_MS` | 500 milliseconds; 0 to 10000 |
    ///
    /// An empty value counts as none. Other variables are never read: a name such as `MAX_RETRIES` may belong to the
    /// program that uses this crate.
    ///
    /// ```
    /// use bitnovo_pay::Config;
    ///
    /// let problems = Config::from_lookup(|name| match name {
    ///     "BITNOVO_DEVICE_ID" => Some("my-device".to_owned()),
    ///     "BITNOVO_MAX_RETRIES" => Some("many".to_owned()),
    ///     _ => None,
    /// })
    /// .unwrap_err();
    /// let variables: Vec<&str> = problems.iter().map(|problem| problem.variable()).collect();
    /// assert_eq!(variables, ["BITNOVO_DEVICE_ID", "BITNOVO_MAX_RETRIES"]);
    /// ```
    ///
    /// # Errors
    /// Every problem at once.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let lookup = |name: &str| lookup(name).map(OsString::from);
        Self::from_sources(lookup, |_| Err(SecretFileError::Unreadable(io::ErrorKind::Unsupported)))
    }

    pub(crate) fn from_sources(
        lookup: impl Fn(&str) -> Option<OsString>,
        read: impl Fn(&str) -> Result<SecretFile, SecretFileError>,
    ) -> Result<Self, ConfigErrors> {
        let mut settings = EnvironmentReader::new(&lookup, &read);
        let device_id = device_id(&mut settings);
        let base_url = base_url(&mut settings);
        let timeouts = settings.parsed("BITNOVO_API_TIMEOUT_MS", Timeouts::from_millis);
        let max_retries = settings.parsed("BITNOVO_MAX_RETRIES", HttpRetry::parse_max_retries);
        let base_delay = settings.parsed("BITNOVO_RETRY_DELAY_MS", HttpRetry::parse_base_delay);
        settings.finish()?;
        let (Some(device_id), Some(base_url)) = (device_id, base_url) else {
            return Err(ConfigErrors::from(vec![missing_device_id()]));
        };
        let mut config = Self { base_url, ..Self::new(device_id) };
        config.timeouts = timeouts.unwrap_or_default();
        config.retry = config.retry.with(max_retries, base_delay);
        Ok(config)
    }

    /// Warnings about values that can be used and are probably not intended, to be logged once when a program starts.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.base_url.warning().into_iter().collect()
    }
}

const DEVICE_ID: &str = "BITNOVO_DEVICE_ID";
const DEVICE_ID_FILE: &str = "BITNOVO_DEVICE_ID_FILE";

fn device_id(settings: &mut EnvironmentReader<'_>) -> Option<DeviceId> {
    let Some(text) = settings.secret(DEVICE_ID, DEVICE_ID_FILE) else {
        if !settings.has_problem(&[DEVICE_ID, DEVICE_ID_FILE]) {
            settings.take::<DeviceId>(Err(missing_device_id()));
        }
        return None;
    };
    let device_id = text.expose_secret().parse();
    settings.take(
        device_id
            .map_err(|error: DeviceIdError| ConfigError::malformed_credential(DEVICE_ID, error.to_string())),
    )
}

fn missing_device_id() -> ConfigError {
    let message = "is not set; copy the device's identifier from the dashboard (Settings, Merchant, Devices)"
        .to_owned();
    ConfigError::new(DEVICE_ID, message)
}

fn base_url(settings: &mut EnvironmentReader<'_>) -> Option<BaseUrl> {
    const NAME: &str = "BITNOVO_BASE_URL";
    let environment = settings.parsed("BITNOVO_ENV", str::parse::<Environment>);
    let allowed = settings.parsed("BITNOVO_ALLOW_HTTP_LOOPBACK", parse_bool).unwrap_or(false);
    let text = settings.text(NAME);
    if settings.has_problem(&[NAME]) {
        return None;
    }
    let url = BaseUrl::choose(text.as_deref(), environment, allowed);
    settings.take(url.map_err(|error| ConfigError::new(NAME, error.to_string())))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const DEVICE: (&str, &str) = ("BITNOVO_DEVICE_ID", "12345678-aaaa-4bbb-8ccc-ddddeeee90ab");

    fn config(variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        Config::from_sources(lookup, |path| match path {
            "/run/device" => Ok(format!("{}\r\n", DEVICE.1).into()),
            "/run/two-lines" => Ok(format!("{}\nmore", DEVICE.1).into()),
            _ => Err(SecretFileError::Unreadable(io::ErrorKind::NotFound)),
        })
    }

    fn problems(variables: &[(&str, &str)]) -> Vec<String> {
        config(variables).unwrap_err().iter().map(|problem| problem.variable().to_owned()).collect()
    }

    #[test]
    fn a_device_id_is_enough() {
        let config = config(&[DEVICE]).unwrap();
        assert_eq!(config.base_url.as_str(), "https://pos.bitnovo.com");
        assert_eq!(config.timeouts, Timeouts::default());
        assert_eq!(config.retry, HttpRetry::default());
        assert_eq!(config.device_id.expose(), DEVICE.1);
        assert!(config.warnings().is_empty());
    }

    #[test]
    fn every_setting_arrives() {
        let config = config(&[
            DEVICE,
            ("BITNOVO_BASE_URL", "http://127.0.0.1:8787"),
            ("BITNOVO_ALLOW_HTTP_LOOPBACK", "Yes"),
            ("BITNOVO_API_TIMEOUT_MS", "1500"),
            ("BITNOVO_MAX_RETRIES", "0"),
            ("BITNOVO_RETRY_DELAY_MS", "10"),
        ])
        .unwrap();
        assert_eq!(config.base_url.as_str(), "http://127.0.0.1:8787");
        assert_eq!(config.timeouts.create(), Duration::from_millis(1500));
        assert_eq!(config.retry, HttpRetry::new(0, Duration::from_millis(10)).unwrap());
    }

    #[test]
    fn an_environment_chooses_the_address_and_must_not_contradict_it() {
        let pre = config(&[DEVICE, ("BITNOVO_ENV", "preproduction")]).unwrap();
        assert_eq!(pre.base_url.as_str(), "https://payments.pre-bnvo.com");
        let contradiction =
            config(&[DEVICE, ("BITNOVO_ENV", "production"), ("BITNOVO_BASE_URL", pre.base_url.as_str())]);
        assert!(contradiction.unwrap_err().to_string().contains("use https://pos.bitnovo.com"));
    }

    #[test]
    fn all_problems_are_reported_at_once_with_the_variables_name() {
        let all = [
            ("BITNOVO_DEVICE_ID", "12345678-aaaa-4bbb-8ccc-ddddeeee90ab "),
            ("BITNOVO_BASE_URL", "https://pos.bitnovo.com.com"),
            ("BITNOVO_API_TIMEOUT_MS", "fast"),
            ("BITNOVO_MAX_RETRIES", "6"),
            ("BITNOVO_RETRY_DELAY_MS", "-1"),
        ];
        let errors = config(&all).unwrap_err();
        let text = errors.to_string();
        assert_eq!(text.lines().count(), all.len(), "{text}");
        for ((variable, value), line) in all.iter().zip(text.lines()) {
            assert!(line.starts_with(&format!("{variable}: ")), "{line}");
            assert!(*variable != "BITNOVO_DEVICE_ID" || !line.contains(value), "{line}");
        }
        assert!(errors.iter().next().unwrap().is_malformed_credential());
        assert_eq!(
            problems(&[DEVICE, ("BITNOVO_ENV", "staging"), ("BITNOVO_ALLOW_HTTP_LOOPBACK", "maybe")]),
            ["BITNOVO_ENV", "BITNOVO_ALLOW_HTTP_LOOPBACK"]
        );
    }

    #[test]
    fn variables_that_may_be_another_programs_are_not_read() {
        let foreign = [DEVICE, ("API_TIMEOUT", "1"), ("MAX_RETRIES", "many"), ("RETRY_DELAY", "-1")];
        let config = config(&foreign).unwrap();
        assert_eq!((config.timeouts, config.retry), (Timeouts::default(), HttpRetry::default()));
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf_8_is_a_problem_and_never_a_default() {
        use std::os::unix::ffi::OsStringExt as _;

        for unreadable in [
            "BITNOVO_DEVICE_ID",
            "BITNOVO_DEVICE_ID_FILE",
            "BITNOVO_BASE_URL",
            "BITNOVO_ENV",
            "BITNOVO_ALLOW_HTTP_LOOPBACK",
            "BITNOVO_API_TIMEOUT_MS",
            "BITNOVO_MAX_RETRIES",
            "BITNOVO_RETRY_DELAY_MS",
        ] {
            let lookup = |name: &str| match name {
                name if name == unreadable => Some(OsString::from_vec(b"500 \x80".to_vec())),
                "BITNOVO_DEVICE_ID" => Some(DEVICE.1.into()),
                _ => None,
            };
            let errors = Config::from_sources(lookup, |path| SecretFile::read(path)).unwrap_err();
            let [error] = errors.iter().as_slice() else { panic!("{errors}") };
            assert_eq!(error.variable(), unreadable);
            assert!(error.to_string().contains("UTF-8"), "{error}");
        }
    }

    #[test]
    fn a_missing_device_id_is_not_a_malformed_one() {
        for variables in [vec![], vec![("BITNOVO_DEVICE_ID", "")]] {
            let errors = config(&variables).unwrap_err();
            let [error] = errors.iter().as_slice() else { panic!("{errors}") };
            assert_eq!(error.variable(), "BITNOVO_DEVICE_ID");
            assert!(!error.is_malformed_credential());
        }
    }

    #[test]
    fn the_device_id_may_stand_in_a_file() {
        let from_file = config(&[("BITNOVO_DEVICE_ID_FILE", "/run/device")]).unwrap();
        assert_eq!(from_file.device_id.expose(), DEVICE.1);
        assert_eq!(problems(&[("BITNOVO_DEVICE_ID_FILE", "/nowhere")]), ["BITNOVO_DEVICE_ID_FILE"]);
        assert_eq!(
            problems(&[DEVICE, ("BITNOVO_DEVICE_ID_FILE", "/run/device")]),
            ["BITNOVO_DEVICE_ID_FILE"]
        );
        assert_eq!(problems(&[("BITNOVO_DEVICE_ID_FILE", "/run/two-lines")]), ["BITNOVO_DEVICE_ID"]);
    }

    #[test]
    fn a_host_that_is_not_the_providers_is_worth_a_warning() {
        let config = config(&[DEVICE, ("BITNOVO_BASE_URL", "https://gateway.example")]).unwrap();
        assert!(config.warnings()[0].contains("gateway.example"));
    }
}
