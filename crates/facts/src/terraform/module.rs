//! Modules: the files of a folder as one, called by others with arguments, and what their names stand for.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use seaworthy_document::{Document, Node};
use seaworthy_source::order;

use crate::terraform::expression::{DEPTH, Expression};
use crate::terraform::folders::{self, Folder, Named};
use crate::terraform::value::{HOLE, Known, MANY, Sort, Thing, Value};

/// So many calls of modules are followed, in one another and in all.
const CALLS_DEEP: usize = 12;
const CALLS: usize = 1000;

/// So many steps are taken for all expressions of a set; a step is a level of an expression or some bytes of its text.
const STEPS: u64 = 20_000_000;

/// So many of one block are made, one by one.
const COPIES: usize = 64;

/// So many things a configuration makes; of one with more nothing is known.
pub(super) const THINGS: usize = 100_000;

/// Outputs of the registry's modules that are what they were given (`terraform-aws-modules/vpc/aws`).
const GIVEN_BACK: [(&str, &str); 6] = [
    ("azs", "azs"),
    ("database_subnets_cidr_blocks", "database_subnets"),
    ("intra_subnets_cidr_blocks", "intra_subnets"),
    ("private_subnets_cidr_blocks", "private_subnets"),
    ("public_subnets_cidr_blocks", "public_subnets"),
    ("vpc_cidr_block", "cidr"),
];

/// All modules of a set, each as often as it is called.
pub(super) struct Modules<'a> {
    folders: Vec<Folder<'a>>,
    by_path: BTreeMap<Vec<&'a str>, usize>,
    instances: Vec<Instance<'a>>,
    steps: Cell<u64>,
}

/// A module as it is called once, or a configuration that nobody calls.
pub(super) struct Instance<'a> {
    pub(super) folder: usize,
    /// The configuration that it is a part of.
    pub(super) root: usize,
    /// Who calls it, and in which block.
    call: Option<(usize, Node<'a>)>,
    children: BTreeMap<&'a str, usize>,
    known: RefCell<BTreeMap<(Namespace, &'a str), Option<Known<'a>>>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Namespace {
    Variable,
    Local,
    Output,
}

/// What names stand for where an expression lies.
#[derive(Clone, Default)]
pub(super) struct Scope<'a> {
    pub(super) instance: usize,
    pub(super) count: Option<f64>,
    each: Option<(Known<'a>, Known<'a>)>,
    /// True if it is not known how often the block is made, if at all.
    pub(super) is_open: bool,
    /// The iterators of dynamic blocks.
    iterators: Vec<(&'a str, Known<'a>, Known<'a>)>,
    /// The names that loops give to items.
    items: Vec<(&'a str, Known<'a>)>,
}

/// A block that is made, with the scope of its expressions.
#[derive(Clone)]
pub(super) struct Made<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) body: Node<'a>,
    pub(super) scope: Scope<'a>,
}

impl<'a> Scope<'a> {
    fn opened(&self) -> Self {
        Self { is_open: true, ..self.clone() }
    }

    /// The same within a loop, where a name stands for an item.
    pub(super) fn with_item(&self, name: &'a str, item: Known<'a>) -> Self {
        let mut scope = self.clone();
        scope.items.push((name, item));
        scope
    }

    /// What a name stands for that a loop or a dynamic block brings.
    pub(super) fn bound(&self, name: &str) -> Option<Known<'a>> {
        if let Some((_, item)) = self.items.iter().rev().find(|it| it.0 == name) {
            return Some(item.clone());
        }
        let (_, key, value) = self.iterators.iter().rev().find(|it| it.0 == name)?;
        let entries = vec![(Cow::Borrowed("key"), key.clone()), (Cow::Borrowed("value"), value.clone())];
        Some(Known::of(Value::Map(Rc::new(entries))))
    }

    pub(super) fn each(&self, part: &str) -> Known<'a> {
        match (&self.each, part) {
            (Some((key, _)), "key") => key.clone(),
            (Some((_, value)), "value") => value.clone(),
            _ => Known::unknown(),
        }
    }
}

impl<'a> Modules<'a> {
    pub(super) fn of(documents: &[(&'a str, &'a Document)]) -> Self {
        let (folders, by_path) = folders::of(documents);
        let mut modules = Self { folders, by_path, instances: Vec::new(), steps: Cell::new(STEPS) };
        let called = modules.called();
        for folder in (0..modules.folders.len()).filter(|it| called.binary_search(it).is_err()) {
            let root = modules.instances.len();
            modules.add(folder, root, None, 0);
        }
        modules
    }

