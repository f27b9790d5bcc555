//! The types that schemas declare, with the sizes their values can have (apiserver's `pkg/cel/types.go` and
//! `pkg/cel/common/schemas.go`).

use crate::environment::Fields;
use crate::types::Type;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a schema says of a value.
#[derive(Clone, Debug)]
pub struct Declared {
    shape: Shape,
    /// How many elements or code points it can have at most.
    pub(crate) most: u64,
    /// How many bytes of JSON it takes at least.
    least_size: u64,
}

#[derive(Clone, Debug)]
enum Shape {
    Simple(Type),
    List(Box<Declared>),
    Map(Box<Declared>),
    Object(BTreeMap<Arc<str>, Declared>),
}

impl Declared {
    /// The type of a variable of this, with the objects in it named by `name` and their path.
    pub(crate) fn name(&self, name: &str, objects: &mut BTreeMap<Arc<str>, Fields>) -> Type {
        match &self.shape {
            Shape::Simple(ty) => ty.clone(),
            Shape::List(element) => Type::list(element.name(&format!("{name}.@idx"), objects)),
            Shape::Map(value) => Type::map(Type::String, value.name(&format!("{name}.@elem"), objects)),
            Shape::Object(fields) => {
                let ty: Arc<str> = name.into();
                let named = |(field, declared): (&Arc<str>, &Self)| {
                    (field.clone(), declared.name(&format!("{name}.{field}"), objects))
                };
                let fields = fields.iter().map(named).collect();
                objects.insert(ty.clone(), fields);
                Type::Object(ty)
            }
        }
    }
}

/// Words of CEL that a field can be named without being declared by them.
pub(crate) fn is_keyword(_name: &str) -> bool {
    false
}
