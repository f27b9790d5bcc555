//! What calls cost and how large their results are. A function that is not listed costs one and its arguments.

use super::{Coster, Entries, LIST, Path, REGEX_FACTOR, Range, STRING_FACTOR, STRUCT};
use crate::ast::{ExprId, ExprKind, Literal};
use crate::declarations::{Overload, overloads};
use crate::declared::Declared;
use crate::types::Type;

/// A call's own cost, and the size of its result.
type Estimate = (Range, Option<Range>);

/// The longest pattern of a named format (apiserver's `MaxNameFormatRegexSize`), and the longest name of one.
const FORMAT_PATTERN: f64 = 128.0;
const FORMAT_NAME: u64 = 64;
/// The bytes of an address.
const ADDRESS: Range = Range { min: 4, max: 16 };
/// Asking the authorizer is as dear as writing to the cluster.
const CHECK: u64 = 350_000;

/// A call, with the costs of its arguments.
struct Call<'c> {
    id: ExprId,
    function: &'c str,
    target: Option<ExprId>,
    args: &'c [ExprId],
    costs: &'c [Range],
}

impl Call<'_> {
    fn arg(&self, index: usize) -> Option<ExprId> {
        self.args.get(index).copied()
    }
}

impl<'a> Coster<'a> {
    #[inline(never)]
    pub(super) fn call(&mut self, id: ExprId, function: &str, target: Option<ExprId>, args: &[ExprId]) -> Range {
        let mut costs = Vec::with_capacity(args.len());
        for arg in args {
            costs.push(self.cost(*arg));
            self.size(*arg);
        }
        if let ("dyn", [arg]) = (function, args) {
            self.copy_sizes(id, *arg);
            return costs.iter().fold(Range::fixed(1), |sum, cost| sum.plus(*cost));
        }
        let matched = self.program.matched(id);
        if matched == 0 {
            return Range::fixed(0);
        }
        let of_target = target.map_or(Range::fixed(0), |target| self.cost(target));
        let call = Call { id, function, target, args, costs: &costs };
        let mut cost = Range { min: u64::MAX, max: 0 };
        let mut size = None;
        for (index, overload) in overloads(function).iter().enumerate() {
            if matched >> index & 1 == 0 {
                continue;
            }
            let (own, result) = self.overload(&call, overload);
            cost = cost.union(own);
            size = match (size, result) {
                (Some(before), Some(result)) => Some(Range::union(before, result)),
                (before, result) => before.or(result),
            };
            if function == "_[_]" {
                self.index(&call, overload, &mut size);
            }
            if size.is_none() {
                size = self.size(id);
            }
        }
        self.set_size(id, size);
        of_target.plus(cost)
    }

    #[inline(never)]
    fn index(&mut self, call: &Call<'_>, overload: &Overload, size: &mut Option<Range>) {
        let (Some(first), Some(Type::List(_) | Type::Map(..))) = (call.arg(0), overload.parameters.first()) else {
            return;
        };
        *size = self.entries_of(first).map(|entries| entries.value);
        let path = self.child(self.path(first), Declared::element, "");
        self.set_path(call.id, path);
    }

    /// The cost of a call with its arguments, if this overload is meant.
    #[inline(never)]
    fn overload(&mut self, call: &Call<'_>, overload: &Overload) -> Estimate {
        let arguments = call.costs.iter().fold(Range::fixed(0), |sum, cost| sum.plus(*cost));
        match (call.function, call.costs) {
            ("_&&_" | "_||_", [left, right]) => {
                return (Range { min: left.min, max: left.plus(*right).max }, None);
            }
            ("_?_:_", [condition, then, otherwise]) => {
                let size = self.branches(call);
                return (condition.plus(then.union(*otherwise)), size);
            }
            _ => {}
        }
        let (own, size) = self
            .kubernetes(call, overload)
            .or_else(|| self.standard(call, overload))
            .unwrap_or((Range::fixed(1), None));
        (own.plus(arguments), size)
    }

