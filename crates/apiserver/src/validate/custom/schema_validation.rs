//! Does a value follow its schema? As the server's validator of OpenAPI schemas has it, with its addresses and words.
//!
//! k8s.io/kube-openapi, pkg/validation/validate and pkg/validation/errors; k8s.io/apiextensions-apiserver,
//! pkg/apiserver/validation (`kubeOpenAPIResultToFieldErrors`).

use seaworthy_document::NodeId;

use super::super::run::Run;
use super::super::words::{self, Reason};
use super::correlated::Correlated;
use super::formats;
use super::item::{Data, Item, plain_number};
use super::schema::{Additional, Limits, Schema, SchemaId, Schemas, Type};

/// The version that knows a number's type and format when it looks at its limits.
const NUMBER_FORMATS: u8 = 37;

/// The version that knows formats by type; earlier ones know those of texts for all types.
const TYPED_FORMATS: u8 = 36;

/// Where a value stands: what leads to it from the top.
#[derive(Clone, Copy)]
pub(crate) enum Way<'w> {
    /// The value that is validated.
    Top,
    /// Under a key.
    Key(&'w Way<'w>, &'w str),
    /// Under a key that the schema does not list; at the top too a dot stands before it.
    Other(&'w Way<'w>, &'w str),
    /// In a list.
    Index(&'w Way<'w>, usize),
}

impl Way<'_> {
    /// `spec.rules[0].name`
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Way::Top => {}
            Way::Key(around, key) => {
                around.write(out);
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Way::Other(around, key) => {
                around.write(out);
                out.push('.');
                out.push_str(key);
            }
            Way::Index(around, index) => {
                around.write(out);
                out.push_str(&format!("[{index}]"));
            }
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// Where it points.
    pub(crate) node: NodeId,
    /// The address; none where the validator gives none.
    pub(crate) path: Option<String>,
    pub(crate) reason: Reason,
    /// The value as it is printed, where it is.
    pub(crate) shown: Option<String>,
    pub(crate) detail: String,
    /// The validator's own words: of what it says twice, once counts.
    message: String,
}

/// What was found, and how many checks passed, which tells the nearest of several schemas.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) list: Vec<Finding>,
    matches: u32,
}

impl Findings {
    fn merge(&mut self, other: Findings) {
        self.list.extend(other.list);
        self.matches += other.matches;
    }

    fn is_valid(&self) -> bool {
        self.list.is_empty()
    }
}

/// What is known of a value before it changed.
type Was<'w, 'c> = Option<&'w Correlated<'c>>;

/// Validates values by the schemas of an arena.
pub(crate) struct SchemaValidator<'s, 'r> {
    pub(crate) schemas: &'s Schemas,
    pub(crate) run: &'r Run<'r>,
    /// Whether formats that nothing looks at count as absent: not for defaults.
    pub(crate) known_formats: bool,
}

