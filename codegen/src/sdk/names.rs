//! Two parts of a document that become one Rust name. The generator writes both, and the client does not compile.

use std::collections::BTreeMap;

use heck::ToPascalCase as _;
use syn::{Attribute, Fields, ImplItem, Item, LitStr, Type};

use crate::spec::{Finding, Refusal, Spec};

/// A name as the document has it and as Rust has it.
struct Named {
    document: String,
    rust: String,
}

/// The findings about names that the client would have twice.
pub(super) fn clashes(spec: &Spec, file: &syn::File) -> Vec<Finding> {
    let mut findings = Vec::new();
    module(spec, "", &file.items, &mut findings);
    findings
}

fn module(spec: &Spec, path: &str, items: &[Item], findings: &mut Vec<Finding>) {
    let mut types = Vec::new();
    let mut methods: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    for item in items {
        match item {
            Item::Struct(item) => {
                types.push(item.ident.to_string());
                twice(&place(spec, path, &item.ident.to_string()), &fields(&item.fields), findings);
            }
            Item::Enum(item) => {
                types.push(item.ident.to_string());
                let place = place(spec, path, &item.ident.to_string());
                let variants: Vec<Named> =
                    item.variants.iter().map(|variant| named(&variant.ident, &variant.attrs)).collect();
                twice(&place, &variants, findings);
                item.variants.iter().for_each(|variant| twice(&place, &fields(&variant.fields), findings));
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let Type::Path(owner) = &*item.self_ty else { continue };
                let owner = owner.path.segments.last().map(|segment| segment.ident.to_string());
                let functions = item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(function) => Some(named(&function.sig.ident, &[])),
                    _ => None,
                });
                methods.entry(owner.unwrap_or_default()).or_default().extend(functions);
            }
            Item::Mod(item) => {
                let path = format!("{path}{}::", item.ident);
                let items = item.content.as_ref().map(|(_, items)| items.as_slice());
                module(spec, &path, items.unwrap_or_default(), findings);
            }
            _ => {}
        }
    }
    methods.iter().for_each(|(owner, methods)| twice(&format!("{path}{owner}"), methods, findings));
    for rust in repeated(&types) {
        let names: Vec<String> = components(spec, &rust).map(str::to_owned).collect();
        let names = if names.len() > 1 { names } else { vec![rust.clone(), rust.clone()] };
        let place = place(spec, path, &rust);
        findings.push(Finding { place, refusal: Refusal::RustNames { names, rust } });
    }
}

fn fields(fields: &Fields) -> Vec<Named> {
    fields.iter().filter_map(|field| Some(named(field.ident.as_ref()?, &field.attrs))).collect()
}

/// The name that serde uses is the document's.
fn named(rust: &syn::Ident, attributes: &[Attribute]) -> Named {
    let mut document = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // Other keys, such as a default, and unknown forms do not matter.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                document = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    let rust = rust.to_string();
    Named { document: document.unwrap_or_else(|| rust.clone()), rust }
}

fn twice(place: &str, names: &[Named], findings: &mut Vec<Finding>) {
    let rust: Vec<String> = names.iter().map(|name| name.rust.clone()).collect();
    for rust in repeated(&rust) {
        let same = names.iter().filter(|name| name.rust == rust);
        let names = same.map(|name| name.document.clone()).collect();
        findings.push(Finding { place: place.to_owned(), refusal: Refusal::RustNames { names, rust } });
    }
}

fn repeated(names: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<&String, u32> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name.clone()).collect()
}

fn components<'s>(spec: &'s Spec, rust: &str) -> impl Iterator<Item = &'s str> {
    spec.components().filter(move |name| name.to_pascal_case() == rust)
}

/// The component that became the type, or else the type.
fn place(spec: &Spec, path: &str, rust: &str) -> String {
    match components(spec, rust).find(|name| *name == rust).or_else(|| components(spec, rust).next()) {
        Some(name) => format!("#/components/schemas/{name}"),
        None => format!("{path}{rust} in the client"),
    }
}
