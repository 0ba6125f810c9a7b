//! Query sets made by hand, for attacks that need tens of thousands of releases: a count or a mean under a made-up statement.

use coda_disclosure::{AskStatements, Query, RuleSet, SiteSecret, StatementKey, Statements, release};
use coda_model::{
    frame::{Contributions, Frame, Guard, SetKey, Shown, Slot, Summed, Tabulated},
    ids::{People, Rows},
    plan::{Statement, Unit},
    rounding::Sensitivity,
    scale::Scale,
    variable::Missing,
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use time::macros::date;

/// A site with its secret, whose sets are made by hand.
pub(crate) struct Sets {
    secret: SiteSecret,
    rules: RuleSet,
}

/// A told mean.
#[derive(Clone, Copy)]
pub(crate) struct ToldMean {
    /// People, as told.
    pub(crate) people: u64,
    /// The mean.
    pub(crate) mean: f64,
    /// The SD.
    pub(crate) sd: f64,
}

impl Sets {
    /// A site of this number.
    pub(crate) fn new(number: u64, rules: RuleSet) -> Self {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Self { secret: SiteSecret::new(bytes), rules }
    }

    /// A statement key of a text.
    pub(crate) fn statement(&self, text: &str, sensitivity: Sensitivity) -> StatementKey {
        let statement = Statement { text: text.to_owned(), sensitivity };
        StatementKey::of(&self.secret, &[1; 16], date!(2026 - 01 - 01), &statement)
    }

    /// The told count of people with these record keys.
    pub(crate) fn count(&self, people: &[u64], text: &str) -> Option<u64> {
        let key = people.iter().fold(SetKey::default(), |key, person| key.plus(SetKey(*person)));
        self.told(people.len() as u64, key, &self.statement(text, Sensitivity::Plain))
    }

    /// The told count of so many people with a set key, under a statement.
    pub(crate) fn told(&self, people: u64, key: SetKey, statement: &StatementKey) -> Option<u64> {
        self.rules.told(&self.secret, people, key, statement).value().copied()
    }

    /// The told mean and SD of a variable on a scale, over people with these record keys and codes.
    pub(crate) fn mean(&self, scale: Scale, people: &[(u64, i32)], variable: &str, text: &str) -> Option<ToldMean> {
        let mut slot = Slot::default();
        for (key, code) in people {
            let code = i128::from(*code);
            let sums = Contributions::of(1, code, code * code);
            slot.add(&Slot { people: People(1), rows: Rows(1), key: SetKey(*key), sums });
        }
        let statement = self.statement(text, Sensitivity::Plain);
        let frame = Frame { slots: vec![slot.clone()], valid: slot.clone(), missing: Slot::default() };
        let ask = Tabulated {
            guard: Guard::All,
            missing: Missing::Never,
            unit: Unit::People,
            summed: Some(Summed { column: 0, scale }),
            bins: Vec::new(),
            frames: vec![frame],
        };
        let own = AskStatements { slots: Vec::new(), missing: Vec::new(), source: variable.to_owned() };
        let statements = Statements { cohort: statement, cells: vec![statement], asks: vec![own] };
        let query = Query { cohort: &slot, asks: std::slice::from_ref(&ask), statements: &statements };
        let release = release(&query, &self.secret, &self.rules);
        let Shown::Value(told) = &release.frames().asks[0][0].slots[0] else { return None };
        let sums = told.sums.as_ref().unwrap();
        let people = told.count.people.0;
        let n = people as f64;
        let mean = sums.x as f64 / 65_536.0 / n;
        let sd = ((sums.q as f64 / 4_294_967_296.0 - n * mean * mean) / (n - 1.0)).max(0.0).sqrt();
        Some(ToldMean { people, mean: scale.value(mean), sd: scale.length(sd) })
    }
}

/// A standard normal number (Box and Muller 1958).
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, angle): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
