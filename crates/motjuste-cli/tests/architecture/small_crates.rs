//! Small crates with and without circles, to hold the search for circles to its rule.

use std::fs;

use crate::circles::circles;
use crate::modules::Modules;

/// The circles in a crate of these files, each as its modules in a row.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let modules = Modules::read(&folder.path().join("lib.rs"));
    circles(&modules).into_keys().map(|circle| circle.join(" ")).collect()
}

#[test]
fn siblings_that_import_each_other_are_a_circle() {
    let lib = ("lib.rs", "mod a; mod b; mod c;");
    let a = ("a.rs", "use crate::{c::C, std::{self}};\npub struct A(C);");
    let b = ("b.rs", "pub struct B(super::a::A);");
    let c = ("c.rs", "pub struct C; fn f() { let _ = vec![1, crate::b::B::new(2)]; }");
    assert_eq!(found(&[lib, a, b, c]), ["a c b"]);
    assert_eq!(found(&[lib, a, b, ("c.rs", "pub struct C;")]), [""; 0]);
}

#[test]
fn a_circle_through_what_the_parent_passes_on_is_found() {
    let lib = ("lib.rs", "mod a;");
    let parent = ("a/mod.rs", "mod b; mod c; pub use b::B as Passed; use c::C; use c::*;");
    let b = ("a/b.rs", "use super::C; pub struct B;");
    assert_eq!(found(&[lib, parent, b, ("a/c.rs", "fn f(_: crate::a::Passed) {}")]), ["a::b a::c"]);
    assert_eq!(found(&[lib, parent, b, ("a/c.rs", "pub struct C;")]), [""; 0]);
    let b = ("a/b.rs", "use super::*; pub struct B; fn f(_: D) {}");
    let c = ("a/c.rs", "pub struct D; fn f(_: super::b::B) {}");
    assert_eq!(found(&[lib, parent, b, c]), ["a::b a::c"]);
}

#[test]
fn a_child_and_its_parent_may_use_each_other() {
    let lib = ("lib.rs", "mod a; pub use a::child::Child; pub struct Root(a::Parent);");
    let parent = ("a.rs", "pub mod child; pub struct Parent(child::Child);");
    let child = ("a/child.rs", "pub struct Child(Option<Box<super::Parent>>, crate::Root);");
    assert_eq!(found(&[lib, parent, child]), [""; 0]);
}

#[test]
fn folders_count_with_all_that_is_in_them() {
    let lib = ("lib.rs", "mod a; mod b;");
    let a = ("a/mod.rs", "pub mod inner { pub struct In; }");
    let b = ("b/mod.rs", "mod deep; pub struct B;");
    let deep = ("b/deep.rs", "type T = crate::a::inner::In;");
    assert_eq!(found(&[lib, a, b, deep]), [""; 0]);
    let a = ("a/mod.rs", "#[serde(with = \"crate::b::x\")] pub struct A; pub mod inner {}");
    assert_eq!(found(&[lib, a, b, deep]), ["a b"]);
}

#[test]
fn tests_and_other_crates_do_not_count() {
    let lib = ("lib.rs", "mod a; mod b;");
    let a = ("a.rs", "use crate::b::B; pub struct A;");
    let tests = "#[cfg(test)] mod tests { use crate::a::A; } #[cfg(test)] fn f(_: crate::a::A) {}";
    let others = "use ::a::A; use serde::a; use c::d; use d::c; pub struct B(d::X, c::a::A);";
    assert_eq!(found(&[lib, a, ("b.rs", &format!("{tests} {others}"))]), [""; 0]);
}
