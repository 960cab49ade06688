//! Circles among modules that stand side by side.
//!
//! At each level of a crate the nodes are sibling modules. One points to another when anything
//! in it or below it mentions anything that is defined in or below the other, under whatever name
//! their parents pass it on. What a parent and its own children do with each other is no arrow.
//! Calls of methods and reads of fields are not followed, only names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;

use crate::mentions::{Mention, Role};
use crate::modules::Modules;

/// A module, and two of its children, of which one mentions the other.
type Arrow = (usize, usize, usize);

/// Where one module mentions another: file and line, and the path that is written there.
type Lines = BTreeSet<(String, usize, String)>;

/// Which of some siblings mention which others, and where.
type Arrows = BTreeMap<usize, BTreeMap<usize, Lines>>;

/// The shortest circle through each arrow between siblings: the modules along it, the first by
/// name in front, and the lines of code that make it one.
pub fn circles(modules: &Modules) -> BTreeMap<Vec<String>, String> {
    let mut circles = BTreeMap::new();
    for arrows in levels(modules).values() {
        for (&from, targets) in arrows {
            for &to in targets.keys() {
                if let Some(way) = shortest_way(arrows, to, from) {
                    let way = first_by_name_in_front(modules, way);
                    let names = way.iter().map(|&module| modules.name(module)).collect();
                    circles.insert(names, evidence(modules, arrows, &way));
                }
            }
        }
    }
    circles
}

/// The arrows between the children of each module.
fn levels(modules: &Modules) -> BTreeMap<usize, Arrows> {
    let mut levels: BTreeMap<usize, Arrows> = BTreeMap::new();
    for (index, module) in modules.0.iter().enumerate() {
        for ((parent, from, to), mention) in arrows_of(modules, index) {
            let arrows = levels.entry(parent).or_default().entry(from).or_default();
            let file = module.file.display().to_string();
            let line = (file, mention.line, mention.path.join("::"));
            arrows.entry(to).or_default().insert(line);
        }
    }
    levels
}

/// The arrows that a module makes: by its `use`, and by other mentions where no `use` says so.
fn arrows_of(modules: &Modules, module: usize) -> Vec<(Arrow, &Mention)> {
    let arrows = |mention| {
        let targets = modules.targets(module, mention).into_iter();
        targets.filter_map(move |to| Some((siblings(modules, module, to)?, mention)))
    };
    let mentions = &modules.0[module].mentions;
    let (plain, uses): (Vec<_>, Vec<_>) = mentions.iter().partition(|m| m.role == Role::Plain);
    let mut found: Vec<(Arrow, &Mention)> = uses.into_iter().flat_map(arrows).collect();
    let said: BTreeSet<Arrow> = found.iter().map(|&(arrow, _)| arrow).collect();
    found.extend(plain.into_iter().flat_map(arrows).filter(|(arrow, _)| !said.contains(arrow)));
    found
}

/// Where the ways to two modules part: the last module on both, and the next on each. None when
/// one of the two is inside the other.
fn siblings(modules: &Modules, from: usize, to: usize) -> Option<Arrow> {
    let (from, to) = (modules.chain(from), modules.chain(to));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    Some((from[same - 1], *from.get(same)?, *to.get(same)?))
}

/// The modules from `start` to `end` along arrows, by the fewest of them.
fn shortest_way(arrows: &Arrows, start: usize, end: usize) -> Option<Vec<usize>> {
    let mut before = BTreeMap::from([(start, start)]);
    let mut waiting = VecDeque::from([start]);
    while let Some(at) = waiting.pop_front() {
        if at == end {
            let mut way = vec![end];
            while way[way.len() - 1] != start {
                way.push(before[&way[way.len() - 1]]);
            }
            way.reverse();
            return Some(way);
        }
        for &next in arrows.get(&at).into_iter().flat_map(BTreeMap::keys) {
            before.entry(next).or_insert_with(|| {
                waiting.push_back(next);
                at
            });
        }
    }
    None
}

fn first_by_name_in_front(modules: &Modules, mut way: Vec<usize>) -> Vec<usize> {
    let first = (0..way.len()).min_by_key(|&index| modules.name(way[index])).unwrap();
    way.rotate_left(first);
    way
}

/// Which module on a circle needs the next, and the lines that say so.
fn evidence(modules: &Modules, arrows: &Arrows, way: &[usize]) -> String {
    let mut text = String::new();
    for (from, to) in way.iter().zip(way.iter().cycle().skip(1)) {
        writeln!(text, "  {} needs {}:", modules.name(*from), modules.name(*to)).unwrap();
        for (file, line, path) in &arrows[from][to] {
            writeln!(text, "    {file}:{line}: {path}").unwrap();
        }
    }
    text
}
