//! Which module of a crate uses which: read from the sources, without what is compiled for tests only.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt, fs,
    path::Path,
};

use syn::{
    Attribute, File, Item, ItemMod, ItemUse, Macro, UseTree,
    visit::{self, Visit},
};

/// The segments of a path, such as `answer`, `failure`.
pub(super) type Segments = Vec<String>;

/// One module uses what another defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) from: Segments,
    pub(super) to: Segments,
    /// How the code writes it.
    pub(super) written: Segments,
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to, written] = [&self.from, &self.to, &self.written].map(|path| path.join("::"));
        write!(f, "{from} uses {to} ({written})")
    }
}

#[derive(Default)]
struct Module {
    /// What is defined here.
    items: HashSet<String>,
    /// What is imported or handed on, by the name it has here.
    imports: HashMap<String, Segments>,
    /// Modules all of whose names are imported.
    globs: Vec<Segments>,
    /// Paths in the code.
    paths: Vec<Segments>,
}

/// All uses between modules of the crate whose first file is `root`.
pub(super) fn uses(root: &Path) -> BTreeSet<Use> {
    let mut modules = BTreeMap::new();
    read(root, root.parent().unwrap(), Vec::new(), &mut modules);
    let uses = modules.iter().flat_map(|(from, module)| {
        let written = module.imports.values().chain(&module.globs).chain(&module.paths);
        written.filter_map(|written| {
            let to = resolve(&modules, from, written, 0)?;
            Some(Use { from: from.clone(), to, written: written.clone() })
        })
    });
    uses.collect()
}

fn read(file: &Path, children: &Path, place: Segments, modules: &mut BTreeMap<Segments, Module>) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    let File { items, .. } = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    read_items(&items, children, place, modules);
}

fn read_items(items: &[Item], children: &Path, place: Segments, modules: &mut BTreeMap<Segments, Module>) {
    let mut module = Module::default();
    for item in items {
        let Item::Mod(ItemMod { ident, attrs, content, .. }) = item else {
            module.visit_item(item);
            continue;
        };
        if is_for_tests(attrs) {
            continue;
        }
        let name = ident.to_string();
        let inside = children.join(&name);
        let place = [&place[..], std::slice::from_ref(&name)].concat();
        match content {
            Some((_, items)) => read_items(items, &inside, place, modules),
            None => read(&children.join(format!("{name}.rs")), &inside, place, modules),
        }
    }
    modules.insert(place, module);
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

impl Visit<'_> for Module {
    fn visit_item(&mut self, item: &Item) {
        let (name, attributes) = match item {
            Item::Const(item) => (Some(&item.ident), &item.attrs),
            Item::Enum(item) => (Some(&item.ident), &item.attrs),
            Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
            Item::Static(item) => (Some(&item.ident), &item.attrs),
            Item::Struct(item) => (Some(&item.ident), &item.attrs),
            Item::Trait(item) => (Some(&item.ident), &item.attrs),
            Item::Type(item) => (Some(&item.ident), &item.attrs),
            Item::Impl(item) => (None, &item.attrs),
            Item::Use(item) => (None, &item.attrs),
            _ => return visit::visit_item(self, item),
        };
        if is_for_tests(attributes) {
            return;
        }
        self.items.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &ItemUse) {
        self.import(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.paths.push(segments);
        }
        visit::visit_path(self, path);
    }

    /// What a macro is given is not read as code: it is searched for paths that begin at the crate or above.
    fn visit_macro(&mut self, called: &Macro) {
        let text = called.tokens.to_string().replace(" :: ", "::");
        let words = text.split(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)));
        for word in words.filter(|word| word.starts_with("crate::") || word.starts_with("super::")) {
            self.paths.push(word.split("::").map(str::to_owned).collect());
        }
    }
}

impl Module {
    fn import(&mut self, tree: &UseTree, before: &mut Segments) {
        let (name, written) = match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before);
                before.pop();
                return;
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.import(tree, before));
            }
            UseTree::Glob(_) => return self.globs.push(before.clone()),
            UseTree::Name(name) => (&name.ident, &name.ident),
            UseTree::Rename(renamed) => (&renamed.rename, &renamed.ident),
        };
        let mut path = before.clone();
        if written != "self" {
            path.push(written.to_string());
        }
        let name = if name == "self" { path.last().unwrap().clone() } else { name.to_string() };
        // Names of `_` are no names, and an import of one's own name would lead to itself.
        if path != [name.clone()] {
            self.imports.insert(if name == "_" { path.join("::") } else { name }, path);
        }
    }
}

/// The module that defines what `path` names, seen from `from`; `None` for what belongs to other crates.
fn resolve(
    modules: &BTreeMap<Segments, Module>,
    from: &[String],
    path: &[String],
    depth: usize,
) -> Option<Segments> {
    // Two modules that hand each other's names on would go round for ever.
    if depth > 16 {
        return None;
    }
    let mut at = from.to_vec();
    let mut is_ours = false;
    for (index, name) in path.iter().enumerate() {
        match name.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()),
            name => {
                let child = [&at[..], &[name.to_owned()]].concat();
                let module = &modules[&at];
                if modules.contains_key(&child) {
                    at = child;
                } else if let Some(import) = module.imports.get(name) {
                    let rest = [&import[..], &path[index + 1..]].concat();
                    return resolve(modules, &at, &rest, depth + 1);
                } else if module.items.contains(name) {
                    return Some(at);
                } else {
                    let handed_on = module.globs.iter().find_map(|glob| {
                        let target = resolve(modules, &at, glob, depth + 1)?;
                        let known = &modules[&target];
                        let knows = known.items.contains(name) || known.imports.contains_key(name);
                        knows.then(|| resolve(modules, &target, &path[index..], depth + 1))?
                    });
                    return handed_on.or(is_ours.then_some(at));
                }
            }
        }
        is_ours = true;
    }
    is_ours.then_some(at)
}
