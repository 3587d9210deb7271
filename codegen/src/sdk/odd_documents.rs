//! Documents that the generator panics over, or makes a client of that cannot work.

use insta::assert_snapshot;

use super::generate;
use crate::{
    fixture::{api, document, spec},
    spec::Spec,
};

fn outcome(document: &Spec) -> String {
    let outcome = generate(document, &api());
    outcome.map_or_else(|error| format!("{:#}", anyhow::Error::from(error)), |_| "accepted".to_owned())
}

/// The findings alone, without what was expected.
fn found(document: &Spec) -> Vec<String> {
    let outcome = outcome(document);
    let lines = outcome.lines().filter_map(|line| line.strip_prefix("  found: "));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    if lines.is_empty() { vec![outcome] } else { lines }
}

fn of_schemas(schemas: &str) -> Vec<String> {
    found(&document("", schemas))
}

/// What is found in the operation `read` at `path`, with these parameters and responses.
fn of_operation(path: &str, parameters: &str, rest: &str) -> Vec<String> {
    let operation =
        format!("{path}:\n  get:\n    operationId: read\n    parameters: {parameters}\n    {rest}\n");
    found(&document(&operation, ""))
}

const OK: &str = "responses: { 200: { description: ok } }";

#[test]
fn names_that_become_one_in_rust_are_refused() {
    assert_snapshot!(outcome(&document("", "order_item: { type: object }\nOrderItem: { type: object, properties: { a_b: { type: string }, aB: { type: string } } }")), @r#"
    shop.yaml cannot become a client:

    #/components/schemas/OrderItem
      found: "aB" and "a_b", which both become a_b
      expected: names that still differ as Rust names, where a_b, aB and a-b are one
      fix: rename one of them, or give one of the components a hand-written type under `replacements` in Cargo.toml

    #/components/schemas/OrderItem
      found: "order_item" and "OrderItem", which both become OrderItem
      expected: names that still differ as Rust names, where a_b, aB and a-b are one
      fix: rename one of them, or give one of the components a hand-written type under `replacements` in Cargo.toml
    "#);
    let same = |values: &str| of_schemas(&format!("Coin: {{ type: string, enum: [{values}] }}"));
    assert_eq!(same("eur, EUR"), [r#""eur" and "EUR" as values of one enum, which become one Rust name"#]);
    for values in ["a, A", "'+1 day', '-1 day'", "'', x", "'€', '$'", "usd, Usd", "a, a"] {
        assert!(same(values)[0].contains("become one Rust name"), "{values}: {:?}", same(values));
    }
    for values in ["'+1', '-1'", "'+1', plus1", "a_b, a-b, 'a b'", "eur, usd", "self, Self_", "1, 2"] {
        let outcome = same(values);
        assert!(!outcome[0].contains("gave up"), "{values}: {outcome:?}");
    }
    let both = "[{ name: a_b, in: query, schema: { type: string } }, { name: aB, in: query, schema: { type: string } }]";
    assert_eq!(of_operation("/a", both, OK), [r#""aB" and "a_b", which both become a_b"#]);
    let operation = |id| format!("/{id}: {{ get: {{ operationId: {id}, {OK} }} }}\n");
    let operations = document(&(operation("readAll") + &operation("read_all")), "");
    assert_eq!(found(&operations), [r#""readAll" and "read_all", which both become read_all"#]);
}

#[test]
fn a_path_and_its_parameters_must_fit() {
    let id = |rest: &str| format!("[{{ name: id, schema: {{ type: string }}, {rest} }}]");
    let in_path = id("in: path, required: true");
    assert_eq!(of_operation("/a/{id}", &in_path, OK), ["accepted"]);
    assert_eq!(of_operation("/a/{id}", "[]", OK), ["{id} in the path, and no parameter of that name"]);
    assert_eq!(
        of_operation("/a", &in_path, OK),
        [r#"the parameter "id" in the path, and no {id} in the path itself"#]
    );
    assert_eq!(
        of_operation("/a/{id}", &id("in: path"), OK),
        [r#"the path parameter "id" without required: true"#]
    );
    for path in ["/a/{id", "/a/id}", "/a/{}", "/a/{id}/{id}", "/a/{i/d}", "a/{id}"] {
        assert_eq!(
            of_operation(&format!("'{path}'"), &in_path, OK)[0],
            "a path whose braces are not in order",
            "{path}"
        );
    }
    let twice = "[{ name: id, in: path, required: true, schema: { type: string } }, { name: id, in: query, schema: { type: string } }]";
    assert_eq!(
        of_operation("/a/{id}", twice, OK),
        [r#"several parameters with the name "id", in path and query"#]
    );
    for name in ["Authorization", "accept", "CONTENT-TYPE"] {
        let header = format!("[{{ name: {name}, in: header, schema: {{ type: string }} }}]");
        assert!(of_operation("/a", &header, OK)[0].contains("where OpenAPI ignores it"), "{name}");
    }
}

#[test]
fn a_body_needs_a_schema_and_a_response_a_status() {
    let response = |content: &str| {
        of_operation("/a", "[]", &format!("responses: {{ 200: {{ description: ok, content: {content} }} }}"))
    };
    assert_eq!(
        response("{ 'application/json; charset=utf-8': {} }"),
        ["application/json; charset=utf-8 without a schema"]
    );
    assert_eq!(response("{ application/json: { example: 1 } }"), ["application/json without a schema"]);
    assert_eq!(
        response("{ application/json: { schema: { type: string }, encoding: { a: {} } } }"),
        ["an encoding for application/json"]
    );
    assert_eq!(response("{ text/html: {} }"), ["accepted"]);
    let body = format!("requestBody: {{ content: {{ application/json: {{}} }} }}\n    {OK}");
    assert_eq!(of_operation("/a", "[]", &body), ["application/json without a schema"]);
    for status in ["1000", "20", "6XX", "99", "OK"] {
        let responses = format!("responses: {{ '{status}': {{ description: ok }} }}");
        assert_eq!(of_operation("/a", "[]", &responses), [format!("the status {status:?}")]);
    }
}

#[test]
fn references_must_end_where_they_may() {
    let circle = |components: &str| {
        spec(format!(
            "openapi: 3.0.3\ninfo: {{ title: Shop, version: '1' }}\npaths: {{}}\ncomponents:\n  {components}\n  schemas: {{ Decimal: {{ type: number }}, DecimalString: {{ type: string }}, Either: {{}} }}\n"
        ))
    };
    assert_snapshot!(outcome(&circle("responses: { R: { $ref: '#/components/responses/R' } }")), @"
    shop.yaml cannot become a client:

    #/components/responses/R
      found: references in a circle: R → R
      expected: references that end at a definition; only through a property or an item may a schema hold itself
      fix: write the definition at one of these names in place of the reference
    ");
    for kind in ["responses", "parameters", "requestBodies", "headers"] {
        let components = format!(
            "{kind}: {{ A: {{ $ref: '#/components/{kind}/B' }}, B: {{ $ref: '#/components/{kind}/A' }} }}"
        );
        assert_eq!(
            found(&circle(&components)),
            ["references in a circle: A → B → A", "references in a circle: B → A → B"],
            "{kind}"
        );
    }
    for (schemas, circle) in [
        ("A: { $ref: '#/components/schemas/A' }", "A → A"),
        (
            "A: { allOf: [{ $ref: '#/components/schemas/B' }, { type: object }] }\nB: { allOf: [{ $ref: '#/components/schemas/A' }] }",
            "A → B → A",
        ),
        ("A: { oneOf: [{ type: string }, { $ref: '#/components/schemas/A' }] }", "A → A"),
        ("A: { anyOf: [{ type: string }, { oneOf: [{ $ref: '#/components/schemas/A' }] }] }", "A → A"),
    ] {
        assert_eq!(of_schemas(schemas)[0], format!("references in a circle: {circle}"), "{schemas}");
    }
    // A tree holds itself, and that is no circle.
    let tree = "Tree: { type: object, properties: { branches: { type: array, items: { $ref: '#/components/schemas/Tree' } } } }";
    assert_eq!(of_schemas(tree), ["accepted"]);

    let elsewhere = "responses: { 200: { $ref: '#/components/schemas/Fault' } }";
    assert_eq!(
        of_operation("/a", "[]", elsewhere),
        ["$ref: #/components/schemas/Fault, which is not one of the responses of the components"]
    );
    let into_paths =
        "responses: { 200: { $ref: '#/paths/~1a/get/responses/201' }, 201: { description: ok } }";
    assert!(of_operation("/a", "[]", into_paths)[0].contains("not one of the responses"));
    assert_eq!(
        found(&document("/a: { $ref: '#/paths/~1ping' }\n", "")),
        ["$ref: #/paths/~1ping in place of a path's operations"]
    );
}

#[test]
fn schemas_that_no_client_can_hold_are_refused() {
    for (schema, expected) in [
        ("{ not: { type: string } }", "not"),
        ("{ type: file }", "type: file"),
        (
            "{ type: integer, exclusiveMinimum: true }",
            "exclusiveMinimum without the limit that it makes exclusive",
        ),
        ("{ type: integer, minimum: .nan }", "a number that is infinite or none at all"),
    ] {
        assert!(of_schemas(&format!("A: {schema}")).iter().any(|found| found == expected), "{schema}");
    }
    let pet = "A: { oneOf: [{ $ref: '#/components/schemas/B' }], discriminator: { propertyName: kind } }\nB: { type: object }";
    assert!(of_schemas(pet)[0].starts_with("a discriminator"));
    assert!(of_schemas("'a b': { type: string }")[0].starts_with("a component with the name \"a b\""));
}

#[test]
fn a_long_chain_of_schemas_is_followed_without_an_end_of_the_stack() {
    let schema = |index: u32| {
        format!(
            "S{index}: {{ type: object, properties: {{ next: {{ $ref: '#/components/schemas/S{}' }} }} }}\n",
            index + 1
        )
    };
    let chain: String = (0..300).map(schema).collect();
    assert_eq!(of_schemas(&(chain + "S300: { type: string }\n")), ["accepted"]);
}
