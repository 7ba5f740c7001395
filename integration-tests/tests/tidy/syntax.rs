//! A crate as its modules: which file each is in, and which paths its code uses.
//!
//! Only what is compiled into the crate counts: modules and items under `#[cfg(test)]` do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

/// A path from the root of a crate: `["log", "segment", "Segment"]`.
pub(crate) type ModulePath = Vec<String>;

/// The modules of one crate.
pub(crate) struct Crate {
    modules: BTreeMap<ModulePath, Module>,
}

/// One module: a file, or an inline module inside one.
struct Module {
    file: PathBuf,
    /// Names of the items that stand in it.
    defines: BTreeSet<String>,
    /// Names that `use` brings in, with what they stand for; `None` for those of other crates.
    imports: BTreeMap<String, Option<ModulePath>>,
    /// Modules of which everything is brought in.
    globs: Vec<ModulePath>,
    /// What its code uses, re-exports left out.
    uses: BTreeSet<ModulePath>,
}

impl Crate {
    /// Reads the crate whose `lib.rs` lies in `source`.
    pub(crate) fn read(source: &Path) -> Self {
        let mut found = Self {
            modules: BTreeMap::new(),
        };
        found.add(Vec::new(), &source.join("lib.rs"), source);
        found
    }

    fn add(&mut self, path: ModulePath, file: &Path, children: &Path) {
        let parsed = parse(file);
        let inline = self.add_items(&path, file, &parsed.items);
        for (path, module) in inline {
            let name = path.last().unwrap();
            let below = children.join(name);
            let as_folder = below.join("mod.rs");
            let file = match attribute_path(&module.attrs) {
                Some(name) => children.join(name),
                None if as_folder.exists() => as_folder,
                None => children.join(format!("{name}.rs")),
            };
            self.add(path, &file, &below);
        }
    }

    /// Notes a module with its items, and returns the modules in files of their own below it.
    fn add_items(
        &mut self,
        path: &ModulePath,
        file: &Path,
        items: &[Item],
    ) -> Vec<(ModulePath, ItemMod)> {
        let compiled = || items.iter().filter(|item| !is_test(attributes(item)));
        let mut reader = Reader {
            here: path.clone(),
            children: compiled()
                .filter_map(|item| match item {
                    Item::Mod(module) => Some(module.ident.to_string()),
                    _ => None,
                })
                .collect(),
            module: Module {
                file: file.to_owned(),
                defines: BTreeSet::new(),
                imports: BTreeMap::new(),
                globs: Vec::new(),
                uses: BTreeSet::new(),
            },
        };
        let mut in_files = Vec::new();
        for item in compiled() {
            reader.module.defines.extend(name(item));
            let Item::Mod(module) = item else {
                reader.visit_item(item);
                continue;
            };
            let mut below = path.clone();
            below.push(module.ident.to_string());
            match &module.content {
                Some((_, items)) => in_files.extend(self.add_items(&below, file, items)),
                None => in_files.push((below, module.clone())),
            }
        }
        self.modules.insert(path.clone(), reader.module);
        in_files
    }

    /// The files of the crate.
    pub(crate) fn files(&self) -> BTreeSet<&Path> {
        let files = self.modules.values().map(|module| module.file.as_path());
        files.collect()
    }

    /// Which other files of the crate each file uses, re-exports followed to where the item stands.
    pub(crate) fn edges(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let mut edges: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
        for module in self.modules.values() {
            let from = module.file.as_path();
            let used = module.uses.iter().filter_map(|path| self.file_of(path, 0));
            let used = used.filter(|file| *file != from);
            edges.entry(from).or_default().extend(used);
        }
        edges
    }

