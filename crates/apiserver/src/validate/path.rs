//! Addresses as the server writes them: fields after a dot, keys of maps in brackets, as the types say.

use seaworthy_document::Node;
use seaworthy_object::catalog::{Shape, TypeId};

use super::print::Owner;
use super::run::Run;
use super::value::{Spot, Value};

/// The address of a value.
pub(super) fn of(value: Value<'_>) -> String {
    match value.spot() {
        Spot::Here => of_node(value.run(), value.anchor()),
        Spot::Absent { around, .. } => {
            let mut path = of(around);
            push_field(&mut path, value.key());
            path
        }
        Spot::Named { address, .. } => value.run().named(address),
    }
}

/// The address in the manifest of a field that is not there.
pub(super) fn own(value: Value<'_>) -> Option<String> {
    let around = match value.spot() {
        Spot::Absent { around, .. } => around,
        Spot::Named { of, .. } => return own(of),
        Spot::Here => return None,
    };
    let address = || around.anchor().field_path_from(Some(value.run().root_node())).to_string();
    Some(Node::path_of_missing(&own(around).unwrap_or_else(address), value.key()))
}

/// What the types say it looks like.
pub(super) fn shape_of(value: Value<'_>) -> Option<Shape> {
    match value.spot() {
        Spot::Absent { around, .. } => match shape_of(around)? {
            Shape::Object(id) => field(value.run(), id, value.key()),
            _ => None,
        },
        _ => {
            let mut shape = Some(Shape::Object(value.run().kind.ty));
            walk(value.run(), value.anchor(), &mut |_, _, next| shape = next);
            shape
        }
    }
}

/// The type and the field that a value is in, through lists and maps.
pub(super) fn owner_of(value: Value<'_>) -> Owner<'_> {
    let run = value.run();
    let mut ty = Some(run.kind.ty);
    let mut found: Owner<'_> = None;
    let mut enter = |name: &str, shape: Option<&Shape>| {
        if let Some(field) = ty.and_then(|ty| run.catalog.ty(ty).field_in(name, run.version)) {
            found = ty.map(|ty| (run.catalog.ty(ty), field.name));
        }
        ty = shape.and_then(Shape::object);
    };
    walk(run, value.anchor(), &mut |_, step, shape| {
        if let Step::Field(name) = step {
            enter(name, shape.as_ref());
        }
    });
    if let Spot::Absent { around, .. } = value.spot()
        && around.is_present()
    {
        enter(value.key(), None);
    }
    found
}

fn of_node(run: &Run<'_>, node: Node<'_>) -> String {
    let mut path = String::new();
    walk(run, node, &mut |node, step, _| {
        if let Some(instead) = readdressed(run, node) {
            path = instead;
            return;
        }
        match step {
            Step::Field(name) => push_field(&mut path, name),
            Step::Key(key) => {
                path.push('[');
                path.push_str(key);
                path.push(']');
            }
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    });
    path
}

/// The address the server has for a node instead of its own.
fn readdressed(run: &Run<'_>, node: Node<'_>) -> Option<String> {
    let addresses = run.addresses.borrow();
    let at = addresses.partition_point(|it| it.of.number() < node.id().number());
    let address = addresses.get(at).filter(|it| it.of == node.id())?;
    let mut path = of_node(run, node.document().node(address.around)?);
    if !address.name.is_empty() {
        push_field(&mut path, address.name);
    }
    if let Some(index) = address.index {
        path.push_str(&format!("[{index}]"));
    }
    Some(path)
}

enum Step<'s> {
    Field(&'s str),
    Key(&'s str),
    Index(usize),
}

/// Goes from the object to a node, and says each step with the shape it leads to, where the types know it.
fn walk(run: &Run<'_>, node: Node<'_>, each: &mut dyn FnMut(Node<'_>, Step<'_>, Option<Shape>)) {
    let root = run.root_node().id();
    let mut way: Vec<Node<'_>> =
        std::iter::successors(Some(node), Node::parent).take_while(|it| it.id() != root).collect();
    way.reverse();
    let (mut shape, mut owner) = (Some(Shape::Object(run.kind.ty)), run.kind.ty);
    for node in way {
        let step = match (node.key(), node.index()) {
            (Some(key), _) => match &shape {
                Some(Shape::Map(_)) => Step::Key(key.text()),
                _ => Step::Field(key.text()),
            },
            (None, index) => Step::Index(index.unwrap_or(0)),
        };
        shape = match (shape, &step) {
            (Some(Shape::Object(id)), Step::Field(name)) => {
                owner = id;
                field(run, id, name)
            }
            // A schema in the place of a boolean or a list is of the type it stands in.
            (Some(Shape::SchemaOrBool | Shape::SchemaOrArray | Shape::SchemaOrStrings), Step::Field(name)) => {
                field(run, owner, name)
            }
            (Some(Shape::SchemaOrArray), Step::Index(_)) => Some(Shape::Object(owner)),
            (Some(Shape::List(inner) | Shape::Map(inner)), _) => Some(*inner),
            _ => None,
        };
        each(node, step, shape.clone());
    }
}

fn field(run: &Run<'_>, ty: TypeId, name: &str) -> Option<Shape> {
    run.catalog.ty(ty).field_in(name, run.version).map(|it| it.shape.clone())
}

fn push_field(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}