    fn branches(&mut self, call: &Call<'_>) -> Option<Range> {
        let (then, otherwise) = (call.arg(1)?, call.arg(2)?);
        let entries = joined(self.entries_of(then), self.entries_of(otherwise));
        self.set_entries(call.id, entries);
        Some(self.size_or_unknown(then).union(self.size_or_unknown(otherwise)))
    }

    /// cel-go's `functionCost`.
    fn standard(&mut self, call: &Call<'_>, overload: &Overload) -> Option<Estimate> {
        let first = call.arg(0)?;
        let parameter = overload.parameters.first()?;
        let traversed = |size: Range| size.scaled(STRING_FACTOR);
        Some(match (call.function, parameter) {
            ("format", _) => (traversed(self.size_or_unknown(call.target?)), None),
            ("bytes", Type::String) => {
                let size = self.size_or_unknown(first);
                (traversed(size), Some(Range { min: size.min, max: size.max.wrapping_mul(4) }))
            }
            ("string", Type::Bytes) => {
                let size = self.size_or_unknown(first);
                (traversed(size), Some(Range { min: size.min / 4, max: size.max }))
            }
            ("strings.quote", _) => {
                let size = self.size_or_unknown(first);
                let max = size.max.wrapping_mul(2).wrapping_add(2);
                (traversed(size), Some(Range { min: size.min.wrapping_add(2), max }))
            }
            ("startsWith" | "endsWith", _) => (traversed(self.size_or_unknown(first)), None),
            ("@in" | "_in_" | "in", _) if matches!(overload.parameters.get(1), Some(Type::List(_))) => {
                (self.size_or_unknown(call.arg(1)?), None)
            }
            ("matches", _) => {
                // Before cel-go 0.29 the function that is no member cost one.
                if call.target.is_none() && self.program.server().minor() < 37 {
                    return None;
                }
                let (text, pattern) = match call.target {
                    Some(target) => (target, first),
                    None => (first, call.arg(1)?),
                };
                (self.pattern(text, pattern), None)
            }
            ("contains", _) => {
                let text = traversed(self.size_or_unknown(call.target?));
                (text.times(traversed(self.size_or_unknown(first))), None)
            }
            ("_+_", Type::String | Type::Bytes | Type::List(_)) => {
                let second = call.arg(1)?;
                let size = self.size_or_unknown(first).plus(self.size_or_unknown(second));
                let entries = joined(self.entries_of(first), self.entries_of(second));
                self.set_entries(call.id, entries);
                let is_list = matches!(parameter, Type::List(_));
                (if is_list { Range::fixed(1) } else { traversed(size) }, Some(size))
            }
            ("_<_" | "_<=_" | "_>_" | "_>=_", Type::String | Type::Bytes) | ("_==_" | "_!=_", _) => {
                let second = call.arg(1)?;
                let max = self.size_or_unknown(first).max.min(self.size_or_unknown(second).max);
                (traversed(Range { min: u64::from(max > 0), max }), None)
            }
            _ => return None,
        })
    }

    /// The cost of matching a text against a pattern.
    fn pattern(&mut self, text: ExprId, pattern: ExprId) -> Range {
        let text = self.size_or_unknown(text).plus(Range::fixed(1)).scaled(STRING_FACTOR);
        text.times(self.size_or_unknown(pattern).scaled(REGEX_FACTOR))
    }