    /// The file in which the item of this path stands; `None` if it is another crate's.
    fn file_of(&self, path: &[String], followed: usize) -> Option<&Path> {
        let depth = (0..=path.len())
            .rev()
            .find(|depth| self.modules.contains_key(&path[..*depth]))?;
        let module = &self.modules[&path[..depth]];
        let Some(name) = path.get(depth) else {
            return Some(&module.file);
        };
        if module.defines.contains(name) || followed > 16 {
            return Some(&module.file);
        }
        if let Some(import) = module.imports.get(name) {
            let target = [import.as_ref()?, &path[depth + 1..]].concat();
            return self.file_of(&target, followed + 1);
        }
        let globbed = module.globs.iter().find(|glob| {
            let module = self.modules.get(*glob);
            module.is_some_and(|module| module.defines.contains(name))
        });
        match globbed {
            Some(glob) => self.file_of(&[glob.as_slice(), &path[depth..]].concat(), followed + 1),
            None => Some(&module.file),
        }
    }
}

/// Collects what one module uses.
struct Reader {
    here: ModulePath,
    children: BTreeSet<String>,
    module: Module,
}

impl Reader {
    /// The path from the root of the crate; `None` if it leads elsewhere.
    fn absolute(&self, path: &[String]) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([&self.here, rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let base = self.here.len().checked_sub(ups)?;
                Some([&self.here[..base], &path[ups..]].concat())
            }
            child if self.children.contains(child) => Some([self.here.as_slice(), path].concat()),
            _ => None,
        }
    }

    fn import(&mut self, path: &[String], name: Option<String>, is_reexport: bool) {
        let target = self.absolute(path);
        if let (Some(target), false) = (&target, is_reexport) {
            self.module.uses.insert(target.clone());
        }
        match (name, target) {
            (Some(name), target) => {
                self.module.imports.insert(name, target);
            }
            (None, Some(target)) => self.module.globs.push(target),
            (None, None) => {}
        }
    }

    fn tree(&mut self, tree: &UseTree, above: &mut ModulePath, is_reexport: bool) {
        match tree {
            UseTree::Path(path) => {
                above.push(path.ident.to_string());
                self.tree(&path.tree, above, is_reexport);
                above.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, above, is_reexport);
                }
            }
            UseTree::Glob(_) => self.import(&above.clone(), None, is_reexport),
            UseTree::Name(name) if name.ident == "self" => {
                let own = above.last().cloned();
                self.import(&above.clone(), own, is_reexport);
            }
            UseTree::Name(name) => {
                let path = [above.as_slice(), &[name.ident.to_string()]].concat();
                self.import(&path, Some(name.ident.to_string()), is_reexport);
            }
            UseTree::Rename(rename) => {
                let path = [above.as_slice(), &[rename.ident.to_string()]].concat();
                self.import(&path, Some(rename.rename.to_string()), is_reexport);
            }
        }
    }
}

impl Visit<'_> for Reader {
    fn visit_item_use(&mut self, item: &ItemUse) {
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        self.tree(&item.tree, &mut Vec::new(), is_reexport);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let segments: ModulePath = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        if segments.len() > 1 {
            self.module.uses.extend(self.absolute(&segments));
        }
        visit::visit_path(self, path);
    }

    // `pub(in crate::listener)` and derives use nothing.
    fn visit_visibility(&mut self, _: &Visibility) {}

    fn visit_attribute(&mut self, _: &Attribute) {}
}

/// Parses a Rust file.
pub(crate) fn parse(file: &Path) -> syn::File {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"))
}

/// Whether an item with these attributes is compiled for tests or fuzzing only.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Ok(list) = attribute.meta.require_list() else {
            return false;
        };
        let condition = list.tokens.to_string();
        list.path.is_ident("cfg") && ["test", "fuzzing"].contains(&condition.as_str())
    })
}

fn attribute_path(attributes: &[Attribute]) -> Option<String> {
    let named = attributes
        .iter()
        .find(|attribute| attribute.path().is_ident("path"))?;
    let syn::Expr::Lit(value) = &named.meta.require_name_value().ok()?.value else {
        return None;
    };
    match &value.lit {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// The attributes of an item.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}
