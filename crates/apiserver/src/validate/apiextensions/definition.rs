//! A definition, but for its schemas (`ValidateCustomResourceDefinition`).
//!
//! The server holds what is the same for all versions once, above them
//! (`Convert_v1_CustomResourceDefinitionSpec_To_apiextensions_CustomResourceDefinitionSpec`), and says so in its paths.

use seaworthy_source::order;

use super::super::custom::item::Item;
use super::super::names::Form;
use super::super::value::Value;
use super::super::{meta, webhook};
use super::{field_path, printed, schema, structural};

const COLUMN_TYPES: &[&str] = &["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: &[&str] = &["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
/// A version may select by so many fields (`MaxSelectableFields`).
const SELECTABLE_LIMIT: usize = 8;
/// A warning may have so many bytes.
const WARNING_LIMIT: usize = 256;

pub(super) fn custom_resource_definition(object: Value<'_>) {
    let spec = object.get("spec");
    let wanted = format!("{}.{}", spec.at("names.plural").str(), spec.str_of("group"));
    meta::object_meta_with(object, &|name| {
        let mut faults = Form::Subdomain.faults(name);
        // Of one that is there already the name is not looked at again.
        if name != wanted && !object.run().updates() {
            faults.push("must be spec.names.plural+\".\"+spec.group".to_owned());
        }
        faults
    });
    let shared = Shared::of(spec);
    group(spec.get("group"));
    required_of(spec.get("scope"), &["Cluster", "Namespaced"]);
    let unknown = spec.get("preserveUnknownFields");
    versions(spec, &shared);
    names(spec);
    if shared.schema {
        let any_status = spec.items_of("versions").any(|it| it.at("subresources.status").is_present());
        schema::validation(shared.first(spec, "schema", "validation"), any_status);
    }
    if shared.subresources {
        subresources(shared.first(spec, "subresources", "subresources"));
    }
    if shared.columns {
        columns(shared.first(spec, "additionalPrinterColumns", "additionalPrinterColumns"));
    }
    if shared.selectable {
        let first = shared.first(spec, "selectableFields", "selectableFields");
        if shared.schema {
            let schema = spec.items_of("versions").next().map(|it| it.at("schema.openAPIV3Schema"));
            selectable_fields(first, schema, "spec.schema.openAPIV3Schema");
        } else if !first.is_empty() {
            let words = "may only be set when validations.schema is included";
            first.invalid_text("", &renamed(first, words, "selectableFields "));
        }
    }
    conversion(spec.get("conversion"));
    stored_versions(object);
    approval(object);
    if unknown.bool() {
        let strategy = spec.at("conversion.strategy");
        if spec.items_of("versions").any(|it| schema::has_defaults(it.at("schema.openAPIV3Schema"))) {
            unknown.invalid("must be false in order to use defaults in the schema");
        }
        if spec.has("conversion") && strategy.str() != "None" {
            strategy.invalid("must be None if spec.preserveUnknownFields is true");
        }
        unknown.invalid(
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
        );
    }
    if !object.run().refuses() {
        schema::warnings(spec);
    }
}

/// Words that had a name before them until 1.33.
pub(super) fn renamed(value: Value<'_>, words: &str, before: &str) -> String {
    if value.since(34) { words.to_owned() } else { format!("{before}{words}") }
}

/// What all versions have alike.
struct Shared {
    schema: bool,
    subresources: bool,
    columns: bool,
    selectable: bool,
}

impl Shared {
    fn of(spec: Value<'_>) -> Self {
        let alike = |name: &'static str| {
            let versions = spec.get("versions");
            let mut all = versions.items().map(|it| it.get(name).node().map(Item::read));
            let Some(first) = all.next() else { return false };
            versions.len() < 2 || all.all(|it| it == first)
        };
        Self {
            schema: alike("schema"),
            subresources: alike("subresources"),
            columns: alike("additionalPrinterColumns"),
            selectable: alike("selectableFields"),
        }
    }

    /// That of the first version, at its address above the versions.
    fn first<'r>(&self, spec: Value<'r>, name: &'static str, above: &'static str) -> Value<'r> {
        let first = spec.items_of("versions").next().map(|it| it.get(name));
        first.map_or_else(|| spec.get(above), |it| it.called(spec, above))
    }
}

