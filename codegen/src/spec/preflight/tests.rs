use insta::assert_snapshot;

use crate::fixture::{document, preflight, spec};

fn preflight_of_paths(paths: &str) -> String {
    preflight(&document(paths.trim_start(), ""))
}

#[test]
fn a_document_of_another_version_is_refused() {
    assert_snapshot!(preflight(&spec("openapi: 3.1.0\npaths: {}\n")), @"
    shop.yaml cannot become a client:

    #/openapi
      found: openapi: 3.1.0
      expected: OpenAPI 3.0, such as openapi: 3.0.3
      fix: convert the document to 3.0, or correct its first line (3.1 and later write null as a type, 3.0 writes nullable: true)
    ");
}

#[test]
fn a_version_that_yaml_reads_as_a_number_is_shown_as_written() {
    assert_snapshot!(preflight(&spec("openapi: 3.1\npaths: {}\n")), @"
    shop.yaml cannot become a client:

    #/openapi
      found: openapi: 3.1
      expected: OpenAPI 3.0, such as openapi: 3.0.3
      fix: convert the document to 3.0, or correct its first line (3.1 and later write null as a type, 3.0 writes nullable: true)
    ");
}

#[test]
fn a_document_without_a_version_is_refused() {
    assert_snapshot!(preflight(&spec("swagger: '2.0'\npaths: {}\n")), @"
    shop.yaml cannot become a client:

    #/openapi
      found: swagger: 2.0
      expected: OpenAPI 3.0, such as openapi: 3.0.3
      fix: convert the document to 3.0, or correct its first line (3.1 and later write null as a type, 3.0 writes nullable: true)
    ");
    for (text, found) in [
        ("", "an empty document"),
        ("[a]", "a document that is no object"),
        ("paths: {}", "no `openapi` version"),
    ] {
        let shown = preflight(&spec(text));
        assert!(shown.contains(&format!("found: {found}\n")), "{text:?}: {shown}");
    }
}

#[test]
fn an_operation_without_an_id_is_refused() {
    assert_snapshot!(preflight_of_paths("/orders/: { get: { responses: { '200': { description: ok } } } }"), @"
    shop.yaml cannot become a client:

    GET /orders/
      found: no operationId
      expected: an operationId that no other operation has: it names the method of the client
      fix: add one, such as operationId: orders_list
    ");
}

#[test]
fn an_id_used_twice_is_refused_with_both_places() {
    assert_snapshot!(preflight_of_paths("
/orders/:
  get: { operationId: orders, responses: {} }
  post: { operationId: orders, responses: {} }
"), @"
    shop.yaml cannot become a client:

    orders (POST /orders/)
      found: an operationId that GET /orders/ has already
      expected: an operationId that no other operation has: it names the method of the client
      fix: rename one of the two
    ");
}

#[test]
fn two_error_types_on_one_operation_are_refused_with_their_statuses() {
    assert_snapshot!(preflight(&document("\
/orders/:
  get:
    operationId: orders_list
    responses:
      200: { description: ok }
      400: { description: no, content: { application/json: { schema: { $ref: '#/components/schemas/Refused' } } } }
      404: { description: no, content: { application/json: { schema: { $ref: '#/components/schemas/Fault' } } } }
      4XX: { description: no, content: { text/html: {} } }
      5xx: { description: no, content: { application/json: { schema: { $ref: '#/components/schemas/Fault' } } } }
", "Refused: { type: object }")), @"
    shop.yaml cannot become a client:

    orders_list (GET /orders/)
      found: errors of several types: Refused (400), Fault (404, 5XX), a body that is not JSON (4XX)
      expected: one schema for every error of an operation
      fix: let all of them refer to one component, in which what only some have is optional
    ");
}

#[test]
fn two_success_types_on_one_operation_are_refused_with_their_statuses() {
    assert_snapshot!(preflight_of_paths("
/orders/:
  post:
    operationId: orders_create
    responses:
      '200': { description: ok, content: { application/json: { schema: { type: string } } } }
      '204': { description: ok }
"), @"
    shop.yaml cannot become a client:

    orders_create (POST /orders/)
      found: successes of several types: {type: string} (200), no body (204)
      expected: one schema for every success of an operation
      fix: let all of them refer to one component, or keep only the status that is really sent
    ");
}

#[test]
fn a_default_response_counts_as_error_and_as_success() {
    assert_snapshot!(preflight_of_paths("
/orders/:
  get:
    operationId: orders_list
    responses:
      '200': { description: ok, content: { application/json: { schema: { type: string } } } }
      default: { description: no, content: { application/json: { schema: { $ref: '#/components/schemas/Fault' } } } }
"), @"
    shop.yaml cannot become a client:

    orders_list (GET /orders/)
      found: successes of several types: {type: string} (200), Fault (default)
      expected: one schema for every success of an operation
      fix: `default` counts as a success and as an error: write 4XX and 5XX in its place
    ");
}

#[test]
fn a_default_response_beside_2xx_is_an_error_only() {
    let paths = "
/orders/:
  get:
    operationId: orders_list
    responses:
      2XX: { description: ok, content: { application/json: { schema: { type: string } } } }
      default: { description: no, content: { application/json: { schema: { $ref: '#/components/schemas/Fault' } } } }
";
    assert_eq!(preflight_of_paths(paths), "accepted");
}

#[test]
fn the_same_error_behind_two_references_is_one_type() {
    let paths = "
/orders/:
  get:
    operationId: orders_list
    responses:
      '403': { $ref: '#/components/responses/Refused' }
      4XX: { description: no, content: { application/json: { schema: { $ref: '#/components/schemas/Fault' } } } }
";
    let text = document(paths.trim_start(), "").text().replace(
        "components:\n",
        "components:\n  responses:\n    Refused:\n      description: no\n      content:\n        \
         application/json: { schema: { $ref: '#/components/schemas/Fault' } }\n",
    );
    assert_eq!(preflight(&spec(text)), "accepted");
}

#[test]
fn a_multipart_body_is_refused_alone_and_beside_json() {
    assert_snapshot!(preflight_of_paths("
/logo:
  put:
    operationId: logo_set
    requestBody: { content: { multipart/form-data: { schema: { type: object } } } }
    responses: {}
  post:
    operationId: logo_add
    requestBody: { content: { application/json: { schema: { type: object } }, multipart/form-data: {} } }
    responses: {}
"), @"
    shop.yaml cannot become a client:

    logo_set (PUT /logo)
      found: a request body as multipart/form-data
      expected: one media type, such as application/json; multipart cannot be sent
      fix: keep application/json, if the API takes it, and remove the rest

    logo_add (POST /logo)
      found: a request body as application/json or multipart/form-data
      expected: one media type, such as application/json; multipart cannot be sent
      fix: keep application/json, if the API takes it, and remove the rest
    ");
}

#[test]
fn a_cookie_parameter_is_refused_on_an_operation_and_on_a_path() {
    assert_snapshot!(preflight_of_paths("
/orders/:
  parameters: [{ name: tenant, in: cookie, schema: { type: string } }]
  get:
    operationId: orders_list
    parameters: [{ name: session, in: cookie, schema: { type: string } }]
    responses: {}
"), @r#"
    shop.yaml cannot become a client:

    orders_list (GET /orders/)
      found: the parameter "session" in a cookie
      expected: parameters in the path, the query or a header
      fix: remove it, or describe the header that the API takes in its place

    orders_list (GET /orders/)
      found: the parameter "tenant" in a cookie
      expected: parameters in the path, the query or a header
      fix: remove it, or describe the header that the API takes in its place
    "#);
}

#[test]
fn a_reference_that_leads_nowhere_is_refused() {
    assert_snapshot!(preflight_of_paths("
/orders/:
  get:
    operationId: orders_list
    parameters: [{ $ref: '#/components/parameters/Page' }, { $ref: 'common.yaml#/Size' }]
    responses:
      200: { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Ordr' } } } }
"), @"
    shop.yaml cannot become a client:

    #/paths/~1orders~1/get/parameters/0
      found: $ref: #/components/parameters/Page, which leads nowhere
      expected: a component of this document, such as #/components/schemas/Order
      fix: correct the name, or add the component

    #/paths/~1orders~1/get/parameters/1
      found: $ref: common.yaml#/Size, which leads nowhere
      expected: a component of this document, such as #/components/schemas/Order
      fix: correct the name, or add the component

    #/paths/~1orders~1/get/responses/200/content/application~1json/schema
      found: $ref: #/components/schemas/Ordr, which leads nowhere
      expected: a component of this document, such as #/components/schemas/Order
      fix: correct the name, or add the component
    ");
}

#[test]
fn everything_is_reported_at_once() {
    let text =
        document("/a: { get: { responses: {} } }\n/b: { get: { responses: {} } }", "Price: { type: number }");
    let shown = preflight(&spec(text.text().replace("3.0.3", "3.1.0")));
    assert_eq!(shown.matches("found: ").count(), 4, "{shown}");
}
