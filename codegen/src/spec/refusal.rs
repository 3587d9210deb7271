//! What the generator cannot do well with a document, and how the document is mended.

use std::fmt;

/// One refusal and where it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// An operation as `operationId (METHOD /path)`, or a JSON pointer into the document.
    pub place: String,
    /// What is refused.
    pub refusal: Refusal,
}

/// What is refused. Numbers are refused where the generator would make a float of them or a type nobody wants:
/// a float cannot hold money.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The document is not OpenAPI 3.0.
    Version {
        /// The value of `openapi`, if there is one.
        found: Option<String>,
    },
    /// An operation has no `operationId`.
    MissingOperationId,
    /// An `operationId` was used before.
    DuplicateOperationId {
        /// The place of the first use.
        first: String,
    },
    /// The errors of an operation differ in type.
    ErrorTypes {
        /// Each type with its statuses.
        found: String,
    },
    /// The successes of an operation differ in type.
    SuccessTypes {
        /// Each type with its statuses.
        found: String,
    },
    /// A request body is multipart, or comes in several media types.
    RequestBody {
        /// The media types.
        found: String,
    },
    /// A parameter travels in a cookie.
    CookieParameter {
        /// Its name.
        name: String,
    },
    /// A number does not say that it is a decimal.
    PlainNumber {
        /// The schema on one line.
        schema: String,
    },
    /// An inline decimal has keys that keep it from being recognised.
    ConstrainedNumber {
        /// The schema on one line.
        schema: String,
        /// The keys.
        keys: String,
    },
    /// A wrapper around money has something beside the one reference.
    MergedMoney {
        /// `allOf`, `oneOf` or `anyOf`.
        keyword: &'static str,
        /// What stands there.
        found: String,
    },
    /// Money is one of several alternatives.
    MoneyInUnion {
        /// `oneOf` or `anyOf`.
        keyword: &'static str,
    },
    /// A component is a number, and no hand-written type takes its place.
    NamedNumber {
        /// The schema on one line.
        schema: String,
        /// The component.
        name: String,
        /// The type that holds money.
        money: String,
    },
    /// A component is money under a second name.
    MoneyAlias {
        /// The component.
        name: String,
    },
    /// A component is money or null.
    NamedNullable {
        /// The component.
        name: String,
    },
    /// Keys stand beside a `$ref`, where OpenAPI 3.0 ignores them.
    RefSiblings {
        /// The reference.
        target: String,
        /// The keys.
        keys: String,
    },
    /// A `$ref` leads nowhere.
    DanglingRef {
        /// The reference.
        target: String,
    },
}

impl Refusal {
    fn found(&self) -> String {
        match self {
            Self::Version { found: Some(found) } => format!("openapi: {found}"),
            Self::Version { found: None } => "no `openapi` version".to_owned(),
            Self::MissingOperationId => "no operationId".to_owned(),
            Self::DuplicateOperationId { first } => format!("an operationId that {first} has already"),
            Self::ErrorTypes { found } => format!("errors of several types: {found}"),
            Self::SuccessTypes { found } => format!("successes of several types: {found}"),
            Self::RequestBody { found } => format!("a request body as {found}"),
            Self::CookieParameter { name } => format!("the parameter {name:?} in a cookie"),
            Self::PlainNumber { schema } => format!("{schema}, a number that becomes a float"),
            Self::ConstrainedNumber { schema, keys } => {
                format!("{schema}, a decimal that {keys} turns into a float")
            }
            Self::MergedMoney { keyword, found } => {
                format!("{keyword} around money, with {found}, which makes it a float")
            }
            Self::MoneyInUnion { keyword } => format!("money as one of several alternatives of {keyword}"),
            Self::NamedNumber { schema, .. } => format!("{schema}, a component that is a number"),
            Self::MoneyAlias { name } => format!("{name}, money under a second name"),
            Self::NamedNullable { name } => format!("{name}, a component that is money or null"),
            Self::RefSiblings { target, keys } => {
                format!("{keys} beside $ref: {target}, where it is ignored")
            }
            Self::DanglingRef { target } => format!("$ref: {target}, which leads nowhere"),
        }
    }

