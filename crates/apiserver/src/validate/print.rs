//! Values as Go prints them in a refusal: since 1.34 as JSON of the server's internal structs, before as `%#v`.
//!
//! k8s.io/apimachinery, pkg/util/validation/field, `Error.ErrorBody`. Of what a pointer points to, `%#v` prints an address
//! that nobody can foretell.

mod quantity;

use seaworthy_document::{Node, Value as Json};
use seaworthy_object::catalog::{Shape, Type};
use seaworthy_object::{Catalog, Quantity, Version};
use seaworthy_source::order;

use self::quantity::Held;
pub(super) use self::quantity::quantity_text;
use super::same::default_of;
use super::value::Value;
use crate::decode::words::{NAMED, listed};
use seaworthy_cel::quoted;

/// The structs that are printed.
const STRUCTS: &str = include_str!("../../data/go-structs.txt");

/// The first version that prints JSON.
pub(super) const JSON: u8 = 34;

/// The value as the server prints it: text quoted, numbers plain, anything else as JSON or `%#v`.
pub(super) fn shown(value: Value<'_>) -> String {
    shown_if(value, false)
}

/// The same of a quantity whose text is in the message too: Go keeps that with it.
pub(super) fn shown_written(value: Value<'_>) -> String {
    shown_if(value, true)
}

fn shown_if(value: Value<'_>, written: bool) -> String {
    let run = value.run();
    let shape = value.shape();
    let scalar = value.node().is_some_and(|node| !node.is_mapping() && !node.is_sequence());
    let printer = Printer {
        catalog: run.catalog,
        version: run.version,
        // A text or number looks alike in all versions, which would otherwise be validated apart.
        style: match shape {
            Some(Shape::Quantity | Shape::IntOrString) => style(value),
            _ if scalar => Style::Json,
            Some(Shape::String | Shape::Int32 | Shape::Int64 | Shape::Boolean) => Style::Json,
            _ => style(value),
        },
        written,
        held: false,
    };
    let mut out = String::new();
    match (value.node(), &shape) {
        (Some(node), _) if node.as_str().is_some() && !printer.is_struct(shape.as_ref()) => out = quoted(value.str()),
        (Some(node), _) => printer.print(node, shape.as_ref(), &value.owner(), &mut out),
        (None, Some(Shape::String)) => out.push_str("\"\""),
        (None, Some(Shape::Int32 | Shape::Int64 | Shape::Number)) => out.push('0'),
        (None, Some(Shape::Boolean)) => out.push_str("false"),
        (None, Some(shape)) => printer.absent(shape, &value.owner(), &mut out),
        (None, None) => out.push_str("null"),
    }
    out
}

/// The fields of a value that are those of a struct of the table, as the server holds them: with defaults.
pub(super) fn held(value: Value<'_>, name: &str) -> String {
    let run = value.run();
    let printer =
        Printer { catalog: run.catalog, version: run.version, style: Style::Json, written: false, held: true };
    let mut out = String::new();
    if let Some(Shape::Object(id)) = value.shape() {
        printer.structure(value.node(), run.catalog.ty(id), line(name).unwrap_or(""), &mut out);
    }
    out
}

fn style(value: Value<'_>) -> Style {
    if value.since(JSON) { Style::Json } else { Style::Go }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Json,
    Go,
}

/// The struct and the field a value stands in, by which Go names the types of its items.
pub(super) type Owner<'c> = Option<(&'c Type, &'c str)>;

struct Printer<'c> {
    catalog: &'c Catalog,
    version: Version,
    style: Style,
    /// Whether `String()` was called on quantities before.
    written: bool,
    /// Whether what is absent has its default.
    held: bool,
}

/// A field of a line of the table.
struct Field {
    name: &'static str,
    json: String,
    omitted: bool,
    what: &'static str,
}

impl<'c> Printer<'c> {
    /// Whether `%#v` shows a Go struct where JSON has a text.
    fn is_struct(&self, shape: Option<&Shape>) -> bool {
        self.style == Style::Go && matches!(shape, Some(Shape::Quantity | Shape::IntOrString))
            || matches!(shape, Some(Shape::Quantity))
    }