/// `validateEnumStrings` of what must be given.
pub(super) fn required_of(field: Value<'_>, values: &[&str]) {
    if field.is_empty() {
        field.required("");
    } else if !values.contains(&field.str()) {
        field.not_supported(values);
    }
}

fn group(field: Value<'_>) {
    if field.is_empty() {
        return field.required("");
    }
    let faults = Form::Subdomain.faults(field.str());
    if !faults.is_empty() {
        field.invalid(&faults.join(","));
    } else if !field.str().contains('.') {
        field.invalid("should be a domain with at least one dot");
    }
}

fn versions(spec: Value<'_>, shared: &Shared) {
    let list = spec.get("versions");
    let alike = shared.schema && list.items().next().is_some_and(|it| it.at("schema.openAPIV3Schema").is_present());
    let words = |field: Value<'_>| if field.since(34) { "" } else { "schemas are required" };
    for schema in list.items().map(|it| it.at("schema.openAPIV3Schema")).filter(|_| !alike) {
        if !schema.is_present() {
            schema.required(words(schema));
        }
    }
    let (mut stored, mut seen) = (0, Vec::with_capacity(list.len()));
    for version in list.items() {
        stored += usize::from(version.bool_of("storage"));
        seen.push(version.str_of("name"));
        let faults = Form::Label1035.faults(version.str_of("name"));
        if !faults.is_empty() {
            version.get("name").invalid(&faults.join(","));
        }
        one_version(version, shared);
    }
    let count = seen.len();
    order::sort(&mut seen);
    seen.dedup();
    if seen.len() != count {
        list.invalid_shown(&shown(list, shared), "must contain unique version names");
    }
    if stored != 1 {
        list.invalid_shown(&shown(list, shared), "must have exactly one version marked as storage version");
    }
    // The first version is `spec.version` too.
    if let Some(name) = list.items().next().map(|it| it.get("name")).filter(|it| !it.is_empty()) {
        let faults = Form::Label1035.faults(name.str());
        if !faults.is_empty() {
            name.named("spec.version").invalid_text(name.str(), &faults.join(","));
        }
    }
}

/// The versions as the server prints them, without what all share.
fn shown(list: Value<'_>, shared: &Shared) -> String {
    let json = list.since(34);
    if !list.is_present() {
        let nil = if json { "null" } else { "[]apiextensions.CustomResourceDefinitionVersion(nil)" };
        return nil.to_owned();
    }
    let one = |version: Value<'_>| {
        let mut parts = vec![("Name", seaworthy_cel::quoted(version.str_of("name")))];
        for (name, key) in [("Served", "served"), ("Storage", "storage"), ("Deprecated", "deprecated")] {
            parts.push((name, version.get(key).bool().to_string()));
        }
        for (name, key, ty, alike) in [
            ("DeprecationWarning", "deprecationWarning", "(*string)", false),
            ("Schema", "schema", "(*apiextensions.CustomResourceValidation)", shared.schema),
            ("Subresources", "subresources", "(*apiextensions.CustomResourceSubresources)", shared.subresources),
            (
                "AdditionalPrinterColumns",
                "additionalPrinterColumns",
                "[]apiextensions.CustomResourceColumnDefinition",
                shared.columns,
            ),
            ("SelectableFields", "selectableFields", "[]apiextensions.SelectableField", shared.selectable),
        ] {
            let value = version.get(key);
            parts.push((
                name,
                match (value.is_present() && !alike, json) {
                    (true, true) if key == "schema" => printed::validation(value),
                    (true, _) => super::super::print::shown(value),
                    (false, true) => "null".to_owned(),
                    (false, false) => format!("{ty}(nil)"),
                },
            ));
        }
        let parts = parts
            .into_iter()
            .map(|(name, value)| if json { format!("\"{name}\":{value}") } else { format!("{name}:{value}") });
        let parts: Vec<String> = parts.collect();
        if json {
            format!("{{{}}}", parts.join(","))
        } else {
            format!("apiextensions.CustomResourceDefinitionVersion{{{}}}", parts.join(", "))
        }
    };
    let all: Vec<String> = list.items().map(one).collect();
    if json {
        format!("[{}]", all.join(","))
    } else {
        format!("[]apiextensions.CustomResourceDefinitionVersion{{{}}}", all.join(", "))
    }
}