impl SchemaValidator<'_, '_> {
    /// All that is wrong with a value, each thing once, but for what was so before.
    pub(crate) fn validate<'c>(&self, item: &'c Item<'c>, was: Was<'_, 'c>, schema: SchemaId) -> Vec<Finding> {
        let mut findings = Findings::default();
        self.value(item, was, schema, &Way::Top, &mut findings);
        let mut seen = std::collections::HashSet::new();
        findings.list.retain(|it| seen.insert(it.message.clone()));
        findings.list
    }

    /// What is wrong with a value that did not change is let pass (`ratchetingValueValidator`).
    fn value<'c>(&self, item: &'c Item<'c>, was: Was<'_, 'c>, id: SchemaId, way: &Way<'_>, out: &mut Findings) {
        let said = out.list.len();
        self.changed(item, was, id, way, out);
        if out.list.len() > said && was.is_some_and(|it| it.is_unchanged(self.schemas)) {
            out.list.truncate(said);
        }
    }

    fn changed<'c>(&self, item: &'c Item<'c>, was: Was<'_, 'c>, id: SchemaId, way: &Way<'_>, out: &mut Findings) {
        let Some(schema) = self.schemas.get(id) else { return };
        self.ty(item, schema, way, out);
        if item.is_null() {
            return self.allowed(item, schema.limits(), way, out);
        }
        // Each validator that applies counts, whatever it says.
        let format = self.format(schema);
        out.matches += 3 + u32::from(schema.ty.is_some() || schema.int_or_string || format.is_some());
        if let Some(limits) = &schema.limits {
            self.combined(item, was, limits, way, out);
            self.allowed(item, limits, way, out);
        }
        out.matches += 1;
        match &item.data {
            Data::Text(text) => {
                out.matches += 1 + u32::from(format.is_some());
                self.text(item, text, schema, format, way, out);
            }
            Data::Int(_) | Data::Float(_) => {
                out.matches += 2;
                self.number(item, schema, way, out);
            }
            Data::List(_) => {
                out.matches += 2;
                self.list(item, was, schema, way, out);
            }
            Data::Map(_) => {
                out.matches += 1;
                self.map(item, was, schema, way, out);
            }
            Data::Null | Data::Bool(_) => {}
        }
    }

    /// The format, where servers of this version know it (`StripUnsupportedFormatsPostProcessorForVersion`).
    fn format<'f>(&self, schema: &'f Schema) -> Option<&'f str> {
        let format = schema.limits.as_ref()?.format.as_deref()?;
        if !self.known_formats {
            return Some(format);
        }
        let since = |minor| self.run.since(minor);
        let ty = if schema.int_or_string { None } else { schema.ty };
        let known = match ty {
            None | Some(Type::String) => formats::is_known(format, &since),
            _ if !since(TYPED_FORMATS) => formats::is_known(format, &since),
            Some(Type::Integer) => matches!(format, "int32" | "int64"),
            Some(Type::Number) => matches!(format, "float" | "double"),
            _ => false,
        };
        known.then_some(format)
    }

    /// `typeValidator`
    fn ty(&self, item: &Item<'_>, schema: &Schema, way: &Way<'_>, out: &mut Findings) {
        let (integer, string, number) = if schema.int_or_string {
            (true, true, false)
        } else {
            (schema.ty == Some(Type::Integer), schema.ty == Some(Type::String), schema.ty == Some(Type::Number))
        };
        let format = self.format(schema);
        let untyped = schema.ty.is_none() && !schema.int_or_string;
        if untyped && format.is_none() {
            return;
        }
        let (found, found_format, fits) = match &item.data {
            Data::Null => {
                if untyped || schema.nullable {
                    out.matches += 1;
                } else {
                    self.wrong_type(item, names(schema), "null", way, out);
                }
                return;
            }
            Data::Bool(_) => ("boolean", "", schema.ty == Some(Type::Boolean) && !schema.int_or_string),
            Data::Int(_) => ("integer", "int64", integer || number),
            Data::Float(value) => ("number", "float64", number || (integer && is_whole(*value))),
            Data::Text(_) => ("string", "", string),
            Data::List(_) => ("array", "", schema.ty == Some(Type::Array) && !schema.int_or_string),
            Data::Map(_) => ("object", "", schema.ty == Some(Type::Object) && !schema.int_or_string),
        };
        if let Some(format) = format {
            let is_text = matches!(item.data, Data::Text(_) | Data::List(_));
            if !is_text && !fits && found_format != format {
                return self.wrong_type(item, format, found_format, way, out);
            }
            if is_text && !number && !integer {
                out.matches += 1;
                return;
            }
        }
        if fits {
            out.matches += 1;
        } else {
            self.wrong_type(item, names(schema), found, way, out);
        }
    }

    /// `errors.InvalidType`: the server shows the type in the place of the value.
    fn wrong_type(&self, item: &Item<'_>, wanted: &str, found: &str, way: &Way<'_>, out: &mut Findings) {
        let found = seaworthy_cel::quoted(found);
        let message = format!("{} in body must be of type {wanted}: {found}", way.text());
        self.say(item, way, Reason::TypeInvalid, Some(found), message, out);
    }

    fn text(
        &self,
        item: &Item<'_>,
        text: &str,
        schema: &Schema,
        format: Option<&str>,
        way: &Way<'_>,
        out: &mut Findings,
    ) {
        let Some(limits) = &schema.limits else { return };
        self.length(item, text, limits, way, out);
        if let Some(format) = format.filter(|it| formats::is_known(it, &|_| true) && !formats::fits(it, text)) {
            let message = format!("{} in body must be of type {format}: {}", way.text(), seaworthy_cel::quoted(text));
            self.say(item, way, Reason::TypeInvalid, Some(seaworthy_cel::quoted(text)), message, out);
        }
    }

    /// `stringValidator`: the first thing that is wrong.
    fn length(&self, item: &Item<'_>, text: &str, limits: &Limits, way: &Way<'_>, out: &mut Findings) {
        let length = || i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        if let Some(limit) = limits.max_length.filter(|limit| length() > *limit) {
            let message = format!("{} in body should be at most {limit} chars long", way.text());
            let detail = words::too_long(self.run, usize::try_from(limit).unwrap_or(0));
            return self.say_as(item, way, (Reason::TooLong, None), detail, message, out);
        }
        if let Some(limit) = limits.min_length.filter(|limit| length() < *limit) {
            let message = format!("{} in body should be at least {limit} chars long", way.text());
            return self.say(item, way, Reason::Invalid, Some(seaworthy_cel::quoted(text)), message, out);
        }
        if let Some(pattern) = &limits.pattern
            && pattern.is_in(text) == Some(false)
        {
            let message = format!("{} in body should match '{}'", way.text(), pattern.text);
            self.say(item, way, Reason::Invalid, Some(seaworthy_cel::quoted(text)), message, out);
        }
    }

    /// `numberValidator`
    fn number(&self, item: &Item<'_>, schema: &Schema, way: &Way<'_>, out: &mut Findings) {
        if schema.ty == Some(Type::Integer) && !schema.int_or_string && self.exceeds(item, schema) {
            let format = schema.limits().format.as_deref().filter(|it| matches!(*it, "int32" | "int64"));
            let named = format.map_or("(default format)".to_owned(), |it| format!("with format {it}"));
            if self.run.since(NUMBER_FORMATS) {
                let message = format!("Checked value must be of type integer {named} in {}", way.text());
                self.say_nowhere(item, message, out);
            }
        }
        let Some(limits) = &schema.limits else { return };
        let limit = |bound: f64| match &item.data {
            #[allow(clippy::cast_possible_truncation, reason = "Go compares integers with the whole part of a limit")]
            Data::Int(_) => (bound as i64).to_string(),
            _ => plain_number(bound),
        };
        if let Some(factor) = limits.multiple_of {
            self.multiple(item, factor, limit(factor), way, out);
        }
        if let Some(bound) = limits.minimum
            && is_beyond(item, bound, limits.exclusive_minimum, false)
        {
            let than = if limits.exclusive_minimum { "greater than" } else { "greater than or equal to" };
            let message = format!("{} in body should be {than} {}", way.text(), limit(bound));
            self.say(item, way, Reason::Invalid, Some(item.shown(self.run)), message, out);
        }
        if let Some(bound) = limits.maximum
            && is_beyond(item, bound, limits.exclusive_maximum, true)
        {
            let than = if limits.exclusive_maximum { "less than" } else { "less than or equal to" };
            let message = format!("{} in body should be {than} {}", way.text(), limit(bound));
            self.say(item, way, Reason::Invalid, Some(item.shown(self.run)), message, out);
        }
    }

    /// `MultipleOf`; of an integer the whole part of the factor counts.
    fn multiple(&self, item: &Item<'_>, factor: f64, shown: String, way: &Way<'_>, out: &mut Findings) {
        let whole = matches!(item.data, Data::Int(_));
        if factor <= 0.0 || (whole && factor < 1.0) {
            let message = format!("factor MultipleOf declared for {} must be positive: {shown}", way.text());
            self.say(item, way, Reason::Invalid, Some(shown), message, out);
        } else if !is_multiple(item, factor) {
            let message = format!("{} in body should be a multiple of {shown}", way.text());
            self.say(item, way, Reason::Invalid, Some(item.shown(self.run)), message, out);
        }
    }

    /// Whether an integer is beyond its format (`IsValueValidAgainstRange`).
    fn exceeds(&self, item: &Item<'_>, schema: &Schema) -> bool {
        match item.data {
            Data::Int(number) => schema.limits().format.as_deref() == Some("int32") && i32::try_from(number).is_err(),
            Data::Float(_) => true,
            _ => false,
        }
    }

    fn list<'c>(&self, item: &'c Item<'c>, was: Was<'_, 'c>, schema: &Schema, way: &Way<'_>, out: &mut Findings) {
        let Data::List(items) = &item.data else { return };
        if let Some(id) = schema.items {
            let former = was.map(|it| it.items(self.schemas)).unwrap_or_default();
            for (index, inner) in items.iter().enumerate() {
                let was = was.and_then(|it| it.item(&former, inner, self.schemas));
                self.value(inner, was.as_ref(), id, &Way::Index(way, index), out);
            }
        }
        let Some(limits) = &schema.limits else { return };
        let size = i64::try_from(items.len()).unwrap_or(i64::MAX);
        if let Some(limit) = limits.min_items.filter(|limit| size < *limit) {
            let message = format!("{} in body should have at least {limit} items", way.text());
            self.say(item, way, Reason::Invalid, Some(size.to_string()), message, out);
        }
        if let Some(limit) = limits.max_items.filter(|limit| size > *limit) {
            let message = format!("{} in body should have at most {limit} items", way.text());
            self.too_many(item, size, limit, message, way, out);
        }
        if limits.unique_items && !is_unique(items) {
            let message = format!("{} in body shouldn't contain duplicates", way.text());
            self.say(item, way, Reason::Invalid, Some("\"\"".to_owned()), message, out);
        }
    }

    fn too_many(&self, item: &Item<'_>, size: i64, limit: i64, message: String, way: &Way<'_>, out: &mut Findings) {
        let detail = words::too_many(self.run, usize::try_from(limit).unwrap_or(0));
        self.say_as(item, way, (Reason::TooMany, Some(size.to_string())), detail, message, out);
    }

    /// `objectValidator`
    fn map<'c>(&self, item: &'c Item<'c>, was: Was<'_, 'c>, schema: &Schema, way: &Way<'_>, out: &mut Findings) {
        let Data::Map(entries) = &item.data else { return };
        self.counted(item, entries.len(), schema.limits(), way, out);
        for (key, value) in entries {
            let was = was.and_then(|it| it.key(key, value, self.schemas));
            let was = was.as_ref();
            match schema.property(key) {
                Some(id) => self.value(value, was, id, &Way::Key(way, key), out),
                None => match schema.additional {
                    Additional::Like(id) => self.value(value, was, id, &Way::Other(way, key), out),
                    Additional::Allowed(false) => {
                        let message = format!("{}.{key} in body is a forbidden property", way.text());
                        self.say(value, way, Reason::Invalid, Some(seaworthy_cel::quoted(key)), message, out);
                    }
                    Additional::Allowed(true) | Additional::Unsaid => {}
                },
            }
        }
        for name in &schema.limits().required {
            if item.get(name).is_none() {
                let way = Way::Key(way, name);
                let message = format!("{} in body is required", way.text());
                self.say_as(item, &way, (Reason::Required, None), String::new(), message, out);
            }
        }
    }

    fn counted(&self, item: &Item<'_>, size: usize, limits: &Limits, way: &Way<'_>, out: &mut Findings) {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        if let Some(limit) = limits.min_properties.filter(|limit| size < *limit) {
            let message = format!("{} in body should have at least {limit} properties", way.text());
            self.say(item, way, Reason::Invalid, Some(size.to_string()), message, out);
        }
        if let Some(limit) = limits.max_properties.filter(|limit| size > *limit) {
            let message = format!("{} in body should have at most {limit} properties", way.text());
            self.too_many(item, size, limit, message, way, out);
        }
    }

    /// `basicCommonValidator`: one of the values that are listed.
    fn allowed(&self, item: &Item<'_>, limits: &Limits, way: &Way<'_>, out: &mut Findings) {
        if limits.allowed.is_empty() || limits.allowed.iter().any(|it| is_same(item, it)) {
            return;
        }
        let values: Vec<String> =
            limits.allowed.iter().map(|it| it.as_str().map_or_else(|| it.json(), str::to_owned)).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let message = format!("{} in body should be one of", way.text());
        let said = (Reason::NotSupported, Some(item.shown(self.run)));
        self.say_as(item, way, said, words::supported(&values), message, out);
    }

    /// `schemaPropsValidator`: what several schemas say together.
    fn combined<'c>(&self, item: &'c Item<'c>, was: Was<'_, 'c>, limits: &Limits, way: &Way<'_>, out: &mut Findings) {
        if !limits.any_of.is_empty() {
            self.any_of(item, was, &limits.any_of, way, out);
        }
        if !limits.one_of.is_empty() {
            self.one_of(item, was, &limits.one_of, way, out);
        }
        if !limits.all_of.is_empty() {
            self.all_of(item, was, &limits.all_of, way, out);
        }
        if let Some(id) = limits.not
            && self.tried(item, was, id, way).is_valid()
        {
            let message = format!("{} must not validate the schema (not)", seaworthy_cel::quoted(&way.text()));
            self.say_nowhere(item, message, out);
        }
    }

    /// What one of several schemas says of a value.
    fn tried<'c>(&self, item: &'c Item<'c>, was: Was<'_, 'c>, id: SchemaId, way: &Way<'_>) -> Findings {
        let mut findings = Findings::default();
        self.value(item, was, id, way, &mut findings);
        findings
    }

    fn any_of<'c>(
        &self,
        item: &'c Item<'c>,
        was: Was<'_, 'c>,
        schemas: &[SchemaId],
        way: &Way<'_>,
        out: &mut Findings,
    ) {
        let mut best: Option<Findings> = None;
        for id in schemas {
            let findings = self.tried(item, was, *id, way);
            if findings.is_valid() {
                return out.merge(findings);
            }
            if best.as_ref().is_none_or(|it| findings.matches > it.matches) {
                best = Some(findings);
            }
        }
        let message = format!("{} must validate at least one schema (anyOf)", seaworthy_cel::quoted(&way.text()));
        self.say_nowhere(item, message, out);
        out.merge(best.unwrap_or_default());
    }

    fn one_of<'c>(
        &self,
        item: &'c Item<'c>,
        was: Was<'_, 'c>,
        schemas: &[SchemaId],
        way: &Way<'_>,
        out: &mut Findings,
    ) {
        let (mut best, mut first): (Option<Findings>, Option<Findings>) = (None, None);
        let mut valid = 0;
        for id in schemas {
            let findings = self.tried(item, was, *id, way);
            if findings.is_valid() {
                valid += 1;
                best = None;
                first = first.or(Some(findings));
            } else if valid == 0 && best.as_ref().is_none_or(|it| findings.matches > it.matches) {
                best = Some(findings);
            }
        }
        if valid == 1 {
            return out.merge(first.unwrap_or_default());
        }
        let found =
            if valid == 0 { "Found none valid".to_owned() } else { format!("Found {valid} valid alternatives") };
        let path = seaworthy_cel::quoted(&way.text());
        self.say_nowhere(item, format!("{path} must validate one and only one schema (oneOf). {found}"), out);
        out.merge(best.unwrap_or_default());
    }

    fn all_of<'c>(
        &self,
        item: &'c Item<'c>,
        was: Was<'_, 'c>,
        schemas: &[SchemaId],
        way: &Way<'_>,
        out: &mut Findings,
    ) {
        let mut valid = 0;
        for id in schemas {
            let findings = self.tried(item, was, *id, way);
            valid += usize::from(findings.is_valid());
            out.merge(findings);
        }
        if valid != schemas.len() {
            let none = if valid == 0 { ". None validated" } else { "" };
            let path = seaworthy_cel::quoted(&way.text());
            self.say_nowhere(item, format!("{path} must validate all the schemas (allOf){none}"), out);
        }
    }

    /// Says it at its address, in the validator's words.
    fn say(
        &self,
        item: &Item<'_>,
        way: &Way<'_>,
        reason: Reason,
        shown: Option<String>,
        message: String,
        out: &mut Findings,
    ) {
        self.say_as(item, way, (reason, shown), message.clone(), message, out);
    }

    /// Says it at its address, in other words.
    fn say_as(
        &self,
        item: &Item<'_>,
        way: &Way<'_>,
        (reason, shown): (Reason, Option<String>),
        detail: String,
        message: String,
        out: &mut Findings,
    ) {
        let path = way.text();
        let path = Some(path.strip_prefix('.').unwrap_or(&path).to_owned()).filter(|it| !it.is_empty());
        out.list.push(Finding { node: item.node, path, reason, shown, detail, message });
    }

    /// Says it without an address: what is no `errors.Validation`.
    fn say_nowhere(&self, item: &Item<'_>, message: String, out: &mut Findings) {
        let shown = Some("\"\"".to_owned());
        let detail = message.clone();
        out.list.push(Finding { node: item.node, path: None, reason: Reason::Invalid, shown, detail, message });
    }
}

