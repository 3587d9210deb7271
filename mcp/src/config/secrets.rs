//! Secrets as the environment holds them: how short one can be, and what hides it.

use crate::config::environment::Environment;
use crate::config::problem::Problem;
use crate::config::variables;
use crate::config::variables::Issuer;
use crate::safety::redaction::vocabulary::Vocabulary;
use crate::safety::redaction::{Redaction, SHORTEST};

/// The shortest secret that the merchant may choose. Redaction finds secrets by their value, and a shorter one could be a
/// word.
pub(super) const SHORTEST_CHOSEN: usize = 16;

/// The redaction of all secrets of the environment.
pub(super) fn redaction(
    environment: &Environment,
    vocabulary: Vocabulary,
    problems: &mut Vec<Problem>,
    warnings: &mut Vec<String>,
) -> Redaction {
    let mut redaction = Redaction::new(vocabulary);
    for secret in variables::secrets() {
        let Some(value) = environment.get(secret.name) else { continue };
        let length = value.chars().count();
        if let Some(shown) = (secret.shown)(value.trim()) {
            redaction.hide_credential(value.trim(), shown);
        } else if length >= SHORTEST {
            redaction.hide_token(&value);
        } else if secret.issuer == Issuer::Service {
            warnings.push(format!(
                "{} has {length} characters. So short a text can be part of any word, and is not hidden in answers and logs: \
                 is it the token as it was issued?",
                secret.name
            ));
        }
        if secret.issuer == Issuer::Merchant && length < SHORTEST_CHOSEN {
            problems.push(too_short(secret.name, length));
        }
    }
    redaction
}

pub(super) fn too_short(variable: &str, length: usize) -> Problem {
    let message = format!(
        "has {length} characters; set it to {SHORTEST_CHOSEN} or more, such as what `openssl rand -hex 16` prints, or \
         leave it out."
    );
    Problem::new(variable, message)
}
