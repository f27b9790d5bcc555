//! `ingress-without-class`.

use seaworthy_diagnostic::{Edit, Fix, Level};
use seaworthy_fleet::{Fleet, Why};
use seaworthy_object::{Field, Object};
use seaworthy_source::Span;
use serde::Deserialize;

use crate::mending;
use crate::{Category, Check, Meta, Reporter, Rule, words::all_of};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct IngressWithoutClass {}

impl Rule for IngressWithoutClass {
    const META: Meta = Meta {
        id: "ingress-without-class",
        category: Category::Network,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("ingress_without_class.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl IngressWithoutClass {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let classes: Vec<&Object<'_>> =
            fleet.of_kind("networking.k8s.io", "IngressClass").filter(|it| fleet.is_last_definition(it)).collect();
        if fleet.facts().brings_default_ingress_class() || classes.iter().any(|it| is_default(it)) {
            return;
        }
        for ingress in fleet.of_kind("networking.k8s.io", "Ingress").filter(|it| !has_class(it)) {
            let spec = ingress.at("spec").unwrap_or(ingress.field());
            let place = spec.missing("ingressClassName");
            if !fleet.facts().lists("networking.k8s.io", "IngressClass") {
                report.unknown(place, "a default IngressClass", Why::NotGiven.as_str());
                continue;
            }
            if fleet.may_be_unread("IngressClass", "is-default-class") {
                report.unknown(place, "a default IngressClass", Why::Unread.as_str());
                continue;
            }
            let mut finding = report
                .say(place, format!("{} names no class, and no class is the default", ingress.reference()))
                .label("no controller has to serve it")
                .help(help(&classes));
            for class in &classes {
                finding = finding.related(*class, "a class it could name");
            }
            if let ([class], true) = (&classes[..], ingress.version() == "v1") {
                finding.fix(first_field(spec, class.name()));
            }
        }
    }
}

/// True if the class of an Ingress is named by the field, or by the annotation that came before it.
fn has_class<'a>(ingress: &'a Object<'a>) -> bool {
    let field = ingress.at("spec.ingressClassName");
    let class = field.or_else(|| ingress.annotation("kubernetes.io/ingress.class"));
    class.is_some_and(|it| !it.text().is_empty())
}

fn is_default<'a>(class: &'a Object<'a>) -> bool {
    class.annotation("ingressclass.kubernetes.io/is-default-class").is_some_and(|it| it.text() == "true")
}

fn help(classes: &[&Object<'_>]) -> String {
    match classes {
        [] => "add `ingressClassName` with the class of your controller".to_owned(),
        _ => {
            let names: Vec<String> = classes.iter().map(|it| format!("`{}`", it.name())).collect();
            format!("add `ingressClassName`: here is {}", all_of(&names))
        }
    }
}

/// `ingressClassName` as the first field of a spec, in its style: on a line of its own, within braces, or as JSON.
fn first_field(spec: Field<'_>, class: &str) -> Fix {
    let first = spec.node().entries().next().map_or(spec.span(), |entry| entry.key.span());
    let text = spec.object().document().source_text();
    let at = |offset: u32| text.as_bytes().get(offset as usize);
    let text = if at(first.start) == Some(&b'"') {
        format!("\"ingressClassName\": \"{class}\", ")
    } else if at(spec.span().start) == Some(&b'{') {
        format!("ingressClassName: {class}, ")
    } else {
        let before = text.get(..first.start as usize).unwrap_or("");
        let indent = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        format!("ingressClassName: {class}\n{}", " ".repeat(indent))
    };
    let edit =
        Edit { source: spec.object().source(), span: Span::of(first.start as usize..first.start as usize), text };
    mending::by(edit, format!("name the class `{class}`"))
}
