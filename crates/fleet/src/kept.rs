//! Answers that took long, kept for whoever asks the same.

use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;

use crate::Fleet;
use crate::reads::{Read, Reads};

/// Looking at fewer things than this takes no longer than looking an answer up.
pub(crate) const LONG: usize = 64;

/// So much is kept at most: what answers weigh together. An answer weighs one, and one for each thing in it and for each
/// look it took.
const ROOM: usize = 1 << 20;

impl Fleet<'_> {
    /// The answer to a question that may take long: a kept one where it does, else a new one. An answer is kept until
    /// anything changes in the fleet, with the looks it took, which are taken down again for whoever gets it.
    pub(crate) fn kept_or<T: Clone>(
        &self,
        kept: &Kept<T>,
        is_long: bool,
        question: &dyn Fn() -> String,
        answer: &dyn Fn() -> (T, usize),
    ) -> T {
        if !is_long {
            return answer().0;
        }
        let question = question();
        if let Some(answer) = kept.kept_at(self.revision, &question, &self.reads) {
            return answer;
        }
        let ((value, weight), reads) = self.reads.during(answer);
        kept.keep(&question, value.clone(), reads, weight);
        value
    }
}

/// Answers by the text of their questions. What they depend on must not change while they are kept.
pub(crate) struct Kept<T>(Mutex<Answers<T>>);

struct Answers<T> {
    by_question: HashMap<Box<str>, Answer<T>>,
    weight: usize,
    room: usize,
    /// The fleet of which they are.
    revision: u64,
}

struct Answer<T> {
    value: T,
    reads: Box<[Read]>,
    weight: usize,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(Answers { by_question: HashMap::default(), weight: 0, room: ROOM, revision: 0 }))
    }
}

impl<T> Answers<T> {
    fn forget(&mut self) {
        self.by_question = HashMap::default();
        self.weight = 0;
    }
}

impl<T: Clone> Kept<T> {
    /// The answer to a question: a kept one, or a new one, with its weight. Two threads may find it at the same time.
    /// Whoever asks takes down himself what the answer depends on.
    pub(crate) fn get_or(&self, question: &str, answer: &dyn Fn() -> (T, usize)) -> T {
        self.kept(question).unwrap_or_else(|| {
            let (value, weight) = answer();
            self.keep(question, value.clone(), Box::default(), weight);
            value
        })
    }

    /// The answer to a question, if it is kept.
    fn kept(&self, question: &str) -> Option<T> {
        self.lock().by_question.get(question).map(|it| it.value.clone())
    }

    /// The same, if nothing changed since; `reads` learns what it took to know it.
    fn kept_at(&self, revision: u64, question: &str, reads: &Reads) -> Option<T> {
        let mut kept = self.lock();
        if kept.revision != revision {
            kept.forget();
            kept.revision = revision;
        }
        let answer = kept.by_question.get(question)?;
        reads.again(&answer.reads);
        Some(answer.value.clone())
    }

    /// Keeps an answer; where there is no room left, all others are forgotten.
    fn keep(&self, question: &str, value: T, reads: Box<[Read]>, weight: usize) {
        let weight = weight + reads.len() + 1;
        let mut kept = self.lock();
        if kept.weight + weight > kept.room {
            kept.forget();
        }
        kept.weight += weight;
        kept.by_question.insert(question.into(), Answer { value, reads, weight });
    }

