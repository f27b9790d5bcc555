//! A module of WebAssembly in two parts: the first, with all that usual input runs through, and the rest.
//!
//! The first reaches the rest through slots of its table. They are empty until the rest is there and fills them, and a
//! call through an empty slot is a trap: who loads the parts answers it by loading the rest and asking again. Code alone
//! is divided; memory, its data and the table belong to the first. What both share bears the number of their build, so
//! that parts of different modules do not link.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;

use walrus::ir::{self, Instr, InstrSeq, MemArg, StoreKind, Value, Visitor, VisitorMut};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionId, FunctionKind, GlobalKind, ImportKind,
    ImportedFunction, Module, TableId, TypeId,
};

use crate::Result;

/// What the rest's imports are called: they are exports of the first.
const FIRST: &str = "first";

/// Which function it is, counted over the whole module, imported ones included.
type Number = usize;
type Slot = i32;

/// A module that takes down which of its functions were called.
pub(super) struct Marked {
    pub(super) module: Vec<u8>,
    /// Where in memory a byte for each function lies, which is 1 once it was called.
    pub(super) at: usize,
    pub(super) functions: usize,
}

pub(super) struct Parts {
    pub(super) first: Vec<u8>,
    pub(super) rest: Vec<u8>,
}

pub(super) fn mark(whole: &[u8]) -> Result<Marked> {
    let mut module = Module::from_buffer(whole)?;
    let functions = numbered(&module);
    let memory = module.memories.iter().next().ok_or("a module without memory")?.id();
    let pages = &mut module.memories.get_mut(memory).initial;
    let at = usize::try_from(*pages << 16)?;
    *pages += (functions.len() as u64 >> 16) + 1;
    for (number, id) in functions.iter().enumerate() {
        let address = i32::try_from(at + number)?;
        if let FunctionKind::Local(function) = &mut module.funcs.get_mut(*id).kind {
            let kind = StoreKind::I32_8 { atomic: false };
            let arg = MemArg { align: 1, offset: 0 };
            let mut body = function.builder_mut().func_body();
            body.const_at(0, Value::I32(address)).const_at(1, Value::I32(1));
            body.instr_at(2, ir::Store { memory, kind, arg });
        }
    }
    Ok(Marked { module: module.emit_wasm(), at, functions: functions.len() })
}

/// Divides a module: `called` are those of its functions that the first part has, beside all that can be called from
/// outside.
pub(super) fn divide(whole: &[u8], called: &BTreeSet<Number>) -> Result<Parts> {
    let mut hasher = DefaultHasher::new();
    (whole, called).hash(&mut hasher);
    let plan = Plan::of(&Module::from_buffer(whole)?, called, hasher.finish())?;
    Ok(Parts { first: plan.first(Module::from_buffer(whole)?)?, rest: plan.rest(Module::from_buffer(whole)?)? })
}

/// All functions of a module, in an order that is the same whenever the same module is read.
fn numbered(module: &Module) -> Vec<FunctionId> {
    module.funcs.iter().map(walrus::Function::id).collect()
}

fn export_name(number: Number) -> String {
    format!("{number:x}")
}

/// Who is where, and who needs whom.
struct Plan {
    /// A hash of the module, and of what its first part has.
    build: u64,
    rest: BTreeSet<Number>,
    /// All functions in the table: those of the whole module, and after them what the first calls of the rest.
    table: BTreeMap<Slot, Number>,
    /// Where the first finds what it calls of the rest.
    slots: BTreeMap<Number, Slot>,
    /// What the rest calls of the first.
    called_back: BTreeSet<Number>,
}