/// The types as the server lists them.
fn names(schema: &Schema) -> &str {
    match schema.ty {
        _ if schema.int_or_string => "integer,string",
        Some(Type::Other) => &schema.limits().odd_type,
        ty => ty.map_or("", Type::name),
    }
}

/// go-openapi/swag, `IsFloat64AJSONInteger`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the conversions are Go's"
)]
fn is_whole(number: f64) -> bool {
    const LIMIT: f64 = 9_007_199_254_740_991.0;
    if !number.is_finite() || number.abs() > LIMIT {
        return false;
    }
    let whole = if number < 0.0 { (number as i64) as u64 as f64 } else { number as u64 as f64 };
    let difference = (number - whole).abs();
    difference == 0.0 || (number != 0.0 && whole != 0.0 && difference / (number.abs() + whole.abs()) < 1e-9)
}

#[allow(clippy::cast_possible_truncation, reason = "Go compares integers with the whole part of a limit")]
fn is_beyond(item: &Item<'_>, bound: f64, exclusive: bool, above: bool) -> bool {
    match item.data {
        Data::Int(number) => {
            let bound = bound as i64;
            (exclusive && number == bound) || if above { number > bound } else { number < bound }
        }
        Data::Float(number) => (exclusive && number == bound) || if above { number > bound } else { number < bound },
        _ => false,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "Go divides integers by the whole part of a factor")]
fn is_multiple(item: &Item<'_>, factor: f64) -> bool {
    match item.data {
        Data::Int(number) => (factor as i64) > 0 && number % (factor as i64) == 0,
        Data::Float(number) if factor > 0.0 => {
            is_whole(if factor < 1.0 { 1.0 / factor * number } else { number / factor })
        }
        _ => false,
    }
}

/// Whether a value is one of an enumeration, after Go's conversion to its type.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the conversions are Go's")]
fn is_same(item: &Item<'_>, listed: &Item<'_>) -> bool {
    match (&item.data, &listed.data) {
        (Data::Null, _) | (_, Data::Null) => false,
        (Data::Int(number), Data::Float(listed)) => *number as f64 == *listed,
        (Data::Float(number), Data::Int(listed)) => *number as i64 == *listed,
        (Data::Int(number), Data::Text(listed)) => {
            let letter = u32::try_from(*number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            listed.chars().eq([letter])
        }
        _ => item == listed,
    }
}

fn is_unique(items: &[Item<'_>]) -> bool {
    let mut seen = std::collections::HashSet::new();
    items.iter().all(|it| seen.insert(it.json()))
}
