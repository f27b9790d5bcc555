//! What an expression may name.

use crate::declared::Declared;
use crate::names::is_keyword;
use crate::syntax::Dialect;
use crate::types::Type;
use seaworthy_object::Version;
use std::sync::Arc;

/// Things by their names, sorted: a map in fewer bytes of code than the standard one.
#[derive(Clone, Debug)]
pub(crate) struct Named<T>(Vec<(Arc<str>, T)>);

/// The fields of a type.
pub(crate) type Fields = Named<Type>;

impl<T> Named<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// The thing of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        let found = self.find(name).ok()?;
        self.0.get(found).map(|(_, thing)| thing)
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(of, _)| (**of).cmp(name))
    }

    /// Adds a thing, in place of the one that has its name.
    pub(crate) fn insert(&mut self, name: Arc<str>, thing: T) {
        match self.find(&name) {
            Ok(there) => {
                if let Some(slot) = self.0.get_mut(there) {
                    slot.1 = thing;
                }
            }
            Err(place) => self.0.insert(place, (name, thing)),
        }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (Arc<str>, T)> {
        self.0.iter()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Variables, types and the version of Kubernetes whose libraries there are.
#[derive(Clone, Debug)]
pub struct Environment {
    dialect: Dialect,
    variables: Named<Type>,
    objects: Named<Fields>,
    patches: bool,
}

impl Environment {
    /// What a server of `version` offers to an expression that is new: the libraries of the version before, so that
    /// the cluster can go back to it (apiserver's `DefaultCompatibilityVersion`).
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self::of(version, Version::minor_of(version.minor().saturating_sub(1)))
    }

    /// What a server of `version` offers to an expression that is stored already: all it knows.
    #[must_use]
    pub fn stored(version: Version) -> Self {
        Self::of(version, version)
    }

    fn of(server: Version, libraries: Version) -> Self {
        let dialect = Dialect { server, libraries };
        Self { dialect, variables: Named::new(), objects: Named::new(), patches: false }
    }

    /// The server's and the libraries' version.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Declares a variable.
    #[must_use]
    pub fn with(mut self, name: &str, ty: Type) -> Self {
        self.variables.insert(name.into(), ty);
        self
    }

    /// Declares a type with fields; [`Type::Object`] refers to it by its name.
    #[must_use]
    pub fn with_object(mut self, name: &str, fields: &[(&str, Type)]) -> Self {
        let mut declared = Fields::new();
        for (name, ty) in fields {
            declared.insert((*name).into(), ty.clone());
        }
        self.objects.insert(name.into(), declared);
        self
    }

    /// Declares a variable of a schema's type. Its objects are named by `ty` and the path to them, as error texts
    /// show them.
    #[must_use]
    pub fn with_declared(mut self, name: &str, ty: &str, declared: &Declared) -> Self {
        let ty = declared.name(ty, &mut self.objects);
        self.variables.insert(name.into(), ty);
        self
    }

    /// What expressions of an admission policy or a webhook's match condition may name (apiserver's
    /// `pkg/admission/plugin/cel/compile.go`); the policy's own `variables` are
    /// [declared](Self::with_policy_variables) as they compile.
    #[must_use]
    pub fn admission(version: Version, params: bool, authorizer: bool) -> Self {
        let mut environment = Self::new(version);
        for line in include_str!("declarations/admission.txt").lines() {
            let Some((name, list)) = line.split_once(": ") else { continue };
            let fields = list.split(' ').filter_map(|field| field.split_once('='));
            let fields: Vec<_> = fields.map(|(name, ty)| (name, crate::declarations::ty(ty))).collect();
            if name == "variables" {
                for (name, ty) in fields {
                    let there = match name {
                        "params" => params,
                        "authorizer" | "authorizer.requestResource" => authorizer,
                        _ => true,
                    };
                    if there {
                        environment = environment.with(name, ty);
                    }
                }
            } else {
                environment = environment.with_object(&["kubernetes.", name].concat(), &fields);
            }
        }
        environment
    }

    /// Declares `variables` of a policy: what has compiled so far, with the types it has.
    #[must_use]
    pub fn with_policy_variables(self, variables: &[(&str, Type)]) -> Self {
        const NAME: &str = "kubernetes.variables";
        self.with_object(NAME, variables).with("variables", Type::Object(NAME.into()))
    }

    /// Declares one more of a policy's `variables`, which later expressions see.
    pub fn add_policy_variable(&mut self, name: &str, ty: Type) {
        let name_of = "kubernetes.variables";
        let mut fields = self.objects.get(name_of).cloned().unwrap_or(Fields::new());
        fields.insert(name.into(), ty);
        self.objects.insert(name_of.into(), fields);
    }

    /// The type of a variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Type> {
        self.variables.get(name)
    }

    /// Allows what expressions of a MutatingAdmissionPolicy have beside: `Object{…}`, `JSONPatch{…}` and
    /// `jsonpatch.escapeKey`.
    #[must_use]
    pub fn with_patches(mut self) -> Self {
        self.patches = true;
        let [op, from, path] = ["op", "from", "path"].map(|name| (name, Type::String));
        self.with_object("JSONPatch", &[op, from, path, ("value", Type::Dyn)])
    }

    pub(crate) fn makes_patches(&self) -> bool {
        self.patches
    }

    /// The type of a variable, or of the type that a name stands for.
    pub(crate) fn global(&self, name: &str) -> Option<Type> {
        if let Some(ty) = self.variables.get(name) {
            return Some(ty.clone());
        }
        let ty = self.type_named(name)?;
        // Before 1.32 the provider of declared types gave the types themselves.
        let declared = matches!(name, "duration" | "timestamp") || self.objects.get(name).is_some();
        if declared && self.dialect.server.minor() < 32 { Some(ty) } else { Some(Type::Type(Some(Arc::new(ty)))) }
    }

    /// The type of a name. What `duration`, `timestamp` and `null` name are types of declared fields alone
    /// (apiserver's `findScalar`).
    fn type_named(&self, name: &str) -> Option<Type> {
        let libraries = self.dialect.libraries.minor();
        // Error texts show the parameters as cel-go before 0.29 has them.
        let before_29 = self.dialect.server.minor() < 37;
        let parameter = |letter: u8| if before_29 { Type::Param(u32::from(letter)) } else { Type::Dyn };
        Some(match name {
            "bool" => Type::Bool,
            "bytes" => Type::Bytes,
            "double" => Type::Double,
            "google.protobuf.Duration" => Type::Duration,
            "int" => Type::Int,
            "list" => Type::list(parameter(b'A')),
            "map" => Type::map(parameter(b'A'), parameter(b'B')),
            "null_type" => Type::Null,
            "string" => Type::String,
            "google.protobuf.Timestamp" => Type::Timestamp,
            "type" => Type::Type(None),
            "uint" => Type::Uint,
            // Before cel-go 0.20 it had another name, which nothing looked up.
            "optional_type" if self.dialect.server.minor() < 31 => return None,
            "optional_type" if libraries >= 28 && before_29 => Type::Opaque(name.into(), [].into()),
            "optional_type" if libraries >= 28 => Type::optional(Type::Dyn),
            "net.IP" | "net.CIDR" if libraries >= 30 => Type::Opaque(name.into(), [].into()),
            "duration" if !self.objects.is_empty() => Type::Duration,
            "timestamp" if !self.objects.is_empty() => Type::Timestamp,
            _ if self.objects.get(name).is_some() || self.is_free_object(name) => Type::Object(name.into()),
            _ => return None,
        })
    }

    /// Whether a type has any field, of any type: what a MutatingAdmissionPolicy applies.
    fn is_free_object(&self, name: &str) -> bool {
        self.patches && (name == "Object" || name.starts_with("Object."))
    }

    /// The type of a field: nothing if there is no such type, nothing within if it has no such field.
    pub(crate) fn field(&self, object: &str, field: &str) -> Option<Option<Type>> {
        match self.objects.get(object) {
            Some(fields) => Some(fields.get(field).or_else(|| self.keyword(fields, field)).cloned()),
            None if self.is_free_object(object) => Some(Some(Type::Dyn)),
            None => None,
        }
    }

    /// A field whose name is a word of CEL, which is declared escaped.
    fn keyword<'a>(&self, fields: &'a Fields, field: &str) -> Option<&'a Type> {
        let known = self.dialect.libraries.minor() >= 31 && is_keyword(field);
        if known { fields.get(&format!("__{field}__")) } else { None }
    }
}