impl Plan {
    fn of(module: &Module, called: &BTreeSet<Number>, build: u64) -> Result<Self> {
        let number_of: HashMap<FunctionId, Number> =
            numbered(module).into_iter().enumerate().map(|(number, id)| (id, number)).collect();
        let mut rest: BTreeSet<Number> =
            module.funcs.iter_local().filter_map(|(id, _)| number_of.get(&id).copied()).collect();
        rest.retain(|number| !called.contains(number));
        for export in module.exports.iter() {
            if let ExportItem::Function(id) = export.item {
                number_of.get(&id).map(|number| rest.remove(number));
            }
        }
        let mut needed = BTreeSet::new();
        let mut called_back = BTreeSet::new();
        for (id, function) in module.funcs.iter_local() {
            let mut callees = Callees(BTreeSet::new());
            ir::dfs_in_order(&mut callees, function, function.entry_block());
            let callees = callees.0.iter().filter_map(|it| number_of.get(it).copied());
            if number_of.get(&id).is_some_and(|it| rest.contains(it)) {
                called_back.extend(callees.filter(|it| !rest.contains(it)));
            } else {
                needed.extend(callees.filter(|it| rest.contains(it)));
            }
        }
        let mut table = table_of(module, &number_of)?;
        let mut slots: BTreeMap<Number, Slot> = table.iter().map(|(slot, number)| (*number, *slot)).collect();
        slots.retain(|number, _| needed.contains(number));
        needed.retain(|number| !slots.contains_key(number));
        let end = i32::try_from(module.tables.get(main_table(module)?).initial)?;
        table.extend((end..).zip(needed.iter().copied()));
        slots.extend(needed.into_iter().zip(end..));
        Ok(Self { build, rest, table, slots, called_back })
    }

    fn first(&self, mut module: Module) -> Result<Vec<u8>> {
        let functions = numbered(&module);
        let table = main_table(&module)?;
        let slots = self.slots.iter().filter_map(|(number, slot)| Some((*functions.get(*number)?, *slot)));
        let detours = slots.map(|(id, slot)| (id, (module.funcs.get(id).ty(), slot))).collect();
        for (number, id) in functions.iter().enumerate().filter(|(number, _)| !self.rest.contains(number)) {
            if let FunctionKind::Local(function) = &mut module.funcs.get_mut(*id).kind {
                let entry = function.entry_block();
                ir::dfs_pre_order_mut(&mut Detour { table, detours: &detours }, function, entry);
            }
            if self.called_back.contains(&number) {
                module.exports.add(&export_name(number), *id);
            }
        }
        let end = self.table.keys().next_back().map_or(0, |slot| slot + 1);
        let size = module.tables.get(table).initial.max(u64::try_from(end)?);
        module.tables.get_mut(table).initial = size;
        module.tables.get_mut(table).maximum = Some(size);
        self.fill(&mut module, table, &functions, false);
        for (kind, name) in self.shared(&module) {
            match kind {
                ImportKind::Memory(id) => module.exports.add(&name, id),
                ImportKind::Table(id) => module.exports.add(&name, id),
                ImportKind::Global(id) => module.exports.add(&name, id),
                ImportKind::Function(_) | ImportKind::Tag(_) => continue,
            };
        }
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }

    fn rest(&self, mut module: Module) -> Result<Vec<u8>> {
        let functions = numbered(&module);
        let table = main_table(&module)?;
        for id in module.exports.iter().map(walrus::Export::id).collect::<Vec<_>>() {
            module.exports.delete(id);
        }
        for id in module.data.iter().map(walrus::Data::id).collect::<Vec<_>>() {
            module.data.delete(id);
        }
        module.start = None;
        self.fill(&mut module, table, &functions, true);
        for (number, id) in functions.iter().enumerate().filter(|(number, _)| !self.rest.contains(number)) {
            import(&mut module, *id, export_name(number));
        }
        for (kind, name) in self.shared(&module) {
            let import = module.imports.add(FIRST, &name, kind.clone());
            match kind {
                ImportKind::Memory(id) => {
                    module.memories.get_mut(id).data_segments.clear();
                    module.memories.get_mut(id).import = Some(import);
                }
                ImportKind::Table(id) => {
                    module.tables.get_mut(id).maximum = None;
                    module.tables.get_mut(id).import = Some(import);
                }
                ImportKind::Global(id) => module.globals.get_mut(id).kind = GlobalKind::Import(import),
                ImportKind::Function(_) | ImportKind::Tag(_) => {}
            }
        }
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }

