//! What came of an attack.

/// What came of an attack.
pub(crate) struct Attack {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What it would learn.
    pub(crate) learns: &'static str,
    /// How many questions it asks about one target.
    pub(crate) questions: usize,
    /// Over how many targets its success was measured.
    pub(crate) targets: usize,
    /// Its success, in percent.
    pub(crate) success: f64,
    /// What docs/disclosure.md promises, in percent.
    pub(crate) bound: f64,
    /// Its success with the defence off, if there is one to leave out.
    pub(crate) off: Option<Off>,
}

/// The same attack with the defence off.
pub(crate) struct Off {
    /// Its success, in percent.
    pub(crate) success: f64,
    /// What it must reach, or the attack is no test of the defence.
    pub(crate) least: f64,
}

impl Attack {
    /// Prints one line for `cargo xtask attacks`.
    pub(crate) fn print(&self) {
        let Self { name, learns, questions, targets, success, bound, off } = self;
        let off = off.as_ref().map_or("-".to_owned(), |off| format!("{:.1}", off.success));
        let error = (success * (100.0 - success) / (*targets).max(1) as f64).sqrt();
        println!("\nATTACK\t{name}\t{learns}\t{questions}\t{targets}\t{success:.1}\t{error:.1}\t{bound:.1}\t{off}");
    }

    /// Prints its line, and fails when the attack does better than promised, or does not work without the defence.
    pub(crate) fn check(&self) {
        let Self { name, targets, success, bound, .. } = self;
        self.print();
        // What is promised is in whole percents.
        assert!(success.round() <= *bound, "{name}: {success:.1} % of {targets}, at most {bound} % are promised");
        self.works_without_the_defence();
    }

    /// The same of an attack that is known to do better than promised, and to reach so much: fails when it reaches more, and when
    /// it holds what is promised, so that nobody forgets to say so.
    pub(crate) fn known_miss(&self, reaches: f64) {
        let Self { name, success, bound, .. } = self;
        self.print();
        assert!(success.round() <= reaches, "{name}: {success:.1} %, it was {reaches} % before");
        assert!(success.round() > *bound, "{name}: {success:.1} %, {bound} % are promised: it is no miss any more");
        self.works_without_the_defence();
    }

    fn works_without_the_defence(&self) {
        let Self { name, off, .. } = self;
        if let Some(Off { success, least }) = off {
            assert!(success >= least, "{name}: with the defence off {success:.1} %, it should reach {least} %");
        }
    }
}

/// How many of these are right, in percent.
pub(crate) fn percent(right: &[bool]) -> f64 {
    100.0 * right.iter().filter(|right| **right).count() as f64 / right.len().max(1) as f64
}
