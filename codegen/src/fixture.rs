//! Small documents for tests.

use std::{collections::BTreeMap, path::Path};

use crate::{
    spec::Spec,
    workspace::{Api, Replacement},
};

/// An API whose `Decimal` and `DecimalString` are money, and whose `Either` is some other hand-written type.
pub(crate) fn api() -> Api {
    let replacement = |path: &str| Replacement {
        path: path.to_owned(),
        impls: vec!["Display".to_owned(), "FromStr".to_owned()],
    };
    Api {
        name: "shop".to_owned(),
        spec: "shop.yaml".into(),
        out: "generated.rs".into(),
        registry: None,
        readme: None,
        transport: "crate::Transport".to_owned(),
        money: Some("crate::Money".to_owned()),
        replacements: BTreeMap::from([
            ("Decimal".to_owned(), replacement("crate::Money")),
            ("DecimalString".to_owned(), replacement("crate::Money")),
            ("Either".to_owned(), replacement("crate::Either")),
        ]),
    }
}

/// The document `text`, called shop.yaml.
pub(crate) fn spec(text: impl Into<String>) -> Spec {
    Spec::parse(Path::new("shop.yaml"), text.into()).unwrap()
}

/// A document with these paths and components, given in YAML as block entries without indentation.
pub(crate) fn document(paths: &str, schemas: &str) -> Spec {
    let indented =
        |text: &str, by: &str| text.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
    spec(format!(
        "openapi: 3.0.3\n\
         info: {{ title: Shop, version: '1' }}\n\
         paths:\n{}  /ping: {{}}\n\
         components:\n  schemas:\n\
         {}    Decimal: {{ type: number, minimum: 0, description: An amount. }}\n    \
         DecimalString: {{ type: string }}\n    \
         Either: {{ oneOf: [{{ type: number }}, {{ type: string }}] }}\n    \
         Fault: {{ type: object, properties: {{ detail: {{ type: string }} }} }}\n",
        indented(paths, "  "),
        indented(schemas, "    "),
    ))
}

/// The result of the preflight of a document.
pub(crate) fn preflight(spec: &Spec) -> String {
    spec.preflight(&api()).map_or_else(|refused| refused.to_string(), |()| "accepted".to_owned())
}
