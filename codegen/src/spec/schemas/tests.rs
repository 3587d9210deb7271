use insta::assert_snapshot;

use crate::{
    fixture::{api, document, preflight},
    sdk,
};

fn preflight_of_schemas(schemas: &str) -> String {
    preflight(&document("", schemas))
}

/// The preflight of a component whose property `price` is `shape`.
fn preflight_of_price(shape: &str) -> String {
    preflight_of_schemas(&format!("Order: {{ type: object, properties: {{ price: {shape} }} }}"))
}

#[test]
fn the_exact_shapes_become_money_and_nothing_else() {
    let shapes = [
        ("{ $ref: '#/components/schemas/Decimal' }", "crate::Money"),
        ("{ $ref: '#/components/schemas/DecimalString' }", "crate::Money"),
        ("{ type: number, format: decimal }", "crate::Money"),
        (
            "{ type: number, format: decimal, description: A price., example: 1.5, title: Price }",
            "crate::Money",
        ),
        ("{ type: number, format: decimal, nullable: true }", "::std::option::Option<crate::Money>"),
        (
            "{ nullable: true, allOf: [{ $ref: '#/components/schemas/Decimal' }] }",
            "::std::option::Option<crate::Money>",
        ),
        ("{ description: A price., allOf: [{ $ref: '#/components/schemas/Decimal' }] }", "crate::Money"),
        ("{ type: array, items: { $ref: '#/components/schemas/Decimal' } }", "::std::vec::Vec<crate::Money>"),
        ("{ type: array, items: { type: number, format: decimal } }", "::std::vec::Vec<crate::Money>"),
        ("{ $ref: '#/components/schemas/Either' }", "crate::Either"),
    ];
    for (shape, expected) in shapes {
        let order = format!("Order: {{ type: object, required: [price], properties: {{ price: {shape} }} }}");
        let client = sdk::generate(&document("", &order), &api()).unwrap();
        assert!(client.contains(&format!("pub price: {expected},")), "{shape}\n{client}");
    }
}