    /// apiserver's `EstimateCallCost`, and what cel-go's `ext/lists.go` says of its own.
    fn kubernetes(&mut self, call: &Call<'_>, overload: &Overload) -> Option<Estimate> {
        match call.function {
            "check" => Some((Range::fixed(CHECK), None)),
            "fieldSelector" | "labelSelector" => {
                let length = self.size_or_unknown(call.arg(0)?);
                let requirements = length.scaled(0.5).scaled((LIST + STRUCT) as f64);
                Some((Range::fixed(LIST).plus(length.scaled(STRING_FACTOR)).plus(requirements), None))
            }
            "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" | "includes" => {
                Some((self.walk(call.target?, call.function), None))
            }
            "url" | "jsonpatch.escapeKey" => {
                let size = self.size_or_unknown(call.arg(0)?);
                Some((size.scaled(STRING_FACTOR), Some(size)))
            }
            "lowerAscii" | "upperAscii" | "substring" | "trim" => {
                let size = self.size_or_unknown(call.target?);
                Some((size.scaled(STRING_FACTOR), Some(size)))
            }
            "replace" => self.replace(call),
            "split" => {
                let size = self.size_or_unknown(call.target?);
                let most = call.arg(1).and_then(|most| self.literal(most)).map_or(size.max, i64::cast_unsigned);
                Some((size.scaled(2.0 * STRING_FACTOR), Some(Range { min: 0, max: most })))
            }
            "join" => self.join(call),
            "find" | "findAll" => {
                let (text, pattern) = (call.target?, call.arg(0)?);
                let max = self.size_or_unknown(text).max;
                Some((self.pattern(text, pattern), Some(Range { min: 0, max })))
            }
            "ip" if overload.member => None,
            "cidr" | "ip" | "isIP" | "isCIDR" | "quantity" | "isQuantity" | "semver" | "isSemver" => {
                Some((self.size_or_unknown(call.arg(0)?).scaled(STRING_FACTOR), None))
            }
            "ip.isCanonical" => Some((self.size_or_unknown(call.arg(0)?).scaled(2.0 * STRING_FACTOR), None)),
            "containsIP" | "containsCIDR" => self.contains(call, overload),
            "validate" => {
                let text = self.size_or_unknown(call.arg(0)?).scaled(STRING_FACTOR);
                Some((text.scaled(FORMAT_PATTERN * REGEX_FACTOR), None))
            }
            "sets.contains" | "sets.intersects" | "sets.equivalent" => {
                let product = self.size_or_unknown(call.arg(0)?).times(self.size_or_unknown(call.arg(1)?));
                let factor = if call.function == "sets.equivalent" { 2.0 } else { 1.0 };
                Some((product.scaled(factor).plus(Range::fixed(1)), None))
            }
            "_==_" => self.equality(call),
            _ if self.program.libraries().minor() >= 34 => self.lists(call, overload),
            _ => None,
        }
    }

