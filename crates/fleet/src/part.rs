//! What a reference names inside of its other end: keys and ports.

use seaworthy_object::{Field, Object};

use crate::Fleet;

/// The values under the keys of a ConfigMap or Secret, or the ports of a Service: what others name in it.
pub fn parts<'a>(object: &'a Object<'a>) -> impl Iterator<Item = Field<'a>> + use<'a> {
    let maps: &[&str] = match (object.group_kind().group, object.kind()) {
        ("", "ConfigMap") => &["data", "binaryData"],
        ("", "Secret") => &["data", "stringData"],
        _ => &[],
    };
    let keys =
        maps.iter().filter_map(|key| object.field().get(key)).flat_map(|it| it.entries().map(|(_, value)| value));
    let ports = object.is("", "Service").then(|| object.field().items_at("spec.ports")).into_iter().flatten();
    keys.chain(ports)
}

/// True if a reference that says `name` means this part: a key of that name, or a port of that name or number.
#[must_use]
pub fn is_part(part: Field<'_>, name: &str) -> bool {
    match part.node().key() {
        Some(key) => key.text() == name,
        None => ["name", "port"].into_iter().any(|it| part.get(it).is_some_and(|it| it.text() == name)),
    }
}

impl<'a> Fleet<'a> {
    /// The selections of all objects of a namespace, in the order of the objects.
    pub fn selections_in<'q>(&'q self, namespace: &'q str) -> impl Iterator<Item = crate::Selection<'a>> + use<'a, 'q> {
        let selections = self.objects().iter().copied().flat_map(crate::selections);
        selections.filter(move |it| it.namespace == Some(namespace))
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_object::Catalog;
    use seaworthy_source::Source;

    use super::*;

    #[test]
    fn keys_and_ports() {
        let catalog = Catalog::built_in();
        let says = |yaml: &str, name: &str| {
            let documents = seaworthy_document::read(&Source::new("a.yaml", yaml));
            let object = Object::new(documents[0].root().unwrap(), &catalog, "default").unwrap();
            let found: Vec<String> = parts(&object).filter(|it| is_part(*it, name)).map(|it| it.path()).collect();
            found
        };
        let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: '1'}, binaryData: {b: MQ==}}";
        assert_eq!(says(map, "b"), ["binaryData.b"]);
        assert!(says(map, "c").is_empty());
        let service = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80, name: web}]}}";
        assert_eq!(says(service, "80"), ["spec.ports[0]"]);
        assert_eq!(says(service, "web"), ["spec.ports[0]"]);
    }
}
