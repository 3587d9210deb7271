//! Reads variables of one topic, and collects what is wrong with them.

use std::{fmt::Display, str::FromStr};

use payments_core::environment::parse_bool;
use payments_tunnel::Programs;
use secrecy::SecretString;

use crate::config::environment::Environment;
use crate::config::problem::Problem;
use crate::config::secrets::{SHORTEST_CHOSEN, too_short};

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

    /// A secret that the merchant chooses, which must not be too short to be hidden.
    pub(super) fn chosen_secret(&mut self, name: &str) -> Option<SecretString> {
        let text = self.text(name)?;
        match text.chars().count() {
            length @ ..SHORTEST_CHOSEN => self.problems.push(too_short(name, length)),
            _ => return Some(text.into()),
        }
        None
    }

    /// What runs programs in our environment.
    pub(super) fn programs(&self) -> Programs {
        Programs::new(self.environment.lookup())
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        let Some(text) = self.text(name) else { return false };
        parse_bool(&text).unwrap_or_else(|_| {
            self.refuse(name, &text, "true or false");
            false
        })
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
