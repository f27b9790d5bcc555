//! What a finding is called from run to run.

use seaworthy_source::order;
use std::collections::BTreeMap;
use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::{Diagnostic, Report};

/// Of long marked texts so much counts.
const MARKED: usize = 200;

impl Report {
    /// A name for each finding, in the order of [`Report::diagnostics`]: 32 hexadecimal digits, different within a
    /// report, the same in the next run on the same machine or another.
    ///
    /// It is made of the rule, the file, the object, the field without its list indices and the text that is marked,
    /// so that it survives what moves lines and list items. Findings alike in all of that are counted, accepted ones
    /// too: to accept one does not rename the next.
    #[must_use]
    pub fn fingerprints(&self) -> Vec<String> {
        let mut accepted: Vec<&Diagnostic> = self.suppressed.iter().map(|it| &it.diagnostic).collect();
        order::sort_by_key(&mut accepted, |it| (it.at.source, it.at.span));
        let mut accepted = accepted.into_iter().peekable();
        let mut alike: BTreeMap<u128, u32> = BTreeMap::new();
        let mut count = |finding: &Diagnostic| {
            let identity = self.identity(finding);
            let number = alike.entry(identity).or_default();
            *number += 1;
            (identity, *number)
        };
        let named = self.diagnostics.iter().map(|finding| {
            while let Some(before) =
                accepted.next_if(|it| (it.at.source, it.at.span) < (finding.at.source, finding.at.span))
            {
                count(before);
            }
            let (identity, number) = count(finding);
            let mut hasher = SipHasher13::new();
            hasher.write(&identity.to_le_bytes());
            hasher.write(&number.to_le_bytes());
            format!("{:032x}", hasher.finish128().as_u128())
        });
        named.collect()
    }

    /// What a finding says of what, in a number.
    fn identity(&self, finding: &Diagnostic) -> u128 {
        let mut hasher = SipHasher13::new();
        let mut part = |text: &str| {
            hasher.write(text.as_bytes());
            // No UTF-8 holds this byte, so that parts do not run into one another.
            hasher.write(&[0xff]);
        };
        part(finding.rule);
        let file = self.file(&finding.at).replace('\\', "/");
        part(file.trim_start_matches("./"));
        if let Some(object) = &finding.at.object {
            part(&object.kind);
            part(object.namespace.as_deref().unwrap_or(""));
            part(&object.name);
        }
        part(&without_indices(&finding.at.path));
        // A digest of a short secret tells the secret.
        if !finding.conceal {
            let marked = self.source(finding.at.source).map_or("", |source| source.slice(finding.at.span));
            part(marked.get(..marked.floor_char_boundary(MARKED)).unwrap_or(marked).trim());
        }
        hasher.finish128().as_u128()
    }
}

/// `spec.containers[0].image` as `spec.containers[].image`; keys in brackets stay.
fn without_indices(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        plain.push('[');
        rest = after.trim_start_matches(|it: char| it.is_ascii_digit());
        if !rest.starts_with(']') {
            rest = after;
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use seaworthy_source::{Source, SourceId, Span};

    use super::*;
    use crate::{Level, Location, ObjectRef, Silencer, Suppressed};

    fn finding(text: &str, marked: &str, nth: usize, path: &str) -> Diagnostic {
        let start = text.match_indices(marked).nth(nth).unwrap().0;
        let object = ObjectRef {
            api_version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            namespace: Some("default".to_owned()),
            name: "web".to_owned(),
        };
        let at = Location {
            source: SourceId(0),
            document: 0,
            span: Span::of(start..start + marked.len()),
            path: path.to_owned(),
            object: Some(Arc::new(object)),
        };
        Diagnostic {
            rule: "image-latest",
            category: "image",
            level: Level::Warning,
            message: String::new(),
            help: None,
            at,
            label: None,
            conceal: false,
            related: Vec::new(),
            fix: None,
            api: None,
            kubernetes_versions: Vec::new(),
        }
    }

    fn fingerprints(file: &str, text: &str, places: &[(&str, usize, &str)]) -> Vec<String> {
        let diagnostics = places.iter().map(|&(marked, nth, path)| finding(text, marked, nth, path)).collect();
        let report = Report { sources: vec![Source::new(file, text)], diagnostics, ..Report::default() };
        report.fingerprints()
    }

    #[test]
    fn moved_lines_and_items_keep_their_fingerprint() {
        let before = fingerprints("a/web.yaml", "- nginx\n", &[("nginx", 0, "spec.containers[0].image")]);
        let after =
            fingerprints("./a/web.yaml", "# new\n- redis:7\n- nginx\n", &[("nginx", 0, "spec.containers[1].image")]);
        assert_eq!(before, after);
        assert_eq!(before[0].len(), 32);
    }

    #[test]
    fn other_values_fields_and_files_have_another() {
        let one = ("nginx", 0, "spec.containers[0].image");
        let base = fingerprints("web.yaml", "nginx redis", &[one]);
        for other in [
            fingerprints("web.yaml", "nginx redis", &[("redis", 0, one.2)]),
            fingerprints("web.yaml", "nginx redis", &[(one.0, 0, "spec.initContainers[0].image")]),
            fingerprints("api.yaml", "nginx redis", &[one]),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn findings_alike_are_told_apart() {
        let twice = [("nginx", 0, "spec.containers[0].image"), ("nginx", 1, "spec.containers[1].image")];
        let names = fingerprints("web.yaml", "nginx nginx", &twice);
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn to_accept_a_finding_does_not_rename_the_next() {
        let twice = [("nginx", 0, "spec.containers[0].image"), ("nginx", 1, "spec.containers[1].image")];
        let names = fingerprints("web.yaml", "nginx nginx", &twice);
        let [first, second] = twice.map(|(marked, nth, path)| finding("nginx nginx", marked, nth, path));
        let accepted = Suppressed { diagnostic: first, by: Silencer::Baseline, reason: None };
        let sources = vec![Source::new("web.yaml", "nginx nginx")];
        let report = Report { sources, diagnostics: vec![second], suppressed: vec![accepted], ..Report::default() };
        assert_eq!(report.fingerprints(), names[1..]);
    }

    #[test]
    fn a_secret_is_not_digested() {
        let name = |secret: &str| {
            let mut finding = finding(secret, secret, 0, "data.password");
            finding.conceal = true;
            let sources = vec![Source::new("a.yaml", secret)];
            Report { sources, diagnostics: vec![finding], ..Report::default() }.fingerprints()
        };
        assert_eq!(name("hunter2"), name("letmein"));
    }

    #[test]
    fn keys_in_brackets_are_no_indices() {
        assert_eq!(without_indices("data[a.b].list[12][3].x"), "data[a.b].list[][].x");
        assert_eq!(without_indices("data[12.b]"), "data[12.b]");
    }
}
