//! What the generator cannot do well with a document, and how to fix the document.

mod texts;

use std::fmt;

use self::texts::Texts;

/// One refusal and where it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// An operation as `operationId (METHOD /path)`, or a JSON pointer into the document.
    pub place: String,
    /// What is refused.
    pub refusal: Refusal,
}

/// What is refused. Numbers are refused where the generator would make a float of them or an unwanted type:
/// a float cannot hold money.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The document is not OpenAPI 3.0.
    Version {
        /// The value found.
        found: String,
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
    /// A number without the format of a decimal.
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
        /// The value.
        found: String,
    },
    /// Money is one of several alternatives, or inside one.
    MoneyInUnion {
        /// `oneOf` or `anyOf`.
        keyword: &'static str,
        /// The place of the money.
        money: String,
    },
    /// Properties that are not named hold money, beside named ones.
    MoneyInMap {
        /// The place of the money.
        money: String,
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
    /// A `$ref` leads to a component of another kind, or to no component.
    MisplacedRef {
        /// The reference.
        target: String,
        /// The kind that belongs there, such as `responses`.
        kind: &'static str,
    },
    /// References lead back to where they began.
    CircularRef {
        /// The names on the way, ending with the first one.
        names: Vec<String>,
    },
    /// A whole path is a reference.
    PathItemRef {
        /// The reference.
        target: String,
    },
    /// The braces of a path are not in order.
    MalformedPath,
    /// A path names a parameter that no `parameters` describe.
    UndescribedPathParameter {
        /// Its name.
        name: String,
    },
    /// A path parameter is described, and the path does not have it.
    UnusedPathParameter {
        /// Its name.
        name: String,
    },
    /// A path parameter is not `required: true`.
    OptionalPathParameter {
        /// Its name.
        name: String,
    },
    /// Two parameters of an operation have one name.
    DuplicateParameter {
        /// The name.
        name: String,
        /// Where they travel.
        places: String,
    },
    /// A header parameter that OpenAPI ignores.
    ReservedHeader {
        /// Its name.
        name: String,
    },
    /// A body is described by nothing.
    MissingSchema {
        /// The media type.
        media: String,
    },
    /// A media type has an `encoding`.
    Encoding {
        /// The media type.
        media: String,
    },
    /// A form holds money.
    MoneyInForm {
        /// The place of the money.
        money: String,
    },
    /// A status is neither a number from 100 to 599 nor a range nor `default`.
    Status {
        /// The key.
        found: String,
    },
    /// `type` is no type.
    UnknownType {
        /// The value.
        found: String,
    },
    /// `not`.
    Negation,
    /// `discriminator`.
    Discriminator,
    /// `exclusiveMinimum` without `minimum`, or the same of the maximum.
    LoneExclusive {
        /// The key.
        key: &'static str,
    },
    /// An infinite number, or one that is none.
    NotFinite,
    /// Values of an enum become one Rust name.
    EnumNames {
        /// The values.
        values: Vec<String>,
    },
    /// A component has a name that OpenAPI forbids.
    ComponentName {
        /// The name.
        name: String,
    },
    /// Two parts of the document become one Rust name.
    RustNames {
        /// What they are called in the document, as far as it is known.
        names: Vec<String>,
        /// What they become.
        rust: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Texts { found, expected, fix } = Texts::of(&self.refusal);
        writeln!(f, "{}", self.place)?;
        writeln!(f, "  found: {found}")?;
        writeln!(f, "  expected: {expected}")?;
        write!(f, "  fix: {fix}")
    }
}