    /// The folders that others call. An example of a module calls what it lies in, and is nothing that anybody sets up.
    fn called(&mut self) -> Vec<usize> {
        let mut called = Vec::new();
        let mut examples = Vec::new();
        for (at, folder) in self.folders.iter().enumerate() {
            let targets: Vec<usize> = folder.calls.iter().filter_map(|call| self.target(folder, call.1)).collect();
            let path = &folder.path;
            let is_within = |it: &usize| self.folders.get(*it).is_some_and(|it| folders::is_within(path, &it.path));
            if folders::is_example(path) && targets.iter().any(is_within) {
                examples.push(at);
            }
            called.extend(targets.into_iter().filter(|it| *it != at));
        }
        called.extend(examples);
        order::sort(&mut called);
        called
    }

    /// The folder that a call names, if it was given.
    fn target(&self, folder: &Folder<'a>, call: Node<'a>) -> Option<usize> {
        let source = folders::attribute(call, "source")?.as_str()?;
        let path = folders::beside(&folder.path, source)?;
        self.by_path.get(&path).copied()
    }

    fn add(&mut self, folder: usize, root: usize, call: Option<(usize, Node<'a>)>, depth: usize) -> usize {
        let at = self.instances.len();
        let children = BTreeMap::new();
        self.instances.push(Instance { folder, root, call, children, known: RefCell::default() });
        let calls = self.folders.get(folder).map(|it| it.calls.clone()).unwrap_or_default();
        for (name, body) in calls {
            let target = self.folders.get(folder).and_then(|it| self.target(it, body));
            if let Some(target) = target.filter(|_| depth < CALLS_DEEP && self.instances.len() < CALLS) {
                let child = self.add(target, root, Some((at, body)), depth + 1);
                if let Some(instance) = self.instances.get_mut(at) {
                    instance.children.insert(name, child);
                }
            }
        }
        at
    }

    /// The configurations that nobody calls, and what is made in them and in the modules they call.
    pub(super) fn roots(&self) -> impl Iterator<Item = usize> {
        self.instances.iter().enumerate().filter(|(at, it)| it.root == *at).map(|(at, _)| at)
    }

    pub(super) fn folder(&self, instance: usize) -> Option<&Folder<'a>> {
        self.folders.get(self.instances.get(instance)?.folder)
    }