    /// Something changed that answers depend on.
    pub(crate) fn forget(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).forget();
    }

    /// The same, for some of the questions.
    pub(crate) fn forget_if(&mut self, is_over: &dyn Fn(&str) -> bool) {
        let answers = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        let weight = &mut answers.weight;
        answers.by_question.retain(|question, answer| {
            let stays = !is_over(question);
            *weight -= if stays { 0 } else { answer.weight };
            stays
        });
    }

    fn lock(&self) -> MutexGuard<'_, Answers<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use seaworthy_document::Document;
    use seaworthy_object::{Catalog, Object};
    use seaworthy_source::{Source, SourceId};

    use super::*;
    use crate::{Facts, Given, Part, service_selector};

    #[test]
    fn a_question_is_answered_once() {
        let (mut kept, asked) = (Kept::default(), Cell::new(0));
        let answer = || {
            asked.set(asked.get() + 1);
            (asked.get(), 1)
        };
        assert_eq!((kept.get_or("a", &answer), kept.get_or("a", &answer), kept.get_or("b", &answer)), (1, 1, 2));
        kept.forget_if(&|question| question == "a");
        assert_eq!((kept.get_or("b", &answer), kept.get_or("a", &answer)), (2, 3));
        assert_eq!(kept.lock().weight, 4);
        kept.forget();
        assert_eq!(kept.get_or("a", &answer), 4);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let kept = Kept::default();
        kept.lock().room = 10;
        for question in 0..100 {
            assert_eq!(kept.get_or(&question.to_string(), &|| (question, 3)), question);
            assert!(kept.lock().weight <= 10 + 1);
        }
    }

    #[test]
    fn a_kept_answer_tells_its_looks_and_holds_until_something_changes() {
        let catalog = Catalog::built_in();
        let names = (0..2 * LONG).map(|at| format!("name-{at:0>9}")).chain(["web".to_owned()]);
        let name = |name: String| format!("{{apiVersion: v1, kind: Secret, metadata: {{name: {name}, namespace: a}}}}");
        let all: Vec<_> = (1..).zip(names).map(|(at, it)| documents(at, &name(it))).collect();
        let all: Vec<_> = all.iter().map(|it| Object::new(it[0].root().unwrap(), &catalog, "a").unwrap()).collect();
        let (web, others) = all.split_last().unwrap();
        let facts = Facts::default();
        let given = Given { objects: others.iter().collect(), ..Given::default() };
        let mut fleet = Fleet::new(given, &facts, &catalog).watched();
        let ask = |fleet: &Fleet<'_>| {
            let near = fleet.nearest_name("", "Secret", Some("a"), "wed").map(str::to_owned);
            (near, fleet.take_reads())
        };
        let (near, reads) = ask(&fleet);
        assert_eq!((near, reads.len()), (None, 2));
        assert_eq!(ask(&fleet), (None, reads));
        fleet.replace(&Part::default(), &Part { objects: vec![web], ..Part::default() });
        assert_eq!(ask(&fleet).0.as_deref(), Some("web"));
    }

    fn documents(at: u32, text: &str) -> Vec<Document> {
        let documents = seaworthy_document::read(&Source::new("a.yaml", text));
        documents.into_iter().map(|it| it.in_source(SourceId(at))).collect()
    }

    #[test]
    fn an_answer_kept_while_a_part_is_exchanged_is_none_of_the_fleet_after_it() {
        let catalog = Catalog::built_in();
        let service = "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}";
        let pod = |at| {
            let metadata = format!("metadata: {{name: web-{at}, labels: {{app: web}}}}");
            format!("---\n{{apiVersion: v1, kind: Pod, {metadata}, spec: {{containers: [{{name: a}}]}}}}\n")
        };
        let others: String = (0..LONG).map(pod).collect();
        let edited = format!("{service}\n{}", pod(LONG));
        let texts = [documents(1, &edited), documents(1, &edited), documents(2, &others)];
        let objects = texts
            .each_ref()
            .map(|it| -> Vec<_> { it.iter().filter_map(|it| Object::new(it.root()?, &catalog, "default")).collect() });
        let [gone, come, others] = objects.each_ref();
        let facts = Facts::default();
        let given = Given { objects: gone.iter().chain(others).collect(), ..Given::default() };
        let mut fleet = Fleet::new(given, &facts, &catalog).watched();
        let part = |all| Part { objects: Vec::from_iter(all), ..Part::default() };
        fleet.replace(&part(gone), &part(come));
        let selected = fleet.selected_in_any_definition("default", &service_selector(&come[0]).unwrap());
        assert_eq!(selected.len(), LONG + 1);
        assert!(std::ptr::eq(selected[0].object(), &come[1]));
    }
}
