//! From a path in the code to the modules that it leads to.

use std::collections::BTreeSet;

use crate::mentions::{Mention, Role};
use crate::modules::Modules;

impl Modules {
    /// The modules of this crate that a mention in `from` leads to: the one that defines what is
    /// mentioned, and those that pass it on by `use`. Empty for the names of other crates.
    pub fn targets(&self, from: usize, mention: &Mention) -> BTreeSet<usize> {
        let mut search = Search { modules: self, found: BTreeSet::new(), seen: BTreeSet::new() };
        let imports = mention.role != Role::Plain;
        search.follow(from, &mention.path, if imports { Place::Use } else { Place::Code });
        search.found
    }
}

/// Longer paths arise where imports from other crates look like each other's names.
const LONGEST: usize = 16;

/// Where a path stands, which decides what its first name may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// In code: the first name is looked up in the module, as an item, an import or through a glob.
    Code,
    /// In a `use`: likewise, but not through a glob, which would have to be resolved by itself.
    Use,
    /// Behind another name: it is in that module and nowhere else.
    Behind,
}

struct Search<'a> {
    modules: &'a Modules,
    found: BTreeSet<usize>,
    seen: BTreeSet<(usize, Vec<String>, Place)>,
}

impl Search<'_> {
    fn follow(&mut self, module: usize, path: &[String], place: Place) {
        if path.len() > LONGEST || !self.seen.insert((module, path.to_vec(), place)) {
            return;
        }
        let Some((first, rest)) = path.split_first() else {
            self.found.insert(module);
            return;
        };
        let here = &self.modules.0[module];
        match first.as_str() {
            "crate" => return self.follow(0, rest, Place::Behind),
            "self" => return self.follow(module, rest, Place::Behind),
            "super" => return self.follow(here.parent.unwrap_or(0), rest, Place::Behind),
            _ => {}
        }
        let mut known = false;
        if let Some(&child) = here.children.get(first) {
            if !rest.is_empty() {
                return self.follow(child, rest, Place::Behind);
            }
            // A single name in code is a value or a type, never a module.
            if place != Place::Code {
                known = true;
                self.found.insert(child);
            }
        }
        if here.items.contains(first) {
            known = true;
            self.found.insert(module);
        }
        known |= self.follow_imports(module, path);
        if !known && place != Place::Use {
            self.follow_globs(module, path);
        }
        if !known && place == Place::Behind {
            self.found.insert(module);
        }
    }

    /// Goes on where the first name of the path was imported from.
    fn follow_imports(&mut self, module: usize, path: &[String]) -> bool {
        let name = Role::Import(path[0].clone());
        let modules = self.modules;
        let imports = modules.0[module].mentions.iter().filter(|mention| mention.role == name);
        let mut known = false;
        for import in imports {
            known = true;
            self.found.insert(module);
            self.follow(module, &[&import.path[..], &path[1..]].concat(), Place::Use);
        }
        known
    }

    fn follow_globs(&mut self, module: usize, path: &[String]) {
        let modules = self.modules;
        let globs = modules.0[module].mentions.iter().filter(|mention| mention.role == Role::Glob);
        for glob in globs {
            self.follow(module, &[&glob.path[..], path].concat(), Place::Use);
        }
    }
}
