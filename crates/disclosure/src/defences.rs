//! Which defences stand. Always all of them, but in the build that the attack suite makes to show that each attack succeeds
//! when the defence it is about is off.

/// A defence that can be taken away in a build for attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defence {
    /// R1: a count under the threshold does not leave, zero included.
    SmallCells,
    /// 1.4 to 1.6, R2, R5: large cells are withheld beside small ones.
    Secondary,
    /// 1.3, 1.7, 1.8: fewest people behind spreads and quantiles, all cells of a 2x2 table or none.
    Samples,
    /// 1.2: no sum that one or two people make up.
    Dominance,
    /// 3.4: distributions in steps of the threshold.
    Steps,
    /// 2.2: what was released is kept, and later answers are held against it.
    History,
    /// 2.3: a set close to a released one does not leave.
    PairRule,
    /// 2.4: no combination of what leaves tells of too few.
    LinearAudit,
    /// 2.6: figures of a set whose people have hardly changed stay those of the earlier build.
    AcrossBuilds,
    /// 1.10: a series has one granularity.
    OneGranularity,
    /// 2.4: sums of a variable are taken of all rows or of one value a person, in one way.
    OneWayToSum,
    /// 2.5: there is an end to asking.
    Budgets,
    /// 2.5: a repeated query has the same answer to the bit, and is free.
    Cache,
    /// 1.13: an answer leaves on a grid of time.
    Timing,
    /// 1.13: an answer is as long as any other to the same query.
    Size,
}

/// The defences that stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Defences {
    /// One bit for each that was taken away.
    off: u16,
}

impl Defences {
    /// Whether a defence stands.
    pub fn has(self, defence: Defence) -> bool {
        self.off & (1 << defence as u16) == 0
    }

    /// All but this one. There is no such function in what a hospital installs.
    #[cfg(feature = "undefended")]
    #[must_use]
    pub fn without(self, defence: Defence) -> Self {
        Self { off: self.off | (1 << defence as u16) }
    }
}
