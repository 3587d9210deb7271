//! The limits that the merchant sets: amounts, hosts of redirects, and which payments need human approval.

use std::fmt;

use payments_core::{FiatCurrency, Money, RedirectUrl};
use url::Host;

use crate::config::environment::{Environment, unreadable};
use crate::config::problem::Problem;
use crate::config::variables::LimitVariables;
use crate::safety::untrusted_text::shortened;

/// The limits of payments with one provider.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// The variables that set them.
    pub(crate) variables: &'static LimitVariables,
    /// Largest amount of one payment; `None`: any.
    pub(crate) max_amount: Option<Amounts>,
    /// Largest sum of a day, in UTC; `None`: any.
    pub(crate) daily: Option<Amounts>,
    /// Payments above this need human approval; `None`: none do.
    pub(crate) confirm_over: Option<Amounts>,
    /// Hosts to which a checkout page may lead; `None`: any public one.
    pub(crate) redirect_hosts: Option<RedirectHosts>,
    /// What cannot be used. A limit that is set was meant to hold: nothing is created until the problem is fixed.
    pub(crate) problems: Vec<Problem>,
}

impl Limits {
    /// Reads the limits; their problems also go to `problems`.
    pub(crate) fn read(
        environment: &Environment,
        variables: &'static LimitVariables,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let LimitVariables { max_amount, daily_limit, confirm_over, redirect_hosts, currency } = *variables;
        // A limit that cannot be read was meant to be one. The environment has reported it already.
        let names = [max_amount, daily_limit, confirm_over, redirect_hosts];
        let unread = names.into_iter().filter(|name| environment.is_unreadable(name)).map(unreadable);
        let mut in_the_way: Vec<Problem> = unread.collect();
        let mut found = Vec::new();
        let mut amounts = |variable: &str| {
            let read = Amounts::parse(&environment.get(variable)?, currency);
            read.map_err(|message| found.push(Problem::new(variable, message))).ok()
        };
        let (max_amount, daily, confirm_over) =
            (amounts(max_amount), amounts(daily_limit), amounts(confirm_over));
        let redirect_hosts = environment.get(redirect_hosts).and_then(|text| {
            let read = RedirectHosts::parse(&text);
            read.map_err(|message| found.push(Problem::new(redirect_hosts, message))).ok()
        });
        problems.extend_from_slice(&found);
        in_the_way.extend(found);
        Self { variables, max_amount, daily, confirm_over, redirect_hosts, problems: in_the_way }
    }

    /// The limits in force, each in a few words.
    pub(crate) fn in_words(&self) -> Vec<String> {
        let amounts = |name: &str, amounts: &Option<Amounts>| Some(format!("{name} {}", amounts.as_ref()?));
        let hosts = self.redirect_hosts.as_ref().map(|hosts| format!("redirects only to {hosts}"));
        let all = [
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
pub(crate) struct Amounts(Vec<(FiatCurrency, Money)>);

impl Amounts {
    /// Reads the list.
    ///
    /// # Errors
    /// The wrong entry, the reason, and an example.
    fn parse(text: &str, currency: fn(&str) -> Result<FiatCurrency, String>) -> Result<Self, String> {
        let mut amounts = Vec::new();
        for entry in text.split(',').map(str::trim) {
            let refuse = |why: &str| {
                let shown = shortened(entry, 40);
                format!("{shown:?} {why}; set it to amounts such as \"500 EUR\" or \"500 EUR,550 USD\".")
            };
            let words: Vec<&str> = entry.split_whitespace().collect();
            let [amount, fiat] = *words.as_slice() else {
                return Err(refuse("is not an amount and a currency with a space between"));
            };
            let fiat = currency(fiat).map_err(|error| refuse(&format!("names no currency: {error}")))?;
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
    pub(crate) fn of(&self, fiat: FiatCurrency) -> Option<Money> {
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
pub(crate) fn in_fiat(amount: Money, fiat: FiatCurrency) -> String {
    format!("{} {fiat}", fiat.decimals_of(amount))
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
    /// The wrong entry, the reason, and an example.
    fn parse(text: &str) -> Result<Self, String> {
        let patterns = text.split(',').map(str::trim).map(|entry| {
            let refused = || {
                let shown = shortened(entry, 80);
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
            // The same rule holds for redirects: a host that it rejects could never be reached.
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
