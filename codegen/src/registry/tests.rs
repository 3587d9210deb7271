use std::{fs, path::PathBuf};

use insta::assert_snapshot;
use tempfile::TempDir;

const SHOP: &str = r##"
openapi: 3.0.3
info: { title: Shop, version: "1" }
paths:
  /orders/:
    get: { operationId: orders_list, responses: {} }
    post: { operationId: orders_create, responses: {} }
  /orders/{id}:
    get: { operationId: orders_info, responses: {} }
"##;

const PAY: &str = r#"
[[tool]]
name = "pay"
title = "Pay"
api = "shop"
operations = ["orders_create", "orders_info"]
toolset = "payments"
available = "always"
read_only = false
destructive = false
idempotent = false
open_world = true
summary = "Takes a payment."
description = """
Takes a \"payment\".

Then waits."""
"#;

struct Files(TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        PathBuf::from(self.0.path()).join(name).display().to_string()
    }

    /// What [`super::emit`] says, without the folder's random name.
    fn emit(&self, apis: &[(&str, &str, &str)]) -> String {
        let paths: Vec<_> =
            apis.iter().map(|(name, spec, rows)| (*name, self.path(spec), self.path(rows))).collect();
        let apis: Vec<_> =
            paths.iter().map(|(name, spec, rows)| (*name, spec.as_str(), rows.as_str())).collect();
        let said = super::emit(&apis).unwrap_or_else(|error| error.to_string());
        said.replace(&self.path(""), "")
    }
}

fn emit(rows: &str) -> String {
    Files::new(&[("shop.yaml", SHOP), ("tools.toml", rows)]).emit(&[("shop", "shop.yaml", "tools.toml")])
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
fn a_word_of_two_parts_becomes_one_variant() {
    assert!(emit(&PAY.replace("always", "on-request_only")).contains("available: Available::OnRequestOnly,"));
}

#[test]
fn apis_may_share_their_rows() {
    let bank = SHOP.replace("orders_", "transfers_");
    let transfer =
        PAY.replace("\"pay\"", "\"transfer\"").replace("shop", "bank").replace("orders_", "transfers_");
    let files =
        Files::new(&[("shop.yaml", SHOP), ("bank.yaml", &bank), ("tools.toml", &format!("{PAY}{transfer}"))]);
    let emitted = files.emit(&[("shop", "shop.yaml", "tools.toml"), ("bank", "bank.yaml", "tools.toml")]);
    assert_eq!(emitted.matches("Route::new(").count(), 2, "{emitted}");
    assert!(emitted.contains("crate::bitnovo::tools::transfer::call"), "{emitted}");
}

#[test]
fn two_files_cannot_both_have_a_name() {
    let files = Files::new(&[("shop.yaml", SHOP), ("a.toml", PAY), ("b.toml", PAY)]);
    assert_snapshot!(files.emit(&[("shop", "shop.yaml", "a.toml"), ("shop", "shop.yaml", "b.toml")]), @r#"b.toml, tool "pay": an earlier row has this name; names are unique over all APIs"#);
}

#[test]
fn an_operation_that_left_the_document_is_named_with_its_row() {
    assert_snapshot!(emit(&PAY.replace("orders_info", "orders_status")), @r#"tools.toml, tool "pay": the operation "orders_status" is not in shop.yaml (which has: orders_list, orders_create, orders_info); correct the row's `operations`, or the document's `operationId`"#);
}

#[test]
fn everything_wrong_with_all_rows_is_reported_one_line_each() {
    let rows = [
        PAY.to_owned(),
        PAY.to_owned(),
        PAY.replace("\"pay\"", "\"Pay now\"").replace("\"always\"", "\"When asked\""),
        PAY.replace("\"pay\"", "\"b\"").replace("\"shop\"", "\"shoop\""),
        PAY.replace("\"pay\"", "\"c\"").replace("idempotent", "idempotente"),
        PAY.replace("\"pay\"", "\"d\"").replace("open_world = true\n", ""),
        PAY.replace("\"pay\"", "\"e\"").replace("\"Pay\"", "\" \"").replace("orders_create", "order"),
        PAY.replace("name = \"pay\"\n", ""),
        PAY.replace("\"pay\"", "\"f\"").replace("read_only = false", "read_only = \"no\""),
    ];
    assert_snapshot!(emit(&rows.concat()), @r#"
    tools.toml, tool "pay": an earlier row has this name; names are unique over all APIs
    tools.toml, tool "Pay now": the name must match ^[a-z][a-z0-9_]{0,63}$
    tools.toml, tool "Pay now": `available` is "When asked", but must be a word of small letters, digits, `-` and `_`, such as `always`
    tools.toml, tool "b": the api "shoop" is none of the known ones: shop
    tools.toml, tool "c": unknown field `idempotente`, expected one of `name`, `title`, `api`, `operations`, `toolset`, `available`, `read_only`, `destructive`, `idempotent`, `open_world`, `summary`, `description`
    tools.toml, tool "d": missing field `open_world`
    tools.toml, tool "e": `title` must be one line of text
    tools.toml, tool "e": the operation "order" is not in shop.yaml (which has: orders_list, orders_create, orders_info); correct the row's `operations`, or the document's `operationId`
    tools.toml, tool number 8: missing field `name`
    tools.toml, tool "f": invalid type: string "no", expected a boolean, in `read_only`
    "#);
}

#[test]
fn a_name_of_64_letters_is_the_longest() {
    assert!(emit(&PAY.replace("\"pay\"", &format!("{:?}", "a".repeat(64)))).contains("Route::new("));
    assert!(emit(&PAY.replace("\"pay\"", &format!("{:?}", "a".repeat(65)))).contains("the name must match"));
}

#[test]
fn a_syntax_error_in_the_rows_is_one_line_with_its_number() {
    assert_snapshot!(emit(&PAY.replace("toolset =", "toolset")), @"tools.toml, line 7: key with no value, expected `=`");
}

#[test]
fn a_misspelt_table_is_named() {
    assert_snapshot!(emit(&PAY.replace("[[tool]]", "[[tools]]")), @"tools.toml, line 2: unknown field `tools`, expected `tool`");
}

#[test]
fn unreadable_files_are_named() {
    let files = Files::new(&[("shop.yaml", SHOP), ("list.yaml", "a: [1,\nb: 2\n")]);
    assert_snapshot!(files.emit(&[("shop", "shop.yaml", "none.toml")]), @"cannot read none.toml: No such file or directory (os error 2)");
    assert_snapshot!(files.emit(&[("a", "none.yaml", "none.toml"), ("b", "list.yaml", "none.toml")]), @"
    cannot read none.yaml: No such file or directory (os error 2)
    list.yaml is not YAML: did not find expected ',' or ']' at line 3 column 1, while parsing a flow sequence at line 1 column 4
    ");
}