    /// Puts those functions into the table that a part has, in place of all that was there.
    fn fill(&self, module: &mut Module, table: TableId, functions: &[FunctionId], of_rest: bool) {
        for id in module.elements.iter().map(walrus::Element::id).collect::<Vec<_>>() {
            module.elements.delete(id);
        }
        module.tables.get_mut(table).elem_segments.clear();
        let mut runs: Vec<(Slot, Vec<FunctionId>)> = Vec::new();
        let mut next = None;
        for (slot, number) in self.table.iter().filter(|(_, number)| self.rest.contains(number) == of_rest) {
            if next != Some(*slot) {
                runs.push((*slot, Vec::new()));
            }
            next = Some(slot + 1);
            if let Some((_, run)) = runs.last_mut() {
                run.extend(functions.get(*number));
            }
        }
        for (start, run) in runs {
            let kind = ElementKind::Active { table, offset: ConstExpr::Value(Value::I32(start)) };
            let element = module.elements.add(kind, ElementItems::Functions(run));
            module.tables.get_mut(table).elem_segments.insert(element);
        }
    }

    /// What both parts use, and what it is called between them.
    fn shared(&self, module: &Module) -> Vec<(ImportKind, String)> {
        let memories = module.memories.iter().map(|it| ImportKind::Memory(it.id()));
        let tables = module.tables.iter().map(|it| ImportKind::Table(it.id()));
        let globals = module.globals.iter().map(|it| ImportKind::Global(it.id()));
        let name = |at| format!("{:016x}.{at}", self.build);
        memories.chain(tables).chain(globals).enumerate().map(|(at, kind)| (kind, name(at))).collect()
    }
}

/// Makes of a function one that the first part exports.
fn import(module: &mut Module, function: FunctionId, name: String) {
    let ty = module.funcs.get(function).ty();
    if let FunctionKind::Import(ImportedFunction { import, .. }) = module.funcs.get(function).kind {
        let import = module.imports.get_mut(import);
        (import.module, import.name) = (FIRST.to_owned(), name);
    } else {
        let import = module.imports.add(FIRST, &name, ImportKind::Function(function));
        module.funcs.get_mut(function).kind = FunctionKind::Import(ImportedFunction { import, ty });
    }
}

/// The table through which functions are called.
fn main_table(module: &Module) -> Result<TableId> {
    Ok(module.tables.main_function_table()?.ok_or("a module without a table of functions")?)
}

/// The functions in a table that is filled by segments at fixed places.
fn table_of(module: &Module, number_of: &HashMap<FunctionId, Number>) -> Result<BTreeMap<Slot, Number>> {
    let mut table = BTreeMap::new();
    for element in module.elements.iter() {
        let (ElementKind::Active { offset: ConstExpr::Value(Value::I32(offset)), .. }, ElementItems::Functions(items)) =
            (&element.kind, &element.items)
        else {
            return Err("a segment of a table that is not understood".into());
        };
        let numbers = items.iter().filter_map(|id| number_of.get(id).copied());
        table.extend((*offset..).zip(numbers));
    }
    Ok(table)
}

/// The functions that a function calls by name.
struct Callees(BTreeSet<FunctionId>);

impl<'a> Visitor<'a> for Callees {
    fn visit_function_id(&mut self, id: &FunctionId) {
        self.0.insert(*id);
    }
}

/// Calls of functions that are elsewhere go through the table.
struct Detour<'a> {
    table: TableId,
    detours: &'a HashMap<FunctionId, (TypeId, Slot)>,
}

impl VisitorMut for Detour<'_> {
    fn start_instr_seq_mut(&mut self, seq: &mut InstrSeq) {
        for (instruction, place) in mem::take(&mut seq.instrs) {
            let detour = match &instruction {
                Instr::Call(ir::Call { func }) => self.detours.get(func),
                _ => None,
            };
            if let Some((ty, slot)) = detour {
                seq.instrs.push((ir::Const { value: Value::I32(*slot) }.into(), place));
                seq.instrs.push((ir::CallIndirect { ty: *ty, table: self.table }.into(), place));
            } else {
                seq.instrs.push((instruction, place));
            }
        }
    }
}
