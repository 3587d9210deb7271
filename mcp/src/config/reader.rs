//! Reads variables of one topic, and collects what is wrong with them.

use std::{fmt::Display, str::FromStr};

use bitnovo_pay_webhook::tunnel::Programs;
use secrecy::SecretString;

use super::{Environment, Problem};

pub(super) struct Reader<'a> {
    pub(super) environment: &'a Environment,
    pub(super) problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.environment.get(name)
    }

    pub(super) fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// What runs programs in our environment.
    pub(super) fn programs(&self) -> Programs {
        let lookup = self.environment.lookup();
        Programs::new(move |name| lookup(name))
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        let Some(text) = self.text(name) else { return false };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => true,
            "false" | "0" | "no" => false,
            _ => {
                self.refuse(name, &text, "true or false");
                false
            }
        }
    }

    pub(super) fn number<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
        default: T,
        expected: &str,
        fits: impl Fn(&T) -> bool,
    ) -> T {
        let Some(text) = self.text(name) else { return default };
        match text.parse() {
            Ok(value) if fits(&value) => value,
            _ => {
                self.refuse(name, &text, expected);
                default
            }
        }
    }

    pub(super) fn refuse(&mut self, name: &str, text: &str, expected: &str) {
        self.problems.push(Problem::unexpected(name, text, expected));
    }
}