/// `validateCustomResourceDefinitionVersion`
fn one_version(version: Value<'_>, shared: &Shared) {
    deprecation(version);
    if !shared.schema {
        schema::validation(version.get("schema"), version.at("subresources.status").is_present());
    }
    if !shared.subresources {
        subresources(version.get("subresources"));
    }
    if !shared.columns {
        columns(version.get("additionalPrinterColumns"));
    }
    let selectable = version.get("selectableFields");
    if shared.selectable || selectable.is_empty() {
        return;
    }
    let schema = version.at("schema.openAPIV3Schema");
    if shared.schema || !schema.is_present() {
        let words = "may only be set when `version.schema.openAPIV3Schema` is not included";
        let older = "selectableFields may only be set when version.schema.openAPIV3Schema is not included";
        selectable.invalid_text("", if selectable.since(34) { words } else { older });
    } else {
        selectable_fields(selectable, Some(schema), &schema.path());
    }
}

/// `validateDeprecationWarning`
fn deprecation(version: Value<'_>) {
    let warning = version.get("deprecationWarning");
    let Some(text) = warning.opt_str() else { return };
    if !version.bool_of("deprecated") {
        return warning.invalid("can only be set for deprecated versions");
    }
    if text.len() > WARNING_LIMIT {
        warning.invalid("must be <= 256 characters long");
    }
    if text.is_empty() {
        warning.invalid("must not be an empty string");
    }
    let printable = |letter: char| letter == ' ' || (letter.escape_debug().len() == 1 && !letter.is_whitespace());
    let odd = text.char_indices().find(|(_, it)| !printable(*it) && !matches!(it, '"' | '\'' | '\\'));
    if let Some((at, _)) = odd {
        warning.invalid(&format!(
            "must only contain printable UTF-8 characters; non-printable character found at index {at}"
        ));
    }
}

fn names(spec: Value<'_>) {
    let names = spec.get("names");
    for name in [names.get("plural"), names.get("kind")] {
        if name.is_empty() {
            name.required("");
        }
    }
    // Both are the kind's by default.
    if names.get("kind").is_empty() {
        for name in [names.get("singular"), names.get("listKind")].into_iter().filter(|it| it.is_empty()) {
            name.required("");
        }
    }
    let label = |field: Value<'_>, text: &str, prefix: &str| {
        let faults = Form::Label1035.faults(text);
        if !text.is_empty() && !faults.is_empty() {
            field.invalid_text(field.str(), &format!("{prefix}{}", faults.join(",")));
        }
    };
    const MIXED: &str = "may have mixed case, but should otherwise match: ";
    let (kind, list) = (names.get("kind"), names.get("listKind"));
    label(names.get("plural"), names.str_of("plural"), "");
    let singular = names.get("singular");
    if singular.is_empty() {
        let text = kind.str().to_lowercase();
        let faults = Form::Label1035.faults(&text);
        if !text.is_empty() && !faults.is_empty() {
            singular.invalid_text(&text, &faults.join(","));
        }
    } else {
        label(singular, singular.str(), "");
    }
    label(kind, &kind.str().to_lowercase(), MIXED);
    let list_kind =
        if list.is_empty() && !kind.is_empty() { format!("{}List", kind.str()) } else { list.str().to_owned() };
    let faults = Form::Label1035.faults(&list_kind.to_lowercase());
    if !list_kind.is_empty() && !faults.is_empty() {
        list.invalid_text(&list_kind, &format!("{MIXED}{}", faults.join(",")));
    }
    for name in names.items_of("shortNames") {
        item_name(name);
    }
    if !kind.is_empty() && kind.str() == list_kind {
        list.invalid_text(&list_kind, "kind and listKind may not be the same");
    }
    for name in names.items_of("categories") {
        item_name(name);
    }
}

fn item_name(name: Value<'_>) {
    let faults = Form::Label1035.faults(name.str());
    if !faults.is_empty() {
        name.invalid_text(name.str(), &faults.join(","));
    }
}

