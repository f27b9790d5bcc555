//! A cluster that is asked many things about one fleet.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use seaworthy_document::Node;
use seaworthy_fleet::Fleet;
use seaworthy_object::Pod;

use crate::expand::{Batch, Naming, batches};
use crate::place::{Outcome, Placement, PodGroup};
use crate::question::{Groups, Question, Scale};
use crate::storage::Bindings;

/// A fleet on its cluster, placed when somebody first asks.
pub struct Cluster<'f, 'a> {
    fleet: &'f Fleet<'a>,
    bindings: &'f Bindings<'a>,
    placement: OnceCell<Placement<'a>>,
    grown: OnceCell<Placement<'a>>,
    batches: OnceCell<Vec<Batch<'a>>>,
    /// What was placed alone, by its object.
    alone: RefCell<Vec<(Node<'a>, Rc<[PodGroup<'a>]>)>>,
    goes_on: &'f dyn Fn() -> bool,
    is_over: Cell<bool>,
}

/// How many pods of a workload a cluster takes at most.
#[derive(Debug, Clone)]
pub struct Most {
    /// So many run.
    pub fit: u64,
    /// What becomes of the next one.
    pub then: Outcome,
}

impl<'f, 'a> Cluster<'f, 'a> {
    /// The cluster that is known beside a fleet.
    #[must_use]
    pub fn of(fleet: &'f Fleet<'a>, bindings: &'f Bindings<'a>) -> Self {
        Self {
            fleet,
            bindings,
            placement: OnceCell::new(),
            grown: OnceCell::new(),
            batches: OnceCell::new(),
            alone: RefCell::default(),
            goes_on: &|| true,
            is_over: Cell::new(false),
        }
    }

    /// The same for somebody who may lose interest: before each pod he is asked whether it is to be placed. From his
    /// first no on every answer comes at once, and is worth nothing.
    #[must_use]
    pub fn while_wanted(self, goes_on: &'f dyn Fn() -> bool) -> Self {
        Self { goes_on, ..self }
    }

    /// True if the answers are worth nothing.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over.get()
    }

    fn goes_on(&self) -> bool {
        if !self.is_over.get() && !(self.goes_on)() {
            self.is_over.set(true);
        }
        !self.is_over.get()
    }

    fn place(&self, question: &Question, batches: Vec<Batch<'a>>) -> Placement<'a> {
        Placement::while_wanted(self.fleet, self.bindings, question, batches, &|| self.goes_on())
    }

    /// The fleet as it is declared, on the cluster as it is now.
    pub fn placement(&self) -> &Placement<'a> {
        self.placement.get_or_init(|| self.ask(&Question::default()))
    }

    /// The same with every group of nodes at its maximum.
    pub fn grown(&self) -> &Placement<'a> {
        self.grown.get_or_init(|| self.ask(&largest()))
    }

    /// The fleet at another size, or on another cluster.
    #[must_use]
    pub fn ask(&self, question: &Question) -> Placement<'a> {
        let batches = match question.scale {
            Scale::Declared => self.batches().to_vec(),
            scale => batches(self.fleet, scale),
        };
        self.place(question, batches)
    }

    /// The pods of one workload alone on the cluster at its largest, on which nothing else runs. Who wants to know
    /// whether a pod can ever run also looks at [`Cluster::placement`]: it may need another one beside it.
    pub fn alone(&self, pod: Pod<'a>) -> Rc<[PodGroup<'a>]> {
        let root = pod.object().root();
        let is_kept = |it: &&(Node<'a>, Rc<[PodGroup<'a>]>)| it.0 == root;
        if let Some((_, groups)) = self.alone.borrow().iter().find(is_kept) {
            return Rc::clone(groups);
        }
        if self.is_over() {
            return Rc::new([]);
        }
        let own = self.batches().iter().filter(|it| it.pod.object().root() == root).copied().collect();
        let groups: Rc<[PodGroup<'a>]> = self.place(&largest(), own).groups.into();
        self.alone.borrow_mut().push((root, Rc::clone(&groups)));
        groups
    }

    /// All pods, as the manifests declare them.
    fn batches(&self) -> &[Batch<'a>] {
        self.batches.get_or_init(|| batches(self.fleet, Scale::Declared))
    }

    /// How many pods of a workload run beside all others of the fleet, up to `wanted`: what another size of it comes
    /// to.
    #[must_use]
    pub fn most(&self, pod: Pod<'a>, wanted: u64, question: &Question) -> Most {
        if self.is_over() {
            return Most { fit: 0, then: Outcome::Placed(Vec::new()) };
        }
        let mut of_all = batches(self.fleet, question.scale);
        let root = pod.object().root();
        // Those that are asked about come last, so that the others have their places.
        let own = of_all.iter().position(|it| it.pod.object().root() == root).map(|at| of_all.remove(at));
        let own = own.unwrap_or(Batch { pod, count: 0, naming: Naming::Random, in_order: false });
        of_all.push(Batch { count: wanted, ..own });
        let placement = self.place(question, of_all);
        let mut most = Most { fit: 0, then: Outcome::Placed(Vec::new()) };
        for group in placement.pods_of(pod) {
            match &group.outcome {
                Outcome::Placed(_) => most.fit += group.count,
                other => most.then = other.clone(),
            }
        }
        most
    }
}

/// Every group of nodes at its maximum.
fn largest() -> Question {
    Question { groups: Groups::Max, ..Question::default() }
}
