use std::fs;

use insta::assert_snapshot;
use tempfile::TempDir;

const SHOP: &str = r#"
document = "shop.yaml"
operation = [
    { id = "orders_list", method = "GET", path = "/orders/", creates = false },
    { id = "orders_create", method = "POST", path = "/orders/", creates = true },
    { id = "orders_info", method = "GET", path = "/orders/{id}", creates = false },
]
"#;

const HEAD: &str = "api = \"shop\"\n";

const PAY: &str = r#"
[[tool]]
name = "pay"
title = "Pay"
operations = ["orders_create", "orders_info"]
toolset = "payments"
available = "always"
creates = true
read_only = false
destructive = false
idempotent = false
open_world = true
summary = "Takes a payment."
description = """
Takes a \"payment\".

Then waits."""
"#;

/// A package with these files, and the folder that its build script writes into.
struct Package(TempDir);

impl Package {
    fn new(files: &[(&str, &str)]) -> Self {
        let package = TempDir::new().unwrap();
        for (name, text) in files.iter().chain(&[("out/empty", "")]) {
            let path = package.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(package)
    }

    /// What the build script makes of `tools/NAME.toml`, or its errors.
    fn emit(&self, name: &str) -> String {
        let out = self.0.path().join("out");
        match super::emit(self.0.path(), &out) {
            Ok(()) => fs::read_to_string(out.join(name).with_extension("rs")).unwrap(),
            Err(error) => error.to_string().replace(&format!("{}/", self.0.path().display()), ""),
        }
    }
}

fn emit(rows: &str) -> String {
    let rows = format!("{HEAD}{rows}");
    Package::new(&[("apis/shop.toml", SHOP), ("tools/pay.toml", &rows)]).emit("pay")
}

#[test]
fn a_row_becomes_a_route_to_its_module() {
    let emitted = emit(PAY);
    assert!(syn::parse_file(&emitted).is_ok(), "{emitted}");
    assert_snapshot!(emitted);
}

#[test]
fn a_text_cannot_leave_its_literal() {
    let hostile = PAY.replace("Takes a payment.", r#"\" ; \\ { \u0000 \u202e '"#);
    let emitted = emit(&hostile);
    assert!(syn::parse_file(&emitted).is_ok(), "{emitted}");
    assert!(emitted.contains(r#"summary: "\" ; \\ { \0 \u{202e} '","#), "{emitted}");
}

#[test]
fn each_file_of_rows_becomes_a_file_and_only_rows_of_an_api_have_operations() {
    let (pay, own) = (
        format!("{HEAD}{PAY}"),
        PAY.replace("\"pay\"", "\"own\"").replace("creates = true", "creates = false"),
    );
    let without = own.replace("\"orders_create\", \"orders_info\"", "");
    let package = |own: &str| {
        Package::new(&[("apis/shop.toml", SHOP), ("tools/pay.toml", &pay), ("tools/server.toml", own)])
    };
    assert!(package(&without).emit("pay").contains("Route::creating(row_0, context, pay::call)"));
    assert!(package(&without).emit("server").contains("Route::new(row_0, context, own::call)"));
    assert_snapshot!(package(&own).emit("server"), @r#"tools/server.toml, tool "own": `operations` need an `api` at the head of the file"#);
}

#[test]
fn two_files_cannot_both_have_a_name() {
    let rows = format!("{HEAD}{PAY}");
    let package = Package::new(&[("apis/shop.toml", SHOP), ("tools/a.toml", &rows), ("tools/b.toml", &rows)]);
    assert_snapshot!(package.emit("a"), @r#"tools/b.toml, tool "pay": an earlier row has this name; names are unique over all APIs"#);
}

#[test]
fn a_row_says_whether_it_creates_and_the_document_confirms_it() {
    let reads = PAY.replace("\"orders_create\", ", "").replace("read_only = false", "read_only = true");
    assert_snapshot!(emit(&PAY.replace("creates = true", "creates = false")), @r#"tools/pay.toml, tool "pay": `creates` must be true: the operation "orders_create" creates something"#);
    assert_snapshot!(emit(&reads), @r#"tools/pay.toml, tool "pay": `creates` must be false: none of the operations creates anything"#);
    assert_snapshot!(emit(&PAY.replace("read_only = false", "read_only = true")), @r#"tools/pay.toml, tool "pay": `read_only` must be false where `creates` is true"#);
    assert!(emit(&reads.replace("creates = true", "creates = false")).contains("Route::new("));
}

#[test]
fn an_operation_that_left_the_document_is_named_with_its_row() {
    assert_snapshot!(emit(&PAY.replace("orders_info", "orders_status")), @r#"tools/pay.toml, tool "pay": the operation "orders_status" is not in shop.yaml (which has: orders_list, orders_create, orders_info); correct the row's `operations`, or the document's `operationId`"#);
}

#[test]
fn everything_wrong_with_all_rows_is_reported_one_line_each() {
    let rows = [
        PAY.to_owned(),
        PAY.to_owned(),
        PAY.replace("\"pay\"", "\"Pay now\"").replace("\"payments\"", "\"Pay ments\""),
        PAY.replace("\"pay\"", "\"b\"").replace("orders_info", "orders_inf"),
        PAY.replace("\"pay\"", "\"c\"").replace("idempotent", "idempotente"),
        PAY.replace("\"pay\"", "\"d\"").replace("open_world = true\n", ""),
        PAY.replace("\"pay\"", "\"e\"").replace("\"Pay\"", "\" \"").replace("orders_create", "order"),
        PAY.replace("name = \"pay\"\n", ""),
        PAY.replace("\"pay\"", "\"f\"").replace("read_only = false", "read_only = \"no\""),
        PAY.replace("\"pay\"", "\"g\"").replace("\"always\"", "\"seldom\""),
    ];
    assert_snapshot!(emit(&rows.concat()), @r#"
    tools/pay.toml, tool "pay": an earlier row has this name; names are unique over all APIs
    tools/pay.toml, tool "Pay now": the name must match ^[a-z][a-z0-9_]{0,63}$
    tools/pay.toml, tool "Pay now": `toolset` is "Pay ments", but must be a word of small letters, digits, `-` and `_`, such as `payments`
    tools/pay.toml, tool "b": the operation "orders_inf" is not in shop.yaml (which has: orders_list, orders_create, orders_info); correct the row's `operations`, or the document's `operationId`
    tools/pay.toml, tool "c": unknown field `idempotente`, expected one of `name`, `title`, `operations`, `toolset`, `available`, `creates`, `read_only`, `destructive`, `idempotent`, `open_world`, `summary`, `description`
    tools/pay.toml, tool "d": missing field `open_world`
    tools/pay.toml, tool "e": `title` must be one line of text
    tools/pay.toml, tool "e": the operation "order" is not in shop.yaml (which has: orders_list, orders_create, orders_info); correct the row's `operations`, or the document's `operationId`
    tools/pay.toml, tool number 8: missing field `name`
    tools/pay.toml, tool "f": invalid type: string "no", expected a boolean, in `read_only`
    tools/pay.toml, tool "g": unknown variant `seldom`, expected one of `always`, `webhooks`, `sandbox`, in `available`
    "#);
}

#[test]
fn a_name_of_64_letters_is_the_longest() {
    assert!(emit(&PAY.replace("\"pay\"", &format!("{:?}", "a".repeat(64)))).contains("Route::creating("));
    assert!(emit(&PAY.replace("\"pay\"", &format!("{:?}", "a".repeat(65)))).contains("the name must match"));
}

#[test]
fn a_syntax_error_in_the_rows_is_one_line_with_its_number() {
    assert_snapshot!(emit(&PAY.replace("toolset =", "toolset")), @"tools/pay.toml, line 7: key with no value, expected `=`");
}

#[test]
fn a_misspelt_table_is_named() {
    assert_snapshot!(emit(&PAY.replace("[[tool]]", "[[tools]]")), @"tools/pay.toml, line 3: unknown field `tools`, expected one of `api`, `provider`, `tool`");
}

#[test]
fn an_unknown_api_is_named_with_the_known_ones() {
    let package =
        Package::new(&[("apis/shop.toml", SHOP), ("tools/pay.toml", &format!("api = \"shoop\"\n{PAY}"))]);
    assert_snapshot!(package.emit("pay"), @r#"tools/pay.toml: the api "shoop" is none of the known ones: shop"#);
}

#[test]
fn unreadable_files_are_named() {
    assert_snapshot!(Package::new(&[]).emit("pay"), @"cannot read tools: No such file or directory (os error 2)");
    let package =
        Package::new(&[("apis/a.toml", "document"), ("apis/b.toml", "operation = 1"), ("tools/a.toml", "")]);
    assert_snapshot!(package.emit("a"), @"
    apis/a.toml, line 1: key with no value, expected `=`
    apis/b.toml, line 1: invalid type: integer `1`, expected a sequence
    ");
}
