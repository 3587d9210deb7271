//! The limits that the merchant sets: how much, how often, where to, and what needs a person's yes.

use std::fmt;

use bitnovo_pay::{Fiat, Money, RedirectUrl};
use url::Host;

use super::{Environment, Problem};
use crate::config::variables::LIMITS;

/// What stands in the way of a create, whoever asks for it. The default is no limit at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    /// Largest amount of one payment; `None`: any.
    pub(crate) max_amount: Option<Amounts>,
    /// Largest sum of a day, in UTC; `None`: any.
    pub(crate) daily: Option<Amounts>,
    /// Above this a person must say yes; `None`: nobody is asked.
    pub(crate) confirm_over: Option<Amounts>,
    /// Hosts to which a checkout page may lead; `None`: any public one.
    pub(crate) redirect_hosts: Option<RedirectHosts>,
    /// Whether only tools that read are offered.
    pub(crate) read_only: bool,
    /// What cannot be used. Whoever set a limit meant to have one: until it is mended, nothing is created.
    pub(crate) problems: Vec<Problem>,
}

impl Limits {
    /// Reads the limits; their problems also go to `problems`.
    pub(super) fn read(environment: &Environment, problems: &mut Vec<Problem>) -> Self {
        let mut limits = Self::default();
        // Whoever set a limit meant to have one.
        let unreadable = LIMITS.iter().filter(|name| environment.is_unreadable(name));
        limits.problems.extend(unreadable.map(|name| super::environment::unreadable(name)));
        let known = limits.problems.len();
        limits.read_only = environment.is_unreadable("BITNOVO_READ_ONLY");
        let mut amounts = |variable: &str| {
            let text = environment.get(variable)?;
            let read = Amounts::parse(&text);
            read.map_err(|message| limits.problems.push(Problem::new(variable, message))).ok()
        };
        (limits.max_amount, limits.daily, limits.confirm_over) =
            (amounts("BITNOVO_MAX_AMOUNT"), amounts("BITNOVO_DAILY_LIMIT"), amounts("BITNOVO_CONFIRM_OVER"));
        if let Some(text) = environment.get("BITNOVO_REDIRECT_HOSTS") {
            match RedirectHosts::parse(&text) {
                Ok(hosts) => limits.redirect_hosts = Some(hosts),
                Err(message) => limits.problems.push(Problem::new("BITNOVO_REDIRECT_HOSTS", message)),
            }
        }
        if let Some(text) = environment.get("BITNOVO_READ_ONLY") {
            limits.read_only = match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => true,
                "false" | "0" | "no" => false,
                _ => {
                    limits.problems.push(Problem::unexpected("BITNOVO_READ_ONLY", &text, "true or false"));
                    true
                }
            };
        }
        // The environment has told the others already.
        problems.extend(limits.problems.iter().skip(known).cloned());
        limits
    }

    /// What is in force, each in a few words.
    pub(crate) fn in_words(&self) -> Vec<String> {
        let amounts = |name: &str, amounts: &Option<Amounts>| Some(format!("{name} {}", amounts.as_ref()?));
        let hosts = self.redirect_hosts.as_ref().map(|hosts| format!("redirects only to {hosts}"));
        let read_only = self.read_only.then(|| "read only".to_owned());
        let all = [
            read_only,
            amounts("max amount", &self.max_amount),
            amounts("daily limit", &self.daily),
            amounts("confirmation above", &self.confirm_over),
            hosts,
        ];
        all.into_iter().flatten().collect()
    }
}

/// One amount for each fiat currency, such as `500 EUR,550 USD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amounts(Vec<(Fiat, Money)>);

impl Amounts {
    /// Reads the list.
    ///
    /// # Errors
    /// What is wrong with which entry, and how one looks.
    fn parse(text: &str) -> Result<Self, String> {
        let mut amounts = Vec::new();
        for entry in text.split(',').map(str::trim) {
            let refuse = |why: &str| {
                let shown: String = bitnovo_pay::clean_text(entry).chars().take(40).collect();
                format!("{shown:?} {why}; set it to amounts such as \"500 EUR\" or \"500 EUR,550 USD\".")
            };
            let words: Vec<&str> = entry.split_whitespace().collect();
            let [amount, fiat] = *words.as_slice() else {
                return Err(refuse("is not an amount and a currency with a space between"));
            };
            let fiat: Fiat = fiat.parse().map_err(|error| refuse(&format!("names no currency: {error}")))?;
            let amount: Money =
                amount.parse().map_err(|error| refuse(&format!("holds no amount: {error}")))?;
            if !amount.is_positive() {
                return Err(refuse("is not greater than zero"));
            }
            if amount.scale() > fiat.exponent() {
                return Err(refuse(&format!("has more than the {} decimals of {fiat}", fiat.exponent())));
            }
            if amounts.iter().any(|(other, _)| *other == fiat) {
                return Err(refuse(&format!("is the second entry for {fiat}")));
            }
            amounts.push((fiat, amount));
        }
        Ok(Self(amounts))
    }

    /// The amount for `fiat`, where the list has one.
    pub(crate) fn of(&self, fiat: Fiat) -> Option<Money> {
        self.0.iter().find(|(other, _)| *other == fiat).map(|(_, amount)| *amount)
    }
}

impl fmt::Display for Amounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amounts = self.0.iter();
        let words: Vec<String> = amounts.map(|(fiat, amount)| in_fiat(*amount, *fiat)).collect();
        f.write_str(&words.join(", "))
    }
}

/// An amount with its currency, for people: `500.00 EUR`.
pub(crate) fn in_fiat(amount: Money, fiat: Fiat) -> String {
    format!("{} {fiat}", amount.to_string_with_scale(fiat.exponent()))
}

/// Hosts to which a checkout page may send the customer: exact ones, and `*.` for every host below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RedirectHosts(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    host: String,
    below: bool,
}

impl RedirectHosts {
    /// Reads the list. Names are compared as browsers write them, so `münchen.example` means its `xn--` form.
    ///
    /// # Errors
    /// What is wrong with which entry, and how one looks.
    fn parse(text: &str) -> Result<Self, String> {
        let patterns = text.split(',').map(str::trim).map(|entry| {
            let refused = || {
                let shown: String = bitnovo_pay::clean_text(entry).chars().take(80).collect();
                format!(
                    "{shown:?} is not the domain name of a public host; set it to names such as \
                     \"shop.example,*.pay.shop.example\", without scheme, port or path."
                )
            };
            let (name, below) = match entry.strip_prefix("*.") {
                Some(name) => (name, true),
                None => (entry, false),
            };
            let Ok(Host::Domain(host)) = Host::parse(name) else { return Err(refused()) };
            // A redirect is held to the same rule: what it refuses could never be reached.
            match format!("https://{host}/").parse::<RedirectUrl>() {
                Ok(_) => Ok(Pattern { host, below }),
                Err(_) => Err(refused()),
            }
        });
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Whether a checkout page may lead to `url`.
    pub(crate) fn allow(&self, url: &RedirectUrl) -> bool {
        self.0.iter().any(|Pattern { host, below }| match url.host().strip_suffix(host.as_str()) {
            Some(rest) if *below => rest.ends_with('.'),
            Some(rest) => rest.is_empty(),
            None => false,
        })
    }

    /// The hosts, one by one.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(Pattern::to_string).collect()
    }
}

impl fmt::Display for RedirectHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(", "))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.below { "*." } else { "" };
        write!(f, "{prefix}{}", self.host)
    }
}

#[cfg(test)]
mod tests;
