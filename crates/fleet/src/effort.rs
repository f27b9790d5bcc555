//! How much is looked at: tests bound it where many things could be held against many others.

#[cfg(test)]
thread_local! {
    static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// One thing was held against another.
#[inline]
pub(crate) fn look() {
    #[cfg(test)]
    LOOKS.with(|it| it.set(it.get() + 1));
}

/// How often that happened in this thread since somebody last asked.
#[cfg(test)]
pub(crate) fn looks() -> usize {
    LOOKS.with(|it| it.replace(0))
}

#[cfg(test)]
mod tests;
