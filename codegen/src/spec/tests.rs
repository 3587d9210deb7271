use std::path::Path;

use insta::assert_snapshot;

use super::Spec;

fn refusal(text: &str) -> String {
    let error = Spec::parse(Path::new("shop.yaml"), text.to_owned()).unwrap_err();
    format!("{:#}", anyhow::Error::from(error))
}

#[test]
fn text_that_is_not_yaml_is_refused_with_line_and_column() {
    assert_snapshot!(refusal("openapi: 3.0.3\ninfo:\n  title: Shop\n version: 1\n"), @"shop.yaml is not YAML: did not find expected key at line 4 column 2, while parsing a block mapping");
}

#[test]
fn a_key_that_occurs_twice_is_refused() {
    assert_snapshot!(refusal("openapi: 3.0.3\npaths:\n  /orders/: {}\n  /orders/: {}\n"), @r#"shop.yaml is not YAML: paths: duplicate entry with key "/orders/" at line 3 column 3"#);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Spec::load(Path::new("/nowhere"), Path::new("shop.yaml")).unwrap_err();
    assert_eq!(error.to_string(), "cannot read shop.yaml");
}

#[test]
fn a_post_creates_unless_the_document_says_otherwise() {
    let text = "paths:\n  /a: { post: {}, get: {} }\n  /b: { post: { x-creates: false }, put: {} }\n";
    let spec = Spec::parse(Path::new("shop.yaml"), text.to_owned()).unwrap();
    let creates: Vec<bool> = spec.operations().map(|operation| operation.creates()).collect();
    assert_eq!(creates, [false, true, false, false]);
}

#[test]
fn operations_come_in_the_order_of_the_paths() {
    let text = "paths:\n  /b: { post: { operationId: b }, parameters: [], get: {} }\n  /a: { delete: { operationId: a } }\n";
    let spec = Spec::parse(Path::new("shop.yaml"), text.to_owned()).unwrap();
    let operations: Vec<String> = spec.operations().map(|operation| operation.to_string()).collect();
    assert_eq!(operations, ["GET /b", "b (POST /b)", "a (DELETE /a)"]);
}