#[test]
fn a_number_that_is_no_decimal_is_refused() {
    assert_snapshot!(preflight_of_price("{ type: number }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Order/properties/price
      found: {type: number}, a number that becomes a float
      expected: exactly {type: number, format: decimal}, with nullable and texts if need be, or a $ref to a component for money
      fix: add format: decimal, or type: integer if it has no fraction
    ");
    for shape in [
        "{ type: number, format: double }",
        "{ type: number, format: float }",
        "{ minimum: 0.01 }",
        "{ format: decimal }",
    ] {
        let shown = preflight_of_price(shape);
        assert!(shown.contains("a number that becomes a float"), "{shape}\n{shown}");
    }
}

#[test]
fn an_integer_is_no_money() {
    assert_eq!(preflight_of_price("{ type: integer, minimum: 0 }"), "accepted");
}

#[test]
fn an_inline_decimal_with_a_limit_is_refused() {
    assert_snapshot!(preflight_of_price("{ type: number, format: decimal, minimum: 0 }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Order/properties/price
      found: {type: number, format: decimal, minimum: 0}, a decimal that minimum turns into a float
      expected: exactly {type: number, format: decimal}, with nullable and texts if need be, or a $ref to a component for money
      fix: remove minimum, or move the schema into a component, refer to it with $ref, and give it a hand-written type under `replacements` in Cargo.toml
    ");
}

#[test]
fn an_inline_decimal_with_an_extension_is_refused() {
    assert_snapshot!(preflight_of_price("{ type: number, format: decimal, x-currency: EUR }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Order/properties/price
      found: {type: number, format: decimal, x-currency: EUR}, a decimal that x-currency turns into a float
      expected: exactly {type: number, format: decimal}, with nullable and texts if need be, or a $ref to a component for money
      fix: remove x-currency, or move the schema into a component, refer to it with $ref, and give it a hand-written type under `replacements` in Cargo.toml
    ");
}

#[test]
fn all_of_with_a_limit_beside_money_is_refused() {
    assert_snapshot!(preflight_of_price("{ allOf: [{ $ref: '#/components/schemas/Decimal' }], minimum: 1 }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Order/properties/price
      found: allOf around money, with minimum, which makes it a float
      expected: allOf with one $ref to a component for money, with nullable and texts if need be
      fix: move limits into the component, and texts beside allOf
    ");
}

#[test]
fn all_of_money_and_another_schema_is_refused() {
    assert_snapshot!(preflight_of_price("{ allOf: [{ $ref: '#/components/schemas/Decimal' }, { maximum: 9 }] }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Order/properties/price
      found: allOf around money, with another schema, which makes it a float
      expected: allOf with one $ref to a component for money, with nullable and texts if need be
      fix: move limits into the component, and texts beside allOf
    ");
}

#[test]
fn money_among_alternatives_is_refused() {
    assert_snapshot!(preflight_of_price("{ oneOf: [{ $ref: '#/components/schemas/Decimal' }, { type: string }] }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Order/properties/price
      found: money among the alternatives of oneOf, at #/components/schemas/Order/properties/price/oneOf/0
      expected: money on its own: among alternatives its digits are lost before it is read
      fix: make the alternatives a component and give it a hand-written type under `replacements` in Cargo.toml
    ");
}

#[test]
fn keys_beside_a_reference_are_refused() {
    assert_snapshot!(preflight_of_price("{ $ref: '#/components/schemas/Decimal', nullable: true }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Order/properties/price
      found: nullable beside $ref: #/components/schemas/Decimal, where it is ignored
      expected: a $ref on its own
      fix: put the reference inside: {nullable: true, allOf: [{$ref: '#/components/schemas/Decimal'}]}
    ");
}

#[test]
fn a_named_number_without_a_replacement_is_refused() {
    assert_snapshot!(preflight_of_schemas("Price: { type: number, format: decimal }"), @r#"
    shop.yaml cannot become a client:

    #/components/schemas/Price
      found: {type: number, format: decimal}, a component that is a number
      expected: a hand-written type in the place of a named number, which becomes a float or a wrapper without one
      fix: add Price = { type = "crate::Money", impls = ["Display", "FromStr"] } to `replacements` in Cargo.toml; if it has no fraction, make it type: integer
    "#);
}

#[test]
fn a_second_name_for_money_is_refused() {
    let price = preflight_of_schemas("Price: { $ref: '#/components/schemas/Decimal' }");
    assert_snapshot!(price, @"
    shop.yaml cannot become a client:

    #/components/schemas/Price
      found: Price, money under a second name
      expected: one name for money: a second one becomes a type that wraps the first
      fix: refer to the first name wherever Price is used, and remove Price
    ");
    assert_eq!(
        preflight_of_schemas("Price: { allOf: [{ $ref: '#/components/schemas/DecimalString' }] }"),
        price
    );
}

#[test]
fn a_component_that_is_money_or_null_is_refused() {
    let price =
        preflight_of_schemas("Price: { nullable: true, allOf: [{ $ref: '#/components/schemas/Decimal' }] }");
    assert_snapshot!(price, @"
    shop.yaml cannot become a client:

    #/components/schemas/Price
      found: Price, a component that is money or null
      expected: nullability where the component is used, not inside it
      fix: remove Price, and write {nullable: true, allOf: [{$ref: …}]} wherever it is used
    ");
    assert_eq!(preflight_of_schemas("Price: { type: number, format: decimal, nullable: true }"), price);
}

#[test]
fn an_alias_of_an_alias_is_found() {
    let shown = preflight_of_schemas(
        "A: { $ref: '#/components/schemas/B' }\nB: { $ref: '#/components/schemas/Decimal' }",
    );
    assert_eq!(shown.matches("money under a second name").count(), 2, "{shown}");
}

#[test]
fn a_number_is_found_wherever_a_schema_can_stand() {
    let paths = "\
/orders/{id}:
  parameters: [{ name: id, in: path, required: true, schema: { type: number } }]
  post:
    operationId: orders_change
    requestBody: { content: { application/json: { schema: { type: array, items: { type: number } } } } }
    responses:
      200: { description: ok, content: { application/json: { schema: { additionalProperties: { type: number } } } } }
";
    let order =
        "Order: { oneOf: [{ type: object, properties: { a/b: { type: number } } }, { type: string }] }";
    let shown = preflight(&document(paths, order));
    let places: Vec<&str> = shown.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        places,
        [
            "#/paths/~1orders~1{id}/parameters/0/schema",
            "#/paths/~1orders~1{id}/post/requestBody/content/application~1json/schema/items",
            "#/paths/~1orders~1{id}/post/responses/200/content/application~1json/schema/additionalProperties",
            "#/components/schemas/Order",
            "#/components/schemas/Order/oneOf/0/properties/a~1b",
        ]
    );
}

#[test]
fn an_example_is_not_a_schema() {
    let shown = preflight_of_price("{ type: object, example: { schema: { type: number }, $ref: nowhere } }");
    assert_eq!(shown, "accepted");
}

/// A component `Order` with money in it, and what stands beside it.
fn with_order(schemas: &str) -> String {
    let order = "Order: { type: object, properties: { price: { $ref: '#/components/schemas/Decimal' } } }\n\
                 Basket: { type: object, properties: { orders: { type: array, items: { $ref: '#/components/schemas/Order' } } } }\n\
                 Note: { type: object, properties: { text: { type: string } } }\n";
    preflight_of_schemas(&format!("{order}{schemas}"))
}

#[test]
fn money_inside_an_alternative_is_refused_with_its_place() {
    assert_snapshot!(with_order("Event: { oneOf: [{ $ref: '#/components/schemas/Note' }, { $ref: '#/components/schemas/Basket' }] }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Event
      found: money among the alternatives of oneOf, at #/components/schemas/Order/properties/price
      expected: money on its own: among alternatives its digits are lost before it is read
      fix: make the alternatives a component and give it a hand-written type under `replacements` in Cargo.toml
    ");
    for shape in [
        "{ anyOf: [{ $ref: '#/components/schemas/Order' }, { $ref: '#/components/schemas/Note' }] }",
        "{ oneOf: [{ type: object, properties: { fee: { type: number, format: decimal } } }, { type: string }] }",
        "{ oneOf: [{ type: array, items: { $ref: '#/components/schemas/DecimalString' } }, { type: string }] }",
        "{ oneOf: [{ type: string }, { type: object, additionalProperties: { $ref: '#/components/schemas/Order' } }] }",
        "{ oneOf: [{ allOf: [{ $ref: '#/components/schemas/Order' }] }, { type: string }] }",
        // What stands beside the alternatives becomes a part of each.
        "{ allOf: [{ $ref: '#/components/schemas/Order' }, { oneOf: [{ required: [a] }, { required: [b] }] }] }",
        "{ properties: { fee: { type: number, format: decimal } }, anyOf: [{ required: [a] }, { required: [b] }] }",
        "{ type: object, properties: { data: { oneOf: [{ $ref: '#/components/schemas/Order' }, { type: string }] } } }",
    ] {
        let shown = with_order(&format!("Event: {shape}"));
        assert!(shown.contains("found: money among the alternatives of "), "{shape}\n{shown}");
    }
}

#[test]
fn alternatives_without_money_and_money_without_alternatives_are_accepted() {
    for shape in [
        "{ oneOf: [{ $ref: '#/components/schemas/Note' }, { type: string }] }",
        "{ oneOf: [{ $ref: '#/components/schemas/Order' }] }",
        "{ nullable: true, allOf: [{ $ref: '#/components/schemas/Order' }] }",
        "{ allOf: [{ $ref: '#/components/schemas/Order' }, { $ref: '#/components/schemas/Note' }] }",
        "{ type: object, additionalProperties: { $ref: '#/components/schemas/Decimal' } }",
        "{ type: object, properties: { a: { $ref: '#/components/schemas/Decimal' } }, additionalProperties: true }",
        "{ type: object, properties: { a: { $ref: '#/components/schemas/Decimal' } }, additionalProperties: { type: string } }",
        "{ type: object, properties: { either: { $ref: '#/components/schemas/Either' } } }",
    ] {
        assert_eq!(with_order(&format!("Event: {shape}")), "accepted", "{shape}");
    }
}

#[test]
fn a_map_of_money_beside_named_properties_is_refused() {
    assert_snapshot!(with_order("Fees: { type: object, properties: { day: { type: string } }, additionalProperties: { $ref: '#/components/schemas/Decimal' } }"), @"
    shop.yaml cannot become a client:

    #/components/schemas/Fees
      found: additionalProperties with money beside named properties, at #/components/schemas/Fees/additionalProperties
      expected: money in properties that have a name, or in a map that has nothing else: beside them its digits are lost before it is read
      fix: name the properties, move the map into a property of its own, or give the component a hand-written type under `replacements` in Cargo.toml
    ");
    for shape in [
        "{ type: object, properties: { day: { type: string } }, additionalProperties: { $ref: '#/components/schemas/Order' } }",
        "{ allOf: [{ $ref: '#/components/schemas/Note' }, { additionalProperties: { type: number, format: decimal } }] }",
        "{ type: object, required: [day], additionalProperties: { type: array, items: { type: number, format: decimal } } }",
    ] {
        let shown = with_order(&format!("Fees: {shape}"));
        assert!(
            shown.contains("additionalProperties with money beside named properties"),
            "{shape}\n{shown}"
        );
    }
}

#[test]
fn money_in_a_form_is_refused() {
    let body = |media: &str| {
        let paths = format!(
            "/pay: {{ post: {{ operationId: pay, responses: {{}}, requestBody: {{ content: {{ {media}: {{ schema: \
             {{ type: object, properties: {{ price: {{ $ref: '#/components/schemas/Decimal' }} }} }} }} }} }} }} }}\n"
        );
        preflight(&document(&paths, ""))
    };
    assert!(body("application/x-www-form-urlencoded").contains("found: money in a form, at "));
    assert_eq!(body("application/json"), "accepted");
}
