//! Every path that code mentions: in `use`, types, expressions, patterns, macros and attributes.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemMod, ItemUse, Macro, Meta, Path, UseTree, Visibility};

use crate::items::{attributes, for_tests};

/// One path in the code.
#[derive(Debug, Clone)]
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
    pub role: Role,
}

/// What a path does where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// It is used.
    Plain,
    /// It gets a name: `use path` or `use path as name`.
    Import(String),
    /// All in it get their names: `use path::*`.
    Glob,
}

/// The paths in the items of one module, without the modules inside it.
pub fn mentions(items: &[&Item]) -> Vec<Mention> {
    let mut found = Found(Vec::new());
    items.iter().for_each(|item| found.visit_item(item));
    found.0
}

struct Found(Vec<Mention>);

impl Visit<'_> for Found {
    fn visit_item(&mut self, item: &Item) {
        if !for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &ImplItemFn) {
        if !for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_mod(&mut self, _: &ItemMod) {}

    fn visit_visibility(&mut self, _: &Visibility) {}

    fn visit_item_use(&mut self, item: &ItemUse) {
        if item.leading_colon.is_none() {
            self.add_use(Vec::new(), &item.tree);
        }
    }

    fn visit_path(&mut self, path: &Path) {
        if path.leading_colon.is_none() {
            let line = path.segments[0].ident.span().start().line;
            self.add(names(path), line, Role::Plain);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &Macro) {
        self.add_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.add_tokens(list.tokens.clone());
        }
    }
}

impl Found {
    fn add(&mut self, path: Vec<String>, line: usize, role: Role) {
        self.0.push(Mention { path, line, role });
    }

    fn add_use(&mut self, mut path: Vec<String>, tree: &UseTree) {
        let (name, bound) = match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                return self.add_use(path, &inner.tree);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.add_use(path.clone(), tree));
            }
            UseTree::Glob(glob) => {
                return self.add(path, glob.star_token.spans[0].start().line, Role::Glob);
            }
            UseTree::Rename(renamed) => (&renamed.ident, &renamed.rename),
            UseTree::Name(name) => (&name.ident, &name.ident),
        };
        if name != "self" {
            path.push(name.to_string());
        }
        let bound = if bound == "self" { path.last().cloned() } else { Some(bound.to_string()) };
        self.add(path, name.span().start().line, Role::Import(bound.unwrap_or_default()));
    }

    /// The paths in tokens that a macro or an attribute takes, in quotes or not.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let line = tokens[at].span().start().line;
            match &tokens[at] {
                TokenTree::Group(group) => self.add_tokens(group.stream()),
                TokenTree::Literal(literal) => self.add_quoted(&literal.to_string(), line),
                TokenTree::Ident(_) => {
                    let path = path_at(&tokens[at..]);
                    let punctuation = at.checked_sub(1).and_then(|before| punct(&tokens[before]));
                    at += 3 * (path.len() - 1);
                    // A field, a lifetime and what follows `::` or `>::` are no paths of their own.
                    if !matches!(punctuation, Some('.' | '\'' | ':')) {
                        self.add(path, line, Role::Plain);
                    }
                }
                TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    /// A path that is given as text: `#[serde(with = "super::name")]`.
    fn add_quoted(&mut self, text: &str, line: usize) {
        let text = text.trim_matches('"');
        if let (true, Ok(path)) = (text.contains("::"), syn::parse_str::<Path>(text)) {
            self.add(names(&path), line, Role::Plain);
        }
    }
}

fn names(path: &Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

fn punct(token: &TokenTree) -> Option<char> {
    if let TokenTree::Punct(punct) = token { Some(punct.as_char()) } else { None }
}

/// The names of a path that begins with the first token: `name :: name :: name`.
fn path_at(tokens: &[TokenTree]) -> Vec<String> {
    let mut path = vec![tokens[0].to_string()];
    for next in tokens[1..].chunks_exact(3) {
        let TokenTree::Ident(name) = &next[2] else { break };
        if (punct(&next[0]), punct(&next[1])) != (Some(':'), Some(':')) {
            break;
        }
        path.push(name.to_string());
    }
    path
}
