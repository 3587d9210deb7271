//! The words of each refusal: what was found, what was expected, and how to fix the document.

use super::Refusal;

pub(super) struct Texts {
    pub(super) found: String,
    pub(super) expected: &'static str,
    pub(super) fix: String,
}

impl Texts {
    pub(super) fn of(refusal: &Refusal) -> Self {
        let (found, expected, fix) = words(refusal);
        Self { found, expected, fix }
    }
}

fn words(refusal: &Refusal) -> (String, &'static str, String) {
    let by_hand = "make it a component and give it a hand-written type under `replacements` in Cargo.toml";
    let exact_shapes = "exactly {type: number, format: decimal}, with nullable and texts if need be, or a $ref to a \
                        component for money";
    match refusal {
        // The document as a whole: its version, its names, its references.
        Refusal::Version { found } => (
            found.clone(),
            "OpenAPI 3.0, such as openapi: 3.0.3",
            "convert the document to 3.0, or correct its first line (3.1 and later write null as a type, 3.0 writes \
             nullable: true)"
                .to_owned(),
        ),
        Refusal::ComponentName { name } => (
            format!("a component with the name {name:?}"),
            "a name of letters, digits, `.`, `-` and `_`",
            "rename the component, and every $ref to it".to_owned(),
        ),
        Refusal::RustNames { names, rust } => (
            format!("{}, which both become {rust}", list(names)),
            "names that still differ as Rust names, where a_b, aB and a-b are one",
            "rename one of them, or give one of the components a hand-written type under `replacements` in Cargo.toml"
                .to_owned(),
        ),
        Refusal::RefSiblings { target, keys } => (
            format!("{keys} beside $ref: {target}, where it is ignored"),
            "a $ref on its own",
            format!("put the reference inside: {{nullable: true, allOf: [{{$ref: '{target}'}}]}}"),
        ),
        Refusal::DanglingRef { target } => (
            format!("$ref: {target}, which leads nowhere"),
            "a component of this document, such as #/components/schemas/Order",
            "correct the name, or add the component".to_owned(),
        ),
        Refusal::MisplacedRef { target, kind } => (
            format!("$ref: {target}, which is not one of the {kind} of the components"),
            "a $ref to a component of the kind that belongs there",
            format!("move what it refers to below #/components/{kind}/, and refer to it there"),
        ),
        Refusal::CircularRef { names } => (
            format!("references in a circle: {}", names.join(" → ")),
            "references that end at a definition; only through a property or an item may a schema hold itself",
            "write the definition at one of these names in place of the reference".to_owned(),
        ),
        Refusal::NotFinite => (
            "a number that is infinite or none at all".to_owned(),
            "a finite number",
            "remove it, or write the number".to_owned(),
        ),

        // Paths, parameters, bodies and responses.
        Refusal::MissingOperationId => (
            "no operationId".to_owned(),
            "an operationId that no other operation has: it names the method of the client",
            "add one, such as operationId: orders_list".to_owned(),
        ),
        Refusal::DuplicateOperationId { first } => (
            format!("an operationId that {first} has already"),
            "an operationId that no other operation has: it names the method of the client",
            "rename one of the two".to_owned(),
        ),
        Refusal::ErrorTypes { found } => (
            format!("errors of several types: {found}"),
            "one schema for every error of an operation",
            several_types(found, "let all of them refer to one component, in which what only some have is optional"),
        ),
        Refusal::SuccessTypes { found } => (
            format!("successes of several types: {found}"),
            "one schema for every success of an operation",
            several_types(found, "let all of them refer to one component, or keep only the status that is really sent"),
        ),
        Refusal::Status { found } => (
            format!("the status {found:?}"),
            "a status from 100 to 599, a range such as 4XX, or default",
            "correct the status".to_owned(),
        ),
        Refusal::RequestBody { found } => (
            format!("a request body as {found}"),
            "one media type, such as application/json; multipart cannot be sent",
            "keep application/json, if the API takes it, and remove the rest".to_owned(),
        ),
        Refusal::MissingSchema { media } => (
            format!("{media} without a schema"),
            "a schema for each body that is sent or read as JSON",
            "add a schema, or remove `content` when there is no body".to_owned(),
        ),
        Refusal::Encoding { media } => (
            format!("an encoding for {media}"),
            "a body that is encoded as its media type requires",
            "remove `encoding`".to_owned(),
        ),
        Refusal::PathItemRef { target } => (
            format!("$ref: {target} in place of a path's operations"),
            "the operations themselves below each path",
            "copy the operations to this path, each with an operationId of its own".to_owned(),
        ),
        Refusal::MalformedPath => (
            "a path whose braces are not in order".to_owned(),
            "a path that begins with / and has parameters such as {identifier}",
            "close each brace, name what is between them, and use each name once".to_owned(),
        ),
        Refusal::UndescribedPathParameter { name } => (
            format!("{{{name}}} in the path, and no parameter of that name"),
            "a parameter for each name in braces",
            format!("add {{name: {name}, in: path, required: true, schema: {{type: string}}}} to `parameters`"),
        ),
        Refusal::UnusedPathParameter { name } => (
            format!("the parameter {name:?} in the path, and no {{{name}}} in the path itself"),
            "a name in braces for each path parameter",
            format!("add {{{name}}} to the path, or correct its `in`"),
        ),
        Refusal::OptionalPathParameter { name } => (
            format!("the path parameter {name:?} without required: true"),
            "required: true for each parameter in the path",
            "add required: true".to_owned(),
        ),
        Refusal::DuplicateParameter { name, places } => (
            format!("several parameters with the name {name:?}, in {places}"),
            "one parameter of a name: of several, all but one are lost",
            "keep one, or rename the others if the API allows it".to_owned(),
        ),
        Refusal::CookieParameter { name } => (
            format!("the parameter {name:?} in a cookie"),
            "parameters in the path, the query or a header",
            "remove it, or describe the header that the API takes in its place".to_owned(),
        ),
        Refusal::ReservedHeader { name } => (
            format!("the header {name:?} as a parameter, where OpenAPI ignores it"),
            "a security scheme for Authorization, and media types for Accept and Content-Type",
            "remove the parameter, and describe it under securitySchemes or content".to_owned(),
        ),

        // Schemas, money aside.
        Refusal::UnknownType { found } => (
            format!("type: {found}"),
            "string, number, integer, boolean, array or object",
            "correct the type; a value that may be null has nullable: true".to_owned(),
        ),
        Refusal::Negation => {
            ("not".to_owned(), "a schema that describes the value", format!("remove `not`, or {by_hand}"))
        }
        Refusal::Discriminator => (
            "a discriminator, which the client ignores: the first alternative that fits wins".to_owned(),
            "alternatives that a hand-written type distinguishes",
            by_hand.to_owned(),
        ),
        Refusal::LoneExclusive { key } => (
            format!("{key} without the limit that it makes exclusive"),
            "minimum or maximum beside it",
            format!("add the limit, or remove {key}"),
        ),
        Refusal::EnumNames { values } => (
            format!("{} as values of one enum, which become one Rust name", list(values)),
            "values that still differ as Rust names, where capitals, spaces and signs do not count",
            format!("remove the values that the API does not send, or {by_hand}"),
        ),

        // Numbers, and where they would lose digits.
        Refusal::PlainNumber { schema } => (
            format!("{schema}, a number that becomes a float"),
            exact_shapes,
            "add format: decimal, or type: integer if it has no fraction".to_owned(),
        ),
        Refusal::ConstrainedNumber { schema, keys } => (
            format!("{schema}, a decimal that {keys} turns into a float"),
            exact_shapes,
            format!(
                "remove {keys}, or move the schema into a component, refer to it with $ref, and give it a hand-written \
                 type under `replacements` in Cargo.toml"
            ),
        ),
        Refusal::MergedMoney { keyword, found } => (
            format!("{keyword} around money, with {found}, which makes it a float"),
            "allOf with one $ref to a component for money, with nullable and texts if need be",
            "move limits into the component, and texts beside allOf".to_owned(),
        ),
        Refusal::MoneyInUnion { keyword, money } => (
            format!("money among the alternatives of {keyword}, at {money}"),
            "money on its own: among alternatives its digits are lost before it is read",
            "make the alternatives a component and give it a hand-written type under `replacements` in Cargo.toml"
                .to_owned(),
        ),
        Refusal::MoneyInMap { money } => (
            format!("additionalProperties with money beside named properties, at {money}"),
            "money in properties that have a name, or in a map that has nothing else: beside them its digits are lost \
             before it is read"
            ,
            "name the properties, move the map into a property of its own, or give the component a hand-written type \
             under `replacements` in Cargo.toml"
                .to_owned(),
        ),
        Refusal::MoneyInForm { money } => (
            format!("money in a form, at {money}"),
            "amounts of a form as text: an exact number can only be sent as JSON",
            "describe the amount as a component of type: string with a hand-written type of its own under \
             `replacements` in Cargo.toml"
                .to_owned(),
        ),
        Refusal::NamedNumber { schema, name, money } => (
            format!("{schema}, a component that is a number"),
            "a hand-written type in the place of a named number, which becomes a float or a wrapper without one",
            format!(
                "add {name} = {{ type = {money:?}, impls = [\"Display\", \"FromStr\"] }} to `replacements` in \
                 Cargo.toml; if it has no fraction, make it type: integer"
            ),
        ),
        Refusal::MoneyAlias { name } => (
            format!("{name}, money under a second name"),
            "one name for money: a second one becomes a type that wraps the first",
            format!("refer to the first name wherever {name} is used, and remove {name}"),
        ),
        Refusal::NamedNullable { name } => (
            format!("{name}, a component that is money or null"),
            "nullability where the component is used, not inside it",
            format!("remove {name}, and write {{nullable: true, allOf: [{{$ref: …}}]}} wherever it is used"),
        ),
    }
}

fn several_types(found: &str, otherwise: &str) -> String {
    if found.contains("default") {
        "`default` counts as a success and as an error: write 4XX and 5XX in its place".to_owned()
    } else {
        otherwise.to_owned()
    }
}

/// `"a_b" and "aB"`.
fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" and ")
}