    fn literal(&self, id: ExprId) -> Option<i64> {
        match self.program.ast().kind(id) {
            ExprKind::Literal(Literal::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// The size of the elements of a list.
    fn element(&mut self, list: ExprId) -> Option<(Range, Type)> {
        let mut first = None;
        self.program.type_of(list).parameters(&mut |ty| {
            first.get_or_insert_with(|| ty.clone());
        });
        let path = match self.path(list) {
            Path::None => Path::None,
            path => self.child(path, Declared::element, ""),
        };
        Some((path.size().unwrap_or(Range::UNKNOWN), first?))
    }

    /// A look at each element of a list.
    fn walk(&mut self, list: ExprId, function: &str) -> Range {
        let size = self.size_or_unknown(list);
        match self.element(list) {
            Some((element, Type::String | Type::Bytes)) => {
                size.times(Range::fixed(1).plus(element.scaled(STRING_FACTOR)))
            }
            Some(_) => size,
            None if function == "includes" => size,
            None => size.scaled(STRING_FACTOR),
        }
    }

    fn replace(&mut self, call: &Call<'_>) -> Option<Estimate> {
        let size = self.size_or_unknown(call.target?);
        let (old, new) = (self.size_or_unknown(call.arg(0)?), self.size_or_unknown(call.arg(1)?));
        let (count_max, kept_max) = replaced(size.max, old.min, new.max <= old.min);
        let (count_min, kept_min) = replaced(size.min, old.max, old.max <= new.min);
        let count = Range { min: count_min, max: count_max };
        let result = count.times(new).plus(Range { min: kept_min, max: kept_max });
        Some((size.scaled(2.0 * STRING_FACTOR), Some(result)))
    }

    fn join(&mut self, call: &Call<'_>) -> Option<Estimate> {
        let list = self.size_or_unknown(call.target?);
        let mut size = self.element(call.target?).map_or(Range::fixed(0), |(element, _)| list.times(element));
        if let Some(separator) = call.arg(0) {
            let count = Range { min: list.min.saturating_sub(1), max: list.max.saturating_sub(1) };
            size = size.plus(self.size_or_unknown(separator).times(count));
        }
        Some((size.scaled(STRING_FACTOR), Some(size)))
    }

    fn contains(&mut self, call: &Call<'_>, overload: &Overload) -> Option<Estimate> {
        let mut cost = ADDRESS.plus(ADDRESS).scaled(STRING_FACTOR);
        if call.function == "containsCIDR" {
            cost = cost.plus(ADDRESS.scaled(STRING_FACTOR)).plus(Range::fixed(1));
        }
        if overload.parameters.get(1) == Some(&Type::String) {
            cost = cost.plus(self.size_or_unknown(call.arg(0)?).scaled(STRING_FACTOR));
        }
        Some((cost, None))
    }

    /// Comparisons of the types of Kubernetes' libraries.
    fn equality(&mut self, call: &Call<'_>) -> Option<Estimate> {
        let ty = self.program.type_of(call.arg(0)?);
        let second = call.arg(1)?;
        let name = match ty {
            Type::Opaque(name, _) | Type::Object(name) if ty == self.program.type_of(second) => &**name,
            _ => return None,
        };
        Some(match name {
            "kubernetes.NamedFormat" => (Range { min: 1, max: FORMAT_NAME }.scaled(STRING_FACTOR), None),
            "kubernetes.URL" => {
                let max = self.size(second).map_or(1, |size| size.max);
                (Range { min: 1, max }.scaled(STRING_FACTOR), None)
            }
            "net.IP" | "net.CIDR" | "kubernetes.Quantity" | "kubernetes.Semver" => (Range::fixed(1), None),
            _ if name.starts_with("kubernetes.authorization.") => (Range::fixed(1), None),
            _ => return None,
        })
    }

    /// Functions that make lists.
    fn lists(&mut self, call: &Call<'_>, overload: &Overload) -> Option<Estimate> {
        let number = |it: &Self, id: ExprId| it.literal(id).map(|value| u64::try_from(value).unwrap_or(0));
        let squared = |size: Range| size.times(size);
        let text = if matches!(overload.parameters.last(), Some(Type::List(inner)) if is_text(inner)) {
            STRING_FACTOR
        } else {
            0.0
        };
        let (factor, size) = match (call.function, call.target) {
            ("slice", Some(target)) => {
                let most = self.size_or_unknown(target).max;
                let start = number(self, call.arg(0)?).unwrap_or(0);
                let end = number(self, call.arg(1)?).unwrap_or(most);
                (1.0, Range::fixed(end.wrapping_sub(start)))
            }
            ("lists.range", None) => (1.0, Range::fixed(number(self, call.arg(0)?).unwrap_or(u64::MAX))),
            ("reverse", Some(target)) => (1.0, self.size_or_unknown(target)),
            ("flatten", Some(target)) => {
                let depth = call.arg(0).map_or(1, |depth| number(self, depth).unwrap_or(u64::MAX));
                (depth as f64, self.size_or_unknown(target))
            }
            ("distinct", Some(target)) => (2.0, squared(self.size_or_unknown(target))),
            ("sort", Some(target)) => (2.0 + text, squared(self.size_or_unknown(target))),
            ("@sortByAssociatedKeys", Some(_)) => (2.0 + text, squared(self.size_or_unknown(call.arg(0)?))),
            _ => return None,
        };
        Some((size.scaled(factor).plus(Range::fixed(1 + LIST)), Some(size)))
    }
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Bytes)
}

/// How often something of `old` can be replaced in `size`, and how much stays besides.
fn replaced(size: u64, old: u64, shrinks: bool) -> (u64, u64) {
    match (old, shrinks) {
        (0, _) => (size.saturating_add(1), size),
        (_, true) => (0, size),
        (old, false) => (size.div_ceil(old), 0),
    }
}

fn joined(left: Option<Entries>, right: Option<Entries>) -> Option<Entries> {
    let (left, right) = (left?, right?);
    Some(Entries { is_list: left.is_list, key: left.key.union(right.key), value: left.value.union(right.value) })
}