    /// The resources of a configuration, each as often as it is made, as far as that is known.
    pub(super) fn resources(&self, root: usize) -> Vec<Made<'a>> {
        let mut all = Vec::new();
        for (at, instance) in self.of_root(root) {
            for &(kind, name, body) in self.folders.get(instance.folder).iter().flat_map(|it| &it.resources) {
                let scope = Scope { instance: at, ..Scope::default() };
                all.extend(self.copies(body, &scope).into_iter().map(|scope| Made { kind, name, body, scope }));
                if all.len() > THINGS {
                    return all;
                }
            }
        }
        all
    }

    /// The modules that a configuration calls and that were not given.
    pub(super) fn foreign_calls(&self, root: usize) -> Vec<Made<'a>> {
        let mut all = Vec::new();
        for (at, instance) in self.of_root(root) {
            let Some(folder) = self.folders.get(instance.folder) else { continue };
            for &(name, body) in folder.calls.iter().filter(|it| !instance.children.contains_key(it.0)) {
                let source = folders::attribute(body, "source").and_then(|it| it.as_str());
                let kind = source.unwrap_or("");
                let scope = Scope { instance: at, ..Scope::default() };
                all.extend(self.copies(body, &scope).into_iter().map(|scope| Made { kind, name, body, scope }));
                if all.len() > THINGS {
                    return all;
                }
            }
        }
        all
    }

    fn of_root(&self, root: usize) -> impl Iterator<Item = (usize, &Instance<'a>)> {
        self.instances.iter().enumerate().filter(move |(at, it)| it.root == root && !self.is_left_out(*at))
    }

    /// True if a module, or one that calls it, is called no times.
    fn is_left_out(&self, instance: usize) -> bool {
        let mut at = instance;
        while let Some((caller, call)) = self.instances.get(at).and_then(|it| it.call) {
            if self.copies(call, &Scope { instance: caller, ..Scope::default() }).is_empty() {
                return true;
            }
            at = caller;
        }
        false
    }

    /// The scopes of a block, one for each time it is made: `count` and `for_each`. One where that is not known.
    fn copies(&self, body: Node<'a>, scope: &Scope<'a>) -> Vec<Scope<'a>> {
        if let Some(count) = folders::attribute(body, "count") {
            let Some(count) = self.value(count, scope).as_int() else { return vec![scope.opened()] };
            let count = usize::try_from(count).unwrap_or(0).min(COPIES);
            #[allow(clippy::cast_precision_loss, reason = "a few")]
            return (0..count).map(|at| Scope { count: Some(at as f64), ..scope.clone() }).collect();
        }
        let Some(each) = folders::attribute(body, "for_each") else { return vec![scope.clone()] };
        match self.pairs(each, scope) {
            Some(pairs) => pairs.into_iter().map(|pair| Scope { each: Some(pair), ..scope.clone() }).collect(),
            None => vec![scope.opened()],
        }
    }

    /// Key and value of each item of `for_each`.
    fn pairs(&self, each: Node<'a>, scope: &Scope<'a>) -> Option<Vec<(Known<'a>, Known<'a>)>> {
        let value = self.value(each, scope);
        let text = |it: &Cow<'a, str>| Known::of(Value::Text(it.clone()));
        if let Some(map) = value.as_map() {
            let is_known = !map.iter().any(|it| it.0.contains(HOLE));
            return is_known.then(|| map.iter().take(COPIES).map(|it| (text(&it.0), it.1.clone())).collect());
        }
        Some(value.as_list()?.iter().take(COPIES).map(|it| (it.clone(), it.clone())).collect())
    }

    /// The blocks of a name in a body, dynamic ones too, each with its scope. The second is true if there may be more.
    pub(super) fn blocks(&self, body: Node<'a>, name: &str, scope: &Scope<'a>) -> (Vec<(Node<'a>, Scope<'a>)>, bool) {
        let (mut blocks, mut is_open) = (Vec::new(), false);
        for entry in body.entries() {
            if entry.name() == name {
                if entry.value.is_mapping() {
                    blocks.push((entry.value, scope.clone()));
                } else if entry.value.is_sequence() {
                    blocks.extend(entry.value.items().map(|it| (it, scope.clone())));
                } else {
                    is_open |= !entry.value.is_null();
                }
            }
            let is_dynamic = entry.name() == "dynamic";
            let Some(dynamic) = entry.value.get(name).filter(|_| is_dynamic) else { continue };
            let iterator = folders::attribute(dynamic, "iterator").map_or(name_of(dynamic), |it| it.text());
            let pairs = folders::attribute(dynamic, "for_each").and_then(|it| self.pairs(it, scope));
            let content = dynamic.get("content");
            let (Some(pairs), Some(content)) = (pairs, content) else {
                is_open = true;
                continue;
            };
            for (key, value) in pairs {
                let mut scope = scope.clone();
                scope.iterators.push((iterator, key, value));
                blocks.push((content, scope));
            }
        }
        is_open |= blocks.iter().any(|it| !it.0.is_mapping());
        (blocks, is_open)
    }

    /// The value of an attribute of a body; null if it has none.
    pub(super) fn of_body(&self, body: Node<'a>, name: &str, scope: &Scope<'a>) -> Known<'a> {
        match folders::attribute(body, name) {
            Some(node) => self.value(node, scope),
            None => Known::of(Value::Null),
        }
    }

    /// The value of a node.
    pub(super) fn value(&self, node: Node<'a>, scope: &Scope<'a>) -> Known<'a> {
        self.worth(node, scope, 0)
    }

    fn worth(&self, node: Node<'a>, scope: &Scope<'a>, depth: u32) -> Known<'a> {
        let size = u64::try_from(node.text().len() / 16).unwrap_or(0);
        if depth >= DEPTH || !self.may_go_on(1 + size) {
            return Known::unknown();
        }
        let expression = || Expression::new(node, node.text(), depth, self, scope);
        if node.is_expression() {
            return expression().whole().or_at(node);
        }
        if node.is_sequence() {
            let items = node.items().take(MANY).map(|it| self.worth(it, scope, depth + 1)).collect();
            return Known { value: Value::List(Rc::new(items)), at: Some(node) };
        }
        if node.is_mapping() {
            let entry = |it: seaworthy_document::Entry<'a>| {
                let name = match it.key.is_expression() {
                    true if it.name().starts_with('(') => {
                        Expression::new(it.key, it.name(), depth, self, scope).whole()
                    }
                    true if it.name().contains("${") => {
                        Expression::new(it.key, it.name(), depth, self, scope).template()
                    }
                    true => Known::unknown(),
                    false => Known::of(Value::Text(Cow::Borrowed(it.name()))),
                };
                (name.as_pattern(), self.worth(it.value, scope, depth + 1))
            };
            let entries = node.entries().take(MANY).map(entry).collect();
            return Known { value: Value::Map(Rc::new(entries)), at: Some(node) };
        }
        // In JSON every string is a template.
        let is_template = node.as_str().is_some_and(|it| it.contains("${")) && is_json(node);
        if is_template { expression().template().or_at(node) } else { Known::scalar(node) }
    }

    /// Takes steps, while there are any left.
    pub(super) fn may_go_on(&self, steps: u64) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(steps));
        left > steps
    }

    /// What a name stands for, found once. What leads back to itself is unknown.
    fn once(
        &self,
        instance: usize,
        namespace: Namespace,
        name: &'a str,
        find: &dyn Fn(&Instance<'a>) -> Known<'a>,
    ) -> Known<'a> {
        let Some(at) = self.instances.get(instance) else { return Known::unknown() };
        if let Some(known) = at.known.borrow().get(&(namespace, name)) {
            return known.clone().unwrap_or(Known::unknown());
        }
        at.known.borrow_mut().insert((namespace, name), None);
        let known = find(at);
        at.known.borrow_mut().insert((namespace, name), Some(known.clone()));
        known
    }

    /// A variable: what the call passes, else what a file of values says, else its default.
    pub(super) fn variable(&self, instance: usize, name: &'a str, depth: u32) -> Known<'a> {
        self.once(instance, Namespace::Variable, name, &|at| {
            let Some(folder) = self.folders.get(at.folder) else { return Known::unknown() };
            let passed = at.call.and_then(|(caller, body)| Some((caller, folders::attribute(body, name)?)));
            if let Some((caller, argument)) = passed {
                return self.worth(argument, &Scope { instance: caller, ..Scope::default() }, depth + 1);
            }
            let scope = Scope { instance, ..Scope::default() };
            if at.call.is_none() {
                if let Some(given) = folder.named(Named::Value, "", name) {
                    return self.worth(given, &scope, depth + 1);
                }
                if folder.is_open(name) {
                    return Known::unknown();
                }
            }
            let declared = folder.named(Named::Variable, "", name);
            let default = declared.and_then(|it| folders::attribute(it, "default"));
            default.map_or(Known::unknown(), |it| self.worth(it, &scope, depth + 1))
        })
    }

    pub(super) fn local(&self, instance: usize, name: &'a str, depth: u32) -> Known<'a> {
        self.once(instance, Namespace::Local, name, &|at| {
            let folder = self.folders.get(at.folder);
            let local = folder.and_then(|it| it.named(Named::Local, "", name));
            let scope = Scope { instance, ..Scope::default() };
            local.map_or(Known::unknown(), |it| self.worth(it, &scope, depth + 1))
        })
    }

    fn output(&self, instance: usize, name: &'a str, depth: u32) -> Known<'a> {
        self.once(instance, Namespace::Output, name, &|at| {
            let folder = self.folders.get(at.folder);
            let output = folder.and_then(|it| it.named(Named::Output, "", name));
            let value = output.and_then(|it| folders::attribute(it, "value"));
            let scope = Scope { instance, ..Scope::default() };
            value.map_or(Known::unknown(), |it| self.worth(it, &scope, depth + 1))
        })
    }

    pub(super) fn resource(&self, instance: usize, kind: &str, name: &str) -> Known<'a> {
        let found = self.folder(instance).and_then(|it| it.named(Named::Resource, kind, name));
        thing(instance, found, Sort::Resource)
    }

    pub(super) fn data(&self, instance: usize, kind: &str, name: &str) -> Known<'a> {
        let found = self.folder(instance).and_then(|it| it.named(Named::Data, kind, name));
        thing(instance, found, Sort::Data)
    }

    pub(super) fn call(&self, instance: usize, name: &str) -> Known<'a> {
        let found = self.folder(instance).and_then(|it| it.named(Named::Module, "", name));
        thing(instance, found, Sort::Module)
    }

    /// An attribute of something: of a resource what its block says, of a module that was given its output; else what
    /// is known when it is there.
    pub(super) fn attribute(&self, of: Thing<'a>, name: &'a str, depth: u32) -> Known<'a> {
        if !of.attribute.is_empty() {
            return Known::of(Value::Thing(of));
        }
        if of.sort == Sort::Resource
            && let Some(node) = folders::attribute(of.block, name)
        {
            return self.worth(node, &Scope { instance: of.instance, ..Scope::default() }, depth + 1);
        }
        if of.sort == Sort::Module {
            let key = of.block.key().map_or("", |it| it.text());
            let child = self.instances.get(of.instance).and_then(|it| it.children.get(key));
            if let Some(&child) = child {
                return self.output(child, name, depth);
            }
            let given = GIVEN_BACK.iter().find(|it| it.0 == name);
            if let Some(node) = given.and_then(|it| folders::attribute(of.block, it.1)) {
                return self.worth(node, &Scope { instance: of.instance, ..Scope::default() }, depth + 1);
            }
        }
        Known::of(Value::Thing(Thing { attribute: name, ..of }))
    }
}

fn thing<'a>(instance: usize, block: Option<Node<'a>>, sort: Sort) -> Known<'a> {
    match block {
        Some(block) => Known::of(Value::Thing(Thing { instance, block, attribute: "", sort })),
        None => Known::unknown(),
    }
}

/// The label of a dynamic block.
fn name_of(dynamic: Node<'_>) -> &str {
    dynamic.key().map_or("", |it| it.text())
}

fn is_json(node: Node<'_>) -> bool {
    node.document().source_text().trim_start().starts_with('{')
}
