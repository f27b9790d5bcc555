//! Answers that took long, kept for whoever asks the same.

use std::sync::{Mutex, PoisonError};

use foldhash::HashMap;

use crate::Fleet;

/// Looking at fewer things than this takes no longer than looking an answer up.
pub(crate) const LONG: usize = 64;

/// So much is kept at most: what answers weigh together. An answer weighs one, and one for each thing in it.
const ROOM: usize = 1 << 20;

impl Fleet<'_> {
    /// The answer to a question that may take long: a kept one where it does, else a new one. Whoever takes down what is
    /// looked up is told of each look, and so gets a new one.
    pub(crate) fn kept_or<T: Clone>(
        &self,
        kept: &Kept<T>,
        is_long: bool,
        question: &dyn Fn() -> String,
        answer: &dyn Fn() -> (T, usize),
    ) -> T {
        if self.reads.are_taken() || !is_long { answer().0 } else { kept.get_or(&question(), answer) }
    }
}

/// Answers by the text of their questions. What they depend on must not change while they are kept.
pub(crate) struct Kept<T>(Mutex<Answers<T>>);

struct Answers<T> {
    by_question: HashMap<Box<str>, T>,
    weight: usize,
    room: usize,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(Answers { by_question: HashMap::default(), weight: 0, room: ROOM }))
    }
}

impl<T: Clone> Kept<T> {
    /// The answer to a question: a kept one, or a new one, with its weight. Two threads may find it at the same time.
    pub(crate) fn get_or(&self, question: &str, answer: &dyn Fn() -> (T, usize)) -> T {
        self.kept(question).unwrap_or_else(|| {
            let (answer, weight) = answer();
            self.keep(question, &answer, weight);
            answer
        })
    }

    /// The answer to a question, if it is kept.
    pub(crate) fn kept(&self, question: &str) -> Option<T> {
        self.lock().by_question.get(question).cloned()
    }

    /// Keeps an answer; where there is no room left, all others are forgotten.
    pub(crate) fn keep(&self, question: &str, answer: &T, weight: usize) {
        let mut kept = self.lock();
        if kept.weight + weight >= kept.room {
            kept.by_question.clear();
            kept.weight = 0;
        }
        kept.weight += weight + 1;
        kept.by_question.insert(question.into(), answer.clone());
    }

    /// Something changed that answers depend on.
    pub(crate) fn forget(&mut self) {
        let answers = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        answers.by_question.clear();
        answers.weight = 0;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Answers<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_question_is_answered_once() {
        let (mut kept, asked) = (Kept::default(), Cell::new(0));
        let answer = || {
            asked.set(asked.get() + 1);
            (asked.get(), 1)
        };
        assert_eq!((kept.get_or("a", &answer), kept.get_or("a", &answer), kept.get_or("b", &answer)), (1, 1, 2));
        kept.forget();
        assert_eq!(kept.get_or("a", &answer), 3);
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
}