    fn print(&self, node: Node<'_>, shape: Option<&Shape>, owner: &Owner<'c>, out: &mut String) {
        match (node.value(), shape) {
            (Json::Null, Some(shape)) => self.absent(shape, owner, out),
            (Json::Null, None) => out.push_str("null"),
            (Json::String(_) | Json::Int(_) | Json::Float(_), Some(Shape::Quantity)) => self.quantity(node, owner, out),
            (value, Some(Shape::IntOrString)) if self.style == Style::Go => {
                let (kind, number, text) = match value {
                    Json::String(text) => (1, 0, text),
                    _ => (0, crate::decode::whole(value).unwrap_or(0), ""),
                };
                let text = quoted(text);
                out.push_str(&format!("intstr.IntOrString{{Type:{kind}, IntVal:{number}, StrVal:{text}}}"));
            }
            (Json::String(text), _) if self.style == Style::Go => out.push_str(&quoted(text)),
            (Json::String(text), _) => json_text(text, out),
            (Json::Int(number), _) => out.push_str(&number.to_string()),
            (Json::Float(number), _) => match crate::decode::whole(node.value()) {
                Some(number) => out.push_str(&number.to_string()),
                None => out.push_str(&number.to_string()),
            },
            (Json::Bool(truth), _) => out.push_str(if truth { "true" } else { "false" }),
            (Json::Sequence, _) => self.list(node, shape, owner, out),
            (Json::Mapping, Some(Shape::Object(id))) => match fields(self.catalog.ty(*id)) {
                Some(line) => self.structure(Some(node), self.catalog.ty(*id), line, out),
                None => self.map(node, None, owner, out),
            },
            (Json::Mapping, _) => self.map(node, shape, owner, out),
        }
    }

    fn quantity(&self, node: Node<'_>, owner: &Owner<'c>, out: &mut String) {
        let text = quantity_text(node).unwrap_or_default();
        let Ok(quantity) = text.parse::<Quantity>() else { return json_text(node.text(), out) };
        let rounded = self.is_resource_list(owner);
        let quantity = if rounded { quantity.rounded_to_thousandths() } else { quantity };
        if self.style == Style::Json {
            return json_text(&quantity.to_string(), out);
        }
        let held = if rounded { Held::of(&text).rounded() } else { Held::of(&text) };
        (if self.written { held.written(&quantity) } else { held }).show(out);
    }

    /// Whether it is a map of amounts, which the server rounds (`SetDefaults_ResourceList`).
    fn is_resource_list(&self, owner: &Owner<'c>) -> bool {
        let field = owner.and_then(|(ty, name)| ty.field_in(name, self.version));
        field.is_some_and(|field| matches!(field.shape, Shape::Map(_)))
    }

    fn list(&self, node: Node<'_>, shape: Option<&Shape>, owner: &Owner<'c>, out: &mut String) {
        let inner = match shape {
            Some(Shape::List(inner)) => Some(&**inner),
            _ => None,
        };
        let (open, separator, close) = match self.style {
            Style::Json => ("[".to_owned(), ",", ']'),
            Style::Go => (format!("{}{{", self.go_type(shape, owner)), ", ", '}'),
        };
        out.push_str(&open);
        for (at, item) in node.items().enumerate() {
            if at > 0 {
                out.push_str(separator);
            }
            self.print(item, inner, owner, out);
        }
        out.push(close);
    }

    fn map(&self, node: Node<'_>, shape: Option<&Shape>, owner: &Owner<'c>, out: &mut String) {
        let inner = match shape {
            Some(Shape::Map(inner)) => Some(&**inner),
            _ => None,
        };
        if self.style == Style::Go {
            out.push_str(&self.go_type(shape, owner));
        }
        out.push('{');
        let mut entries: Vec<_> = node.entries().collect();
        order::sort_by_key(&mut entries, |entry| entry.name());
        for (at, entry) in entries.iter().enumerate() {
            if at > 0 {
                out.push_str(if self.style == Style::Go { ", " } else { "," });
            }
            match self.style {
                Style::Json => json_text(entry.name(), out),
                Style::Go => out.push_str(&quoted(entry.name())),
            }
            out.push(':');
            self.print(entry.value, inner, owner, out);
        }
        out.push('}');
    }