    fn expected(&self) -> &'static str {
        match self {
            Self::Version { .. } => "OpenAPI 3.0, such as openapi: 3.0.3",
            Self::MissingOperationId | Self::DuplicateOperationId { .. } => {
                "an operationId that no other operation has: it names the method of the client"
            }
            Self::ErrorTypes { .. } => "one schema for every error of an operation",
            Self::SuccessTypes { .. } => "one schema for every success of an operation",
            Self::RequestBody { .. } => "one media type, such as application/json; multipart cannot be sent",
            Self::CookieParameter { .. } => "parameters in the path, the query or a header",
            Self::PlainNumber { .. } | Self::ConstrainedNumber { .. } => {
                "exactly {type: number, format: decimal}, with nullable and texts if need be, or a $ref to a component \
                 for money"
            }
            Self::MergedMoney { .. } => {
                "allOf with one $ref to a component for money, with nullable and texts if need be"
            }
            Self::MoneyInUnion { .. } => {
                "money on its own: among alternatives its digits are lost before it is read"
            }
            Self::NamedNumber { .. } => {
                "a hand-written type in the place of a named number, which becomes a float or a wrapper without one"
            }
            Self::MoneyAlias { .. } => "one name for money: a second one becomes a type that wraps the first",
            Self::NamedNullable { .. } => "nullability where the component is used, not inside it",
            Self::RefSiblings { .. } => "a $ref on its own",
            Self::DanglingRef { .. } => "a component of this document, such as #/components/schemas/Order",
        }
    }

    fn mend(&self) -> String {
        match self {
            Self::Version { .. } => {
                "convert the document to 3.0, or correct its first line (3.1 and later write null as a type, \
                 3.0 writes nullable: true)"
            }
            Self::MissingOperationId => "add one, such as operationId: orders_list",
            Self::DuplicateOperationId { .. } => "rename one of the two",
            Self::ErrorTypes { found } | Self::SuccessTypes { found } if found.contains("default") => {
                "`default` counts as a success and as an error: write 4XX and 5XX in its place"
            }
            Self::ErrorTypes { .. } => "let all of them refer to one component, in which what only some have is optional",
            Self::SuccessTypes { .. } => {
                "let all of them refer to one component, or keep only the status that is really sent"
            }
            Self::RequestBody { .. } => "keep application/json, if the API takes it, and remove the rest",
            Self::CookieParameter { .. } => "remove it, or describe the header that the API takes in its place",
            Self::PlainNumber { .. } => "add format: decimal, or type: integer if it has no fraction",
            Self::ConstrainedNumber { keys, .. } => {
                return format!(
                    "remove {keys}, or move the schema into a component, refer to it with $ref, and give it a \
                     hand-written type under `replacements` in Cargo.toml"
                );
            }
            Self::MergedMoney { .. } => "move limits into the component, and texts beside allOf",
            Self::MoneyInUnion { .. } => {
                "make the alternatives a component and give it a hand-written type under `replacements` in Cargo.toml"
            }
            Self::NamedNumber { name, money, .. } => {
                return format!(
                    "add {name} = {{ type = {money:?}, impls = [\"Display\", \"FromStr\"] }} to `replacements` in \
                     Cargo.toml; if it has no fraction, make it type: integer"
                );
            }
            Self::MoneyAlias { name } => {
                return format!("refer to the first name wherever {name} is used, and remove {name}");
            }
            Self::NamedNullable { name } => {
                return format!(
                    "remove {name}, and write {{nullable: true, allOf: [{{$ref: …}}]}} wherever it is used"
                );
            }
            Self::RefSiblings { target, .. } => {
                return format!("put the reference inside: {{nullable: true, allOf: [{{$ref: '{target}'}}]}}");
            }
            Self::DanglingRef { .. } => "correct the name, or add the component",
        }
        .to_owned()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, refusal } = self;
        writeln!(f, "{place}")?;
        writeln!(f, "  found: {}", refusal.found())?;
        writeln!(f, "  expected: {}", refusal.expected())?;
        write!(f, "  mend: {}", refusal.mend())
    }
}