/// `ValidateCustomResourceDefinitionSubresources`
fn subresources(subresources: Value<'_>) {
    let scale = subresources.get("scale");
    if !scale.is_present() {
        return;
    }
    for (field, prefix, fault) in [
        (scale.get("specReplicasPath"), ".spec.", "should be a json path under .spec"),
        (scale.get("statusReplicasPath"), ".status.", "should be a json path under .status"),
    ] {
        if field.is_empty() {
            field.required("");
        } else if !is_path(field) && !field.str().starts_with(prefix) {
            field.invalid(fault);
        }
    }
    let selector = scale.get("labelSelectorPath");
    let known = [".spec.", ".status."].into_iter().any(|it| selector.str().starts_with(it));
    if !selector.is_empty() && !is_path(selector) && !known {
        selector.invalid_shown(&pointed(selector), "should be a json path under either .spec or .status");
    }
}

/// A text behind a pointer is printed as what it points to.
fn pointed(field: Value<'_>) -> String {
    seaworthy_cel::quoted(field.str())
}

/// `validateSimpleJSONPath`: true if something is wrong with it.
fn is_path(field: Value<'_>) -> bool {
    let wrong = !field.str().starts_with('.');
    if wrong {
        field.invalid("must be a simple json path starting with .");
    }
    wrong
}

/// `ValidateCustomResourceColumnDefinition`
fn columns(list: Value<'_>) {
    for column in list.items() {
        let (ty, format, path) = (column.get("type"), column.get("format"), column.get("jsonPath"));
        if column.get("name").is_empty() {
            column.get("name").required("");
        }
        if ty.is_empty() {
            ty.required(&format!("must be one of {}", COLUMN_TYPES.join(",")));
        } else if !COLUMN_TYPES.contains(&ty.str()) {
            ty.invalid(&format!("must be one of {}", COLUMN_TYPES.join(",")));
        }
        if !format.is_empty() && !COLUMN_FORMATS.contains(&format.str()) {
            format.invalid(&format!("must be one of {}", COLUMN_FORMATS.join(",")));
        }
        let there = || path.named(format!("{}.JSONPath", column.path()));
        if path.is_empty() {
            there().required("");
        } else if !path.str().starts_with('.') {
            there().invalid_text(path.str(), "must be a simple json path starting with .");
        }
    }
}

/// `ValidateCustomResourceSelectableFields`, and what comes before it of a schema that is not structural, which has an
/// address of its own.
fn selectable_fields(list: Value<'_>, schema: Option<Value<'_>>, address: &str) {
    if list.is_empty() {
        return;
    }
    if let Some((schema, fault)) = schema.and_then(|it| Some((it, structural::unsupported(it)?))) {
        schema.named(address).invalid_text("", fault);
    }
    let mut seen = std::collections::BTreeSet::new();
    for field in list.items().map(|it| it.get("jsonPath")) {
        if field.is_empty() {
            field.required("");
            continue;
        }
        let (path, found) = match field_path::resolve(field.str(), schema, false) {
            Ok(it) => it,
            Err(fault) => {
                field.invalid_text(field.str(), &format!("is an invalid path: {fault}"));
                continue;
            }
        };
        if path.split(['.', '[']).next() == Some("metadata") {
            field.invalid_text(field.str(), "must not point to fields in metadata");
        }
        if !found.is_some_and(|it| matches!(it.str_of("type"), "string" | "boolean" | "integer")) {
            let words = "must point to a field of type string, boolean or integer. Enum string fields and strings with \
                formats are allowed.";
            field.invalid_text(field.str(), words);
        }
        if !seen.insert(path) {
            field.duplicate();
        }
    }
    if seen.len() > SELECTABLE_LIMIT {
        list.too_many(seen.len(), SELECTABLE_LIMIT);
    }
}