    /// A struct of the table; none of it need be there.
    fn structure(&self, node: Option<Node<'_>>, ty: &'c Type, line: &'static str, out: &mut String) {
        let external = ty.name.contains(".meta.v1.");
        if self.style == Style::Go {
            out.push_str(&go_name(ty));
        }
        out.push('{');
        let mut first = true;
        for field in each_field(line) {
            let value = node.and_then(|node| node.get(&field.json));
            let is_zero = |it: Node<'_>| match it.value() {
                Json::String(text) => text.is_empty(),
                Json::Sequence | Json::Mapping => it.is_empty(),
                // A pointer to false is one.
                Json::Bool(truth) => !truth && !field.what.starts_with('*'),
                _ => false,
            };
            if self.style == Style::Json && field.omitted && value.is_none_or(is_zero) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push_str(if self.style == Style::Go { ", " } else { "," });
            }
            match self.style {
                Style::Json => json_text(if external { &field.json } else { field.name }, out),
                Style::Go => out.push_str(field.name),
            }
            out.push(':');
            self.field(value, &field, ty, out);
        }
        out.push('}');
    }

    fn field(&self, value: Option<Node<'_>>, field: &Field, ty: &'c Type, out: &mut String) {
        let schema = ty.field_in(&field.json, self.version);
        let owner = schema.map(|it| (ty, it.name));
        match (value, schema) {
            (Some(_), _) if self.style == Style::Go && field.what.starts_with('*') => {
                out.push_str(&format!("({})(0xc000000000)", field.what));
            }
            (Some(value), _) if field.what == "s" && self.style == Style::Go => out.push_str(&quoted(value.text())),
            (Some(value), schema) if !(self.held && value.is_null()) => {
                self.print(value, schema.map(|it| &it.shape), &owner, out);
            }
            // A default that is empty (`SetDefaults_HostPathVolumeSource`).
            (_, _) if self.held && (ty.short_name(), field.name) == ("HostPathVolumeSource", "Type") => {
                out.push_str("\"\"");
            }
            (_, Some(schema)) if self.held && default_of(ty, schema.name).is_some() => {
                let default = default_of(ty, schema.name).unwrap_or_default();
                match schema.shape {
                    Shape::String => json_text(default, out),
                    _ => out.push_str(default),
                }
            }
            (_, schema) => match (field.what, schema.map(|it| &it.shape)) {
                ("s", _) => out.push_str("\"\""),
                ("i", _) => out.push('0'),
                ("b", _) => out.push_str("false"),
                ("intstr.IntOrString", _) if self.style == Style::Json => out.push('0'),
                ("intstr.IntOrString", _) => {
                    out.push_str("intstr.IntOrString{Type:0, IntVal:0, StrVal:\"\"}");
                }
                ("*v1.Time", _) if self.style == Style::Go => out.push_str("<nil>"),
                (what, Some(Shape::Object(id))) if !what.starts_with('*') => {
                    let ty = self.catalog.ty(*id);
                    self.structure(None, ty, fields(ty).unwrap_or(""), out);
                }
                (what, _) if self.style == Style::Go => {
                    let pointer = what.starts_with('*');
                    let (open, close) = if pointer { ("(", ")") } else { ("", "") };
                    out.push_str(&format!("{open}{what}{close}(nil)"));
                }
                _ => out.push_str("null"),
            },
        }
    }

    /// A nil list or map, or a struct without anything in it.
    fn absent(&self, shape: &Shape, owner: &Owner<'c>, out: &mut String) {
        match (self.style, shape) {
            (_, Shape::String) => out.push_str("\"\""),
            (_, Shape::Quantity) if self.style == Style::Json => out.push_str("\"0\""),
            (_, Shape::Int32 | Shape::Int64 | Shape::Number) => out.push('0'),
            (Style::Go, Shape::Quantity) => {
                let held = Held::nothing();
                (if self.written { held.written(&Quantity::zero()) } else { held }).show(out);
            }
            (Style::Json, Shape::IntOrString) => out.push('0'),
            (Style::Go, Shape::IntOrString) => out.push_str("intstr.IntOrString{Type:0, IntVal:0, StrVal:\"\"}"),
            (Style::Go, Shape::List(_) | Shape::Map(_)) => {
                out.push_str(&self.go_type(Some(shape), owner));
                out.push_str("(nil)");
            }
            _ => out.push_str("null"),
        }
    }

    /// The Go type of a list or map.
    fn go_type(&self, shape: Option<&Shape>, owner: &Owner<'c>) -> String {
        match shape {
            Some(Shape::List(inner)) => format!("[]{}", self.go_type(Some(inner), owner)),
            Some(Shape::Map(inner)) if **inner == Shape::Quantity => "core.ResourceList".to_owned(),
            Some(Shape::Map(inner)) => format!("map[string]{}", self.go_type(Some(inner), owner)),
            Some(Shape::Object(id)) => go_name(self.catalog.ty(*id)),
            Some(Shape::Int32) => "int32".to_owned(),
            Some(Shape::Int64) => "int64".to_owned(),
            Some(Shape::String) => {
                owner.and_then(|(ty, field)| Some((listed(NAMED, ty, field)?, group_of(ty)?))).map_or_else(
                    || "string".to_owned(),
                    |(name, group)| format!("{group}.{}", name.trim_start_matches("v1.")),
                )
            }
            _ => "map[string]interface {}".to_owned(),
        }
    }
}

/// `core` of `io.k8s.api.core.v1.Container`.
fn group_of(ty: &Type) -> Option<&'static str> {
    ty.name.rsplit('.').nth(2)
}

