//! The document becomes a Rust client.

mod names;
mod normalised;
mod quiet;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypeImpl};
use schemars08::schema::{InstanceType, SchemaObject};

use self::{normalised::normalised, quiet::quietly};
use crate::{
    spec::{Refused, Spec},
    workspace::Api,
};

/// Why no client was generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SdkError {
    /// The document is refused, for the reasons that the preflight found.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The document is YAML, but not OpenAPI.
    #[error("{document} is not an OpenAPI document")]
    NotOpenApi {
        /// The document.
        document: String,
        /// The reason of the parser, with line and column.
        source: serde_yaml_ng::Error,
    },
    /// A value of the API's entry in the root `Cargo.toml` cannot be used.
    #[error("Cargo.toml, codegen.api {api:?}: {found:?} is not {expected}")]
    Setting {
        /// The API.
        api: String,
        /// The value.
        found: String,
        /// What the value must be.
        expected: &'static str,
    },
    /// The generator does not support a part of the document.
    #[error("{document}")]
    Unsupported {
        /// The document.
        document: String,
        /// The reason of the generator.
        source: progenitor::Error,
    },
    /// The generator panicked over a part of the document that the preflight does not know.
    #[error(
        "{document}: the generator failed ({cause}); write the part that it names in a simpler way, or as a component \
         with a hand-written type under `replacements` in Cargo.toml"
    )]
    GaveUp {
        /// The document.
        document: String,
        /// The reason of the generator.
        cause: String,
    },
    /// The generator made something that is not Rust.
    #[error("{document} became invalid Rust")]
    NotRust {
        /// The document.
        document: String,
        /// The reason of the parser.
        source: syn::Error,
    },
    /// A number would be a binary fraction, which cannot hold money.
    #[error(
        "{document} became a client in which a number is a float, so that money would lose digits: `{line}`; \
         make the number a $ref to a replaced component, or {{type: number, format: decimal}} with `money` in the API's entry in Cargo.toml"
    )]
    Float {
        /// The document.
        document: String,
        /// The line of the client.
        line: String,
    },
}

/// `cargo fmt` would undo the printer's layout, and then `--check` would fail; the attribute itself is unstable here.
const EXEMPTIONS: &str = "\
#![cfg_attr(rustfmt, rustfmt::skip)]
#![allow(
    clippy::all,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    rust_2018_idioms,
    rustdoc::all,
    unreachable_pub
)]
";

/// Generates the client of an API.
///
/// # Errors
/// When the document is refused, cannot be turned into a client, or would turn a number into a float.
pub fn generate(spec: &Spec, api: &Api) -> Result<String, SdkError> {
    spec.preflight(api)?;
    let document = spec.path().display().to_string();
    let client = quietly(|| client(spec, api))
        .map_err(|cause| SdkError::GaveUp { document: document.clone(), cause })??;
    if let Some(line) = float(&client) {
        return Err(SdkError::Float { document, line: line.trim().to_owned() });
    }
    Ok(format!(
        "// @generated from {document} by `cargo codegen generate`. Do not edit: change the document and run it again.\n\n\
         {EXEMPTIONS}\n{client}"
    ))
}

fn client(spec: &Spec, api: &Api) -> Result<String, SdkError> {
    let document = || spec.path().display().to_string();
    let not_openapi = |source| SdkError::NotOpenApi { document: document(), source };
    // Read from the text, a mistake is reported with its line; the tree does not know lines any more.
    let _: OpenAPI = serde_yaml_ng::from_str(spec.text()).map_err(not_openapi)?;
    let openapi: OpenAPI = serde_yaml_ng::from_value(normalised(spec.root())).map_err(not_openapi)?;
    let tokens = Generator::new(&settings(spec, api)?)
        .generate_tokens(&openapi)
        .map_err(|source| SdkError::Unsupported { document: document(), source })?;
    let file = syn::parse2(tokens).map_err(|source| SdkError::NotRust { document: document(), source })?;
    let findings = names::clashes(spec, &file);
    if !findings.is_empty() {
        return Err(Refused { document: spec.path().to_owned(), findings }.into());
    }
    Ok(prettyplease::unparse(&file))
}

fn settings(spec: &Spec, api: &Api) -> Result<GenerationSettings, SdkError> {
    let setting = |found: &str, expected| SdkError::Setting {
        api: api.name.clone(),
        found: found.to_owned(),
        expected,
    };
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(api.transport.parse().map_err(|_| setting(&api.transport, "a Rust type"))?)
        // The generator's own choice is UTC, which forgets the offset that was sent.
        .with_conversion(
            formatted(InstanceType::String, "date-time"),
            "::chrono::DateTime<::chrono::FixedOffset>",
            text_impls(),
        );
    if let Some(money) = &api.money {
        settings.with_conversion(formatted(InstanceType::Number, "decimal"), money, text_impls());
    }
    for (component, replacement) in &api.replacements {
        if !spec.has_component(component) {
            return Err(setting(component, "a component of the document"));
        }
        let impls: Vec<TypeImpl> = replacement
            .impls
            .iter()
            .map(|word| word.parse().map_err(|_| setting(word, "one of Display, FromStr, Default")))
            .collect::<Result<_, _>>()?;
        settings.with_replacement(component, &replacement.path, impls.into_iter());
    }
    Ok(settings)
}

fn formatted(instance_type: InstanceType, format: &str) -> SchemaObject {
    SchemaObject {
        instance_type: Some(instance_type.into()),
        format: Some(format.to_owned()),
        ..SchemaObject::default()
    }
}

fn text_impls() -> impl Iterator<Item = TypeImpl> {
    [TypeImpl::Display, TypeImpl::FromStr].into_iter()
}

/// The first line of code, documentation set aside, that names a float.
fn float(client: &str) -> Option<&str> {
    let mut in_docs = false;
    client.lines().find(|line| {
        in_docs |= line.trim_start().starts_with("/**");
        let is_code = !in_docs && !line.trim_start().starts_with("//");
        in_docs &= !line.ends_with("*/");
        is_code && line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(is_float)
    })
}

/// Whether the word is a float type, or a literal of one.
fn is_float(word: &str) -> bool {
    let literal = word.strip_suffix("f64").or_else(|| word.strip_suffix("f32"));
    literal.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit() || c == '_'))
}

#[cfg(test)]
mod odd_documents;
#[cfg(test)]
mod tests;
