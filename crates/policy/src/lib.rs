//! Which rules speak, how loud, and which of their findings somebody accepted.
//!
//! *Architecture invariant:* this crate knows the rules' names and levels, not what they look for, and no files.

mod baseline;
mod comments;
mod declared;
mod suppress;

pub use baseline::{Baseline, NoBaseline};
use seaworthy_diagnostic::Level;
use seaworthy_rules::{AnyRule, Category, Choice, Meta, Pack};
pub use suppress::{Accepted, Applied, Suppressions};

use suppress::Suppress;

/// What a user chose: packs, levels, options and suppressions, and rules or categories to run alone or to leave out.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    packs: Vec<Pack>,
    levels: Vec<(&'static str, Option<Level>)>,
    configured: Vec<AnyRule>,
    only: Vec<Selection>,
    skip: Vec<Selection>,
    suppress: Vec<Suppress>,
    locked: Vec<Lock>,
}

/// What only a policy may suppress.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lock {
    All,
    Some(Selection),
}

/// A rule or a category, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All rules of a category.
    Category(Category),
    /// One rule.
    Rule(&'static str),
}

/// A name that is neither rule, category nor pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what} is called `{name}`{}", nearest.as_ref().map(|it| format!(": did you mean `{it}`?")).unwrap_or_default())]
pub struct UnknownName {
    what: &'static str,
    name: String,
    nearest: Option<String>,
}

impl Selection {
    /// The rule or category of a name.
    ///
    /// # Errors
    /// Neither is called so; the error names the nearest.
    pub fn named(name: &str) -> Result<Self, UnknownName> {
        if let Some(category) = Category::ALL.into_iter().find(|it| it.as_str() == name) {
            return Ok(Selection::Category(category));
        }
        let rules = seaworthy_rules::all();
        if let Some(rule) = rules.iter().find(|rule| rule.meta().id == name) {
            return Ok(Selection::Rule(rule.meta().id));
        }
        let names = rules.iter().map(|rule| rule.meta().id).chain(Category::ALL.into_iter().map(Category::as_str));
        Err(unknown("rule or category", name, names))
    }

    fn holds(&self, meta: &Meta) -> bool {
        match self {
            Selection::Category(category) => *category == meta.category,
            Selection::Rule(id) => *id == meta.id,
        }
    }
}

/// The pack of a name.
///
/// # Errors
/// None is called so; the error names the nearest.
pub fn pack(name: &str) -> Result<Pack, UnknownName> {
    Pack::ALL
        .into_iter()
        .find(|pack| pack.as_str() == name)
        .ok_or_else(|| unknown("pack", name, Pack::ALL.into_iter().map(Pack::as_str)))
}

fn unknown<'c>(what: &'static str, name: &str, names: impl Iterator<Item = &'c str>) -> UnknownName {
    let nearest = seaworthy_fleet::nearest(name, names).map(str::to_owned);
    UnknownName { what, name: name.to_owned(), nearest }
}

impl Policy {
    /// A policy with these packs on top of the default one.
    #[must_use]
    pub fn with_packs(mut self, packs: impl IntoIterator<Item = Pack>) -> Self {
        self.packs.extend(packs);
        self
    }

    /// A policy that runs only these.
    #[must_use]
    pub fn with_only(mut self, only: impl IntoIterator<Item = Selection>) -> Self {
        self.only.extend(only);
        self
    }

    /// A policy that leaves these out.
    #[must_use]
    pub fn with_skip(mut self, skip: impl IntoIterator<Item = Selection>) -> Self {
        self.skip.extend(skip);
        self
    }

    /// The same policy with another on top, which beats it where both speak.
    #[must_use]
    pub fn under(mut self, top: &Policy) -> Self {
        self.packs.extend(&top.packs);
        self.levels.extend(&top.levels);
        self.configured.extend(top.configured.iter().cloned());
        self.only.extend(top.only.iter().cloned());
        self.skip.extend(top.skip.iter().cloned());
        self.suppress.extend(top.suppress.iter().cloned());
        self.locked.extend(top.locked.iter().cloned());
        self
    }

    /// The same policy, apart from the document that states it: what a program keeps when the document is gone.
    #[must_use]
    pub fn detached(mut self) -> Self {
        self.suppress.iter_mut().for_each(|it| it.at = None);
        self
    }

    /// How many suppressions of it stand in a source.
    #[must_use]
    pub fn suppressions(&self) -> usize {
        self.suppress.iter().filter(|it| it.at.is_some()).count()
    }

    /// True if comments and annotations cannot suppress a rule.
    fn locks(&self, meta: &Meta) -> bool {
        self.locked.iter().any(|lock| match lock {
            Lock::All => true,
            Lock::Some(selection) => selection.holds(meta),
        })
    }

    /// How loud a rule is; none if it is off. A level that is set counts, else the loudest of the packs; a rule that is
    /// off by default and named alone by `--only` speaks as a warning.
    #[must_use]
    pub fn level(&self, meta: &Meta) -> Option<Level> {
        if self.skip.iter().any(|it| it.holds(meta)) {
            return None;
        }
        let named = self.names(meta);
        if !self.only.is_empty() && !self.only.iter().any(|it| it.holds(meta)) {
            return None;
        }
        if let Some((_, level)) = self.levels.iter().rev().find(|(id, _)| *id == meta.id) {
            return level.or(named.then_some(Level::Warning));
        }
        let in_packs = self.packs.iter().filter_map(|&pack| level_in(meta, pack)).max();
        meta.level.max(in_packs).or(named.then_some(Level::Warning))
    }

    /// True if somebody chose how loud a rule is, be it as loud as usual.
    #[must_use]
    pub fn states_level(&self, meta: &Meta) -> bool {
        self.levels.iter().any(|(id, _)| *id == meta.id)
    }

    /// True if `--only` names the rule itself.
    fn names(&self, meta: &Meta) -> bool {
        self.only.iter().any(|it| matches!(it, Selection::Rule(_)) && it.holds(meta))
    }

    /// Who says how loud it is.
    fn choice(&self, meta: &Meta) -> Choice {
        let pack = self.packs.iter().copied().filter(|&pack| level_in(meta, pack).is_some()).max();
        match pack {
            _ if self.states_level(meta) => Choice::Name,
            Some(pack) => Choice::Pack(pack),
            None if self.names(meta) => Choice::Name,
            None => Choice::Usual,
        }
    }

    /// The rules that speak, each with its options and its level.
    #[must_use]
    pub fn active(&self) -> Vec<(AnyRule, Level)> {
        let configured = |rule: AnyRule| {
            let id = rule.meta().id;
            self.configured.iter().rev().find(|it| it.meta().id == id).cloned().unwrap_or(rule)
        };
        let rules = seaworthy_rules::all().into_iter().map(configured);
        let heard = |rule: AnyRule| {
            let (level, choice) = (self.level(rule.meta())?, self.choice(rule.meta()));
            Some((rule.chosen(choice), level))
        };
        rules.filter_map(heard).collect()
    }
}

fn level_in(meta: &Meta, pack: Pack) -> Option<Level> {
    let stated = meta.packs.iter().find(|(it, _)| *it == pack).map(|&(_, level)| level);
    stated.or_else(|| level_in(meta, pack.includes()?))
}
