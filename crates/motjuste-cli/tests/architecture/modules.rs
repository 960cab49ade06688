//! The modules of a crate and what each of them names, read from its sources with `syn`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Item, ItemMod};

use crate::items::{attributes, defined, for_tests};
use crate::mentions::{Mention, mentions};

/// A module: a file, or a block `mod name { … }`.
#[derive(Debug, Default)]
pub struct Module {
    /// The names that lead here from the root of the crate.
    pub path: Vec<String>,
    pub parent: Option<usize>,
    pub file: PathBuf,
    pub children: BTreeMap<String, usize>,
    /// What is defined here.
    pub items: BTreeSet<String>,
    /// Every path in the code here, those of `use` among them.
    pub mentions: Vec<Mention>,
}

/// The modules of one crate; the first is its root.
#[derive(Debug, Default)]
pub struct Modules(pub Vec<Module>);

impl Modules {
    /// Reads a crate from its root file, without what is compiled for its tests alone.
    pub fn read(root: &Path) -> Self {
        let mut modules = Self::default();
        let folder = root.parent().unwrap().to_owned();
        modules.add_file(root, folder, None, Vec::new());
        modules
    }

    pub fn name(&self, module: usize) -> String {
        let path = &self.0[module].path;
        if path.is_empty() { "crate".to_owned() } else { path.join("::") }
    }

    /// The module and all around it, from the root inwards.
    pub fn chain(&self, module: usize) -> Vec<usize> {
        let mut chain = vec![module];
        while let Some(parent) = self.0[*chain.last().unwrap()].parent {
            chain.push(parent);
        }
        chain.reverse();
        chain
    }

    fn add_file(
        &mut self,
        file: &Path,
        folder: PathBuf,
        parent: Option<usize>,
        path: Vec<String>,
    ) -> usize {
        let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.add(file, &folder, parent, path, &parsed.items)
    }

    fn add(
        &mut self,
        file: &Path,
        folder: &Path,
        parent: Option<usize>,
        path: Vec<String>,
        items: &[Item],
    ) -> usize {
        let here = self.0.len();
        let items: Vec<&Item> = items.iter().filter(|item| !for_tests(attributes(item))).collect();
        self.0.push(Module {
            parent,
            file: file.to_owned(),
            items: items.iter().filter_map(|item| defined(item)).collect(),
            mentions: mentions(&items),
            path,
            ..Module::default()
        });
        for item in items {
            if let Item::Mod(module) = item {
                let child = self.add_child(here, folder, module);
                self.0[here].children.insert(module.ident.to_string(), child);
            }
        }
        here
    }

    fn add_child(&mut self, parent: usize, folder: &Path, module: &ItemMod) -> usize {
        let name = module.ident.to_string();
        let below = folder.join(&name);
        let path = [&self.0[parent].path[..], std::slice::from_ref(&name)].concat();
        if let Some((_, items)) = &module.content {
            let file = self.0[parent].file.clone();
            return self.add(&file, &below, Some(parent), path, items);
        }
        let file = folder.join(format!("{name}.rs"));
        let file = if file.exists() { file } else { below.join("mod.rs") };
        self.add_file(&file, below, Some(parent), path)
    }
}
