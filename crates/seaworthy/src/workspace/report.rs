//! The report of a whole check, of what a workspace knows.

use foldhash::HashMap;
use seaworthy_diagnostic::{Diagnostic, Report, Summary};
use seaworthy_source::{Source, SourceId};

use super::Workspace;
use super::piece::Piece;
use crate::check::{configurations, skipped};
use crate::speakers::Said;
use crate::understanding::objects_of;

/// The report: its sources are numbered from 0.
pub(super) fn of(workspace: &Workspace) -> Report {
    let standing = &workspace.standing;
    let ours: Vec<&Piece> = workspace.files.values().filter_map(|it| standing.piece(it.id?)).collect();
    let known: Vec<&Piece> = standing.known().collect();
    let all = || ours.iter().chain(&known).copied();
    let ids: HashMap<SourceId, SourceId> = all().zip(0..).map(|(it, at)| (it.text().id, SourceId(at))).collect();
    let id = |before: SourceId| ids.get(&before).copied().unwrap_or(before);
    let ground = standing.ground();
    let mut report = Report {
        sources: all().map(|it| it.text().source.clone()).collect::<Vec<Source>>(),
        skipped: skipped(ours.iter().map(|it| (&it.text().source, it.text().documents.as_slice(), it.contents()))),
        kubernetes_versions: ground.facts.versions.iter().map(|version| version.to_string()).collect(),
        summary: Summary {
            files: ours.len(),
            documents: ours.iter().map(|it| it.text().documents.len()).sum(),
            configurations: ours.iter().map(|it| configurations(&it.text().documents, it.contents())).sum(),
            objects: ours.iter().flat_map(|it| it.contents()).map(|it| objects_of(it).len()).sum(),
        },
        ..Report::default()
    };
    let mut said = Said::default();
    said.unknown.extend(ground.unread_facts.iter().cloned());
    for piece in all() {
        let source = piece.text().id;
        said.unknown.extend(workspace.ledger.unknown_in(source).cloned());
        let Some(verdict) = workspace.verdicts.get(&source) else { continue };
        report.diagnostics.extend(verdict.findings.iter().cloned());
        report.suppressed.extend(verdict.suppressed.iter().cloned());
    }
    report.diagnostics.iter_mut().for_each(|it| renumber(it, &id));
    report.suppressed.iter_mut().for_each(|it| renumber(&mut it.diagnostic, &id));
    said.unknown.iter_mut().for_each(|it| it.at.source = id(it.at.source));
    said.sort();
    report.unknown = said.unknown;
    report
}

/// Gives a finding's sources other ids.
pub(super) fn renumber(finding: &mut Diagnostic, id: &impl Fn(SourceId) -> SourceId) {
    finding.at.source = id(finding.at.source);
    finding.related.iter_mut().for_each(|(at, _)| at.source = id(at.source));
    finding.fix.iter_mut().flat_map(|it| &mut it.edits).for_each(|it| it.source = id(it.source));
}