/// `core.Container`; of the types shared by all groups `v1.LabelSelector`.
fn go_name(ty: &Type) -> String {
    let group = group_of(ty).unwrap_or("");
    format!("{}.{}", if group == "meta" { "v1" } else { group }, ty.short_name())
}

/// The fields of a type in the table.
fn fields(ty: &Type) -> Option<&'static str> {
    line(&format!("{}.{}", group_of(ty)?, ty.short_name()))
}

/// The fields of a struct of this name in the table.
fn line(name: &str) -> Option<&'static str> {
    STRUCTS.lines().map(|line| line.split_once(' ').unwrap_or((line, ""))).find(|it| it.0 == name).map(|it| it.1)
}

fn each_field(line: &'static str) -> impl Iterator<Item = Field> {
    line.split(' ').filter_map(|field| {
        let (names, what) = field.split_once(':')?;
        let (names, omitted) = names.strip_suffix('?').map_or((names, false), |it| (it, true));
        let (name, json) = match names.split_once('=') {
            Some((name, json)) => (name, json.to_owned()),
            None => {
                let (first, rest) = names.split_at_checked(1)?;
                (names, first.to_lowercase() + rest)
            }
        };
        Some(Field { name, json, omitted, what })
    })
}

/// A string as Go's `encoding/json` writes it: with HTML escaped.
pub(super) fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use seaworthy_document::read;
    use seaworthy_object::{Catalog, Object, Version, Versions};
    use seaworthy_source::Source;

    use super::super::run::Run;
    use super::shown;

    /// How a server prints a value: a path, a list's first item where the path ends in `[0]`.
    fn printed(text: &str, minor: u8, path: &'static str) -> String {
        let catalog = Catalog::built_in();
        let documents = read(&Source::new("a.yaml", text));
        let root = documents[0].root().expect("it parses");
        let object = Object::new(root, &catalog, "default").expect("an object");
        let kind = catalog.kind(object.group(), object.version(), object.kind()).expect("a known kind");
        let version = Version::minor_of(minor);
        let run = Run::new(&object, &catalog, kind, version, Versions::ALL);
        match path.strip_suffix("[0]") {
            Some(list) => shown(run.root().at(list).items().next().expect("an item")),
            None => shown(run.root().at(path)),
        }
    }

    #[test]
    fn structs_have_go_s_names_and_order() {
        let service = "apiVersion: v1\nkind: Service\nspec: {ports: [{protocol: TCP, port: 80, targetPort: web}]}\n";
        assert_eq!(
            printed(service, 34, "spec.ports[0]"),
            r#"{"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":"web","NodePort":0}"#
        );
        assert_eq!(
            printed(service, 33, "spec.ports[0]"),
            "core.ServicePort{Name:\"\", Protocol:\"TCP\", AppProtocol:(*string)(nil), Port:80, \
             TargetPort:intstr.IntOrString{Type:1, IntVal:0, StrVal:\"web\"}, NodePort:0}"
        );
    }

    #[test]
    fn shared_types_have_the_names_of_json() {
        let set = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  selector:\n    matchLabels: {b: '<', a: x}\n    \
                   matchExpressions: [{key: k, operator: In}]\n";
        assert_eq!(
            printed(set, 37, "spec.selector"),
            "{\"matchLabels\":{\"a\":\"x\",\"b\":\"\\u003c\"},\"matchExpressions\":[{\"key\":\"k\",\"operator\":\"In\"}]}"
        );
        assert_eq!(
            printed(set, 30, "spec.selector"),
            "v1.LabelSelector{MatchLabels:map[string]string{\"a\":\"x\", \"b\":\"<\"}, \
             MatchExpressions:[]v1.LabelSelectorRequirement{v1.LabelSelectorRequirement{Key:\"k\", Operator:\"In\", \
             Values:[]string(nil)}}}"
        );
        assert_eq!(printed(set, 30, "spec.template.metadata.labels"), "map[string]string(nil)");
        assert_eq!(printed(set, 37, "spec.template.metadata.labels"), "null");
    }

    #[test]
    fn items_of_lists_have_go_s_types() {
        let quota = "apiVersion: v1\nkind: ResourceQuota\nspec: {scopes: [a, b], hard: {cpu: 500m}}\n";
        assert_eq!(printed(quota, 34, "spec.scopes"), r#"["a","b"]"#);
        assert_eq!(printed(quota, 30, "spec.scopes"), r#"[]core.ResourceQuotaScope{"a", "b"}"#);
        assert_eq!(printed(quota, 37, "spec.hard.cpu"), "\"500m\"");
        assert!(
            printed(quota, 30, "spec.hard.cpu")
                .starts_with("resource.Quantity{i:resource.int64Amount{value:500, scale:-3}")
        );
    }
}
