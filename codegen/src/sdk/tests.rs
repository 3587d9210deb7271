use insta::assert_snapshot;

use super::generate;
use crate::{
    fixture::{api, document, spec},
    workspace::Api,
};

const ORDERS: &str = "\
/orders/{id}:
  get:
    operationId: orders_info
    summary: Reads an order.
    parameters: [{ name: id, in: path, required: true, schema: { type: string, format: uuid } }]
    responses:
      200: { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
      4XX: { description: no, content: { application/json: { schema: { $ref: '#/components/schemas/Fault' } } } }
";

const ORDER: &str = "\
Order:
  type: object
  description: What was bought.
  required: [price, day]
  properties:
    price: { $ref: '#/components/schemas/Decimal' }
    discount: { type: number, format: decimal, nullable: true }
    day: { type: string, pattern: '^[0-9]{4}$' }
    paid: { type: string, format: date-time, nullable: true }
";

fn refusal(paths: &str, schemas: &str, api: &Api) -> String {
    generate(&document(paths, schemas), api).unwrap_err().to_string()
}

#[test]
fn a_small_document_becomes_a_client() {
    assert_snapshot!(generate(&document(ORDERS, ORDER), &api()).unwrap());
}

#[test]
fn a_changed_path_and_a_changed_field_change_the_client() {
    let client = generate(&document(ORDERS, ORDER), &api()).unwrap();
    let path = generate(&document(&ORDERS.replace("/orders/{id}", "/order/{id}"), ORDER), &api()).unwrap();
    let field = generate(&document(ORDERS, &ORDER.replace("discount", "rebate")), &api()).unwrap();
    assert_ne!(client, path);
    assert_ne!(client, field);
}

#[test]
fn a_pattern_does_not_bring_a_regular_expression_engine() {
    let client = generate(&document(ORDERS, ORDER), &api()).unwrap();
    assert!(client.contains("pub day: ::std::string::String,"), "{client}");
    assert!(!client.contains("regress"), "{client}");
}

#[test]
fn a_status_that_a_range_covers_gets_no_arm_of_its_own() {
    let refused = "4XX: { description: no, content: { application/json: { schema: { $ref: '#/components/schemas/Fault' } } } }";
    let with_404 = ORDERS.replace(refused, &format!("{refused}\n      {}", refused.replace("4XX", "404")));
    assert_ne!(with_404, ORDERS);
    let client = generate(&document(&with_404, ORDER), &api()).unwrap();
    assert_eq!(client, generate(&document(ORDERS, ORDER), &api()).unwrap());
}

#[test]
fn a_float_that_the_preflight_does_not_know_is_still_refused() {
    assert_snapshot!(refusal("", "Level: { enum: [1.5, 2.5] }", &api()), @"shop.yaml became a client in which a number is a float, so that money would lose digits: `pub struct Level(f64);`; make the number a $ref to a replaced component, or {type: number, format: decimal} with `money` in the API's entry in Cargo.toml");
}

#[test]
fn a_float_in_a_description_is_only_a_word() {
    let order = ORDER.replace("What was bought.", "|-\n    Not an f64.\n    f64 is not exact.");
    let client = generate(&document(ORDERS, &order), &api()).unwrap();
    assert!(client.contains("\nf64 is not exact."), "{client}");
}

#[test]
fn a_document_that_is_not_openapi_is_refused_with_its_line() {
    let document = spec("openapi: 3.0.3\ninfo:\n  title: Shop\npaths: {}\n");
    let error = generate(&document, &api()).unwrap_err();
    assert_snapshot!(format!("{:#}", anyhow::Error::from(error)), @"shop.yaml is not an OpenAPI document: info: missing field `version` at line 3 column 3");
}

#[test]
fn a_panic_of_the_generator_names_the_document_and_the_part() {
    let shown = refusal(
        "",
        "Odd: { type: object, default: 5, properties: { a: { type: string, default: { b: 1 } } } }",
        &api(),
    );
    assert_snapshot!(shown, @r#"shop.yaml: the generator failed (The default value could not be rendered for this type value: { "b": 1 } type: TypeEntry { details: String, extra_derives: {}, extra_attrs: {}, }); write the part that it names in a simpler way, or as a component with a hand-written type under `replacements` in Cargo.toml"#);
}

#[test]
fn what_the_generator_does_not_support_names_the_document() {
    let paths = "\
/orders/:
  get:
    operationId: orders_list
    parameters: [{ name: ids, in: query, style: deepObject, schema: { type: object } }]
    responses: {}
";
    let error = generate(&document(paths, ""), &api()).unwrap_err();
    let shown = format!("{:#}", anyhow::Error::from(error));
    assert!(shown.starts_with("shop.yaml: unexpected or unhandled format"), "{shown}");
}

#[test]
fn a_replacement_of_nothing_is_refused() {
    let mut api = api();
    let decimal = api.replacements["Decimal"].clone();
    api.replacements.insert("Decimel".to_owned(), decimal);
    assert_snapshot!(refusal("", "", &api), @r#"Cargo.toml, codegen.api "shop": "Decimel" is not a component of the document"#);
}

#[test]
fn an_unknown_trait_in_a_replacement_is_refused() {
    let mut api = api();
    api.replacements.get_mut("Decimal").unwrap().impls = vec!["Copy".to_owned()];
    assert_snapshot!(refusal("", "", &api), @r#"Cargo.toml, codegen.api "shop": "Copy" is not one of Display, FromStr, Default"#);
}