/// `validateCustomResourceConversion`
fn conversion(conversion: Value<'_>) {
    if !conversion.is_present() {
        return;
    }
    let strategy = conversion.get("strategy");
    required_of(strategy, &["None", "Webhook"]);
    let webhook = conversion.get("webhook");
    let client = webhook.get("clientConfig").called(conversion, "webhookClientConfig");
    let reviews = webhook.get("conversionReviewVersions").called(conversion, "conversionReviewVersions");
    let at = |name: &str, value: Value<'_>| value.named(format!("{}.{name}", conversion.path())).path();
    if strategy.str() != "Webhook" {
        let words = "should not be set when strategy is not set to Webhook";
        if client.is_present() {
            client.forbidden(words);
        }
        if !reviews.is_empty() {
            reviews.forbidden(words);
        }
        return;
    }
    let (url, service) = (client.get("url"), client.get("service"));
    let here = client.named(at("webhookClientConfig", client));
    match (client.is_present(), url.is_present(), service.is_present()) {
        (false, ..) => here.required("required when strategy is set to Webhook"),
        (_, true, true) | (_, false, false) => here.required("exactly one of url or service is required"),
        (_, true, false) => webhook::url(url),
        (_, false, true) => webhook::service(service),
    }
    let reviews = if reviews.is_present() { reviews } else { reviews.named(at("conversionReviewVersions", reviews)) };
    review_versions(reviews);
}

/// `validateConversionReviewVersions`
fn review_versions(list: Value<'_>) {
    if list.is_empty() {
        return list.required("");
    }
    let mut seen = std::collections::BTreeSet::new();
    for version in list.items() {
        if seen.insert(version.str()) {
            version.invalid_each(Form::Label1035.faults(version.str()));
        } else {
            version.invalid("duplicate version");
        }
    }
    if !seen.contains("v1") && !seen.contains("v1beta1") {
        list.invalid("must include at least one of v1, v1beta1");
    }
}

/// `ValidateCustomResourceDefinitionStoredVersions`: stored are the first storage version, and the one that was the first
/// before, as far as that tells.
fn stored_versions(object: Value<'_>) {
    fn first<'r>(object: Value<'r>) -> Option<&'r str> {
        object.at("spec.versions").items().find(|it| it.bool_of("storage")).map(|it| it.str_of("name"))
    }
    let mut stored: Vec<&str> = object.run().before.and_then(|before| first(before.root())).into_iter().collect();
    stored.extend(first(object).filter(|it| !stored.contains(it)));
    if stored.is_empty() {
        let nil = if object.since(34) { "null" } else { "[]string(nil)" };
        return object.named("status.storedVersions").invalid_shown(nil, "must have at least one stored version");
    }
    let shown: Vec<String> = stored.iter().map(|it| seaworthy_cel::quoted(it)).collect();
    let list = shown.join(if object.since(34) { "," } else { ", " });
    let shown = if object.since(34) { format!("[{list}]") } else { format!("[]string{{{list}}}") };
    let mut missing: Vec<(usize, &str)> = stored.into_iter().enumerate().collect();
    for version in object.at("spec.versions").items() {
        let name = version.str_of("name");
        let was_missing = missing.len();
        missing.retain(|it| it.1 != name);
        if version.bool_of("storage") && missing.len() == was_missing {
            let words = format!("must have the storage version {name}");
            object.named("status.storedVersions").invalid_shown(&shown, &words);
        }
    }
    for (index, name) in missing {
        let words = format!(
            "missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a \
             storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions"
        );
        object.named(format!("status.storedVersions[{index}]")).invalid_text(name, &words);
    }
}

/// `validateAPIApproval`: groups of the community are taken with a word of it only.
fn approval(object: Value<'_>) {
    const KEY: &str = "api-approved.kubernetes.io";
    let group = object.at("spec.group").str();
    let protected = ["k8s.io", "kubernetes.io"]
        .into_iter()
        .any(|it| group.strip_suffix(it).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if !protected {
        return;
    }
    let annotations = object.at("metadata.annotations");
    let text = annotations.entry(KEY).map_or("", Value::str);
    let field = annotations.entry(KEY).unwrap_or(object.get("metadata"));
    let field = field.named(format!("metadata.annotations[{KEY}]"));
    let see = "see https://github.com/kubernetes/enhancements/pull/1111";
    if text.is_empty() {
        field.required(&format!("protected groups must have approval annotation \"{KEY}\", {see}"));
    } else if !text.starts_with("unapproved") && !webhook::is_absolute(text) {
        let either = "with either a URL or a reason starting with \"unapproved\"";
        field.invalid_text(text, &format!("protected groups must have approval annotation \"{KEY}\" {either}, {see}"));
    }
}
