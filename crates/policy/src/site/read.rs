//! From the text of `policy.toml` to a policy.

mod value;

use std::collections::{BTreeMap, BTreeSet};

use coda_model::{DatasetId, UserId, query::QueryError, threshold::Threshold};
use toml::de::DeTable;

use super::{
    Budgets, Dominance, History, HistoryMode, LinearAudit, MinMax, Percent, PolicyError, Queries, Samples, SitePolicy,
    key::{self, Number},
};
use value::{Entry, line};

/// What stands in the file.
#[derive(Default)]
struct Written {
    numbers: BTreeMap<&'static str, At>,
    nk: Option<BTreeMap<u64, Percent>>,
    minmax: MinMax,
    history: History,
    queries: Queries,
    refused_users: BTreeSet<UserId>,
    refused_datasets: BTreeSet<DatasetId>,
}

/// A number within its own bounds, and its line.
#[derive(Clone, Copy)]
struct At {
    line: usize,
    number: u64,
}

pub(super) fn policy(text: &str) -> Result<SitePolicy, PolicyError> {
    let table = DeTable::parse(text).map_err(|error| PolicyError::Syntax {
        line: line(text, error.span().map_or(0, |span| span.start)),
        problem: error.message().lines().map(str::trim).collect::<Vec<_>>().join(" "),
    })?;
    let mut written = Written::default();
    for (name, value) in table.get_ref() {
        let line = line(text, name.span().start);
        let key = known(name.get_ref(), key::TOP).map_err(|advice| refused(name.get_ref(), "", line, advice))?;
        written.take(&Entry { text, key, value })?;
    }
    written.policy()
}

impl Written {
    fn take(&mut self, entry: &Entry<'_>) -> Result<(), PolicyError> {
        match entry.key {
            "nk" => self.nk = Some(entry.pairs()?),
            "minmax" => self.minmax = entry.word(&[("never", MinMax::Never)])?,
            "queries" => {
                self.queries = entry.word(&[("answered", Queries::Answered), ("refused", Queries::Refused)])?;
            }
            "refused_users" => self.refused_users = entry.names(UserId::new)?,
            "refused_datasets" => self.refused_datasets = entry.names(DatasetId::new)?,
            "history" => self.history = history(entry)?,
            key => {
                if let Some(number) = key::NUMBERS.iter().find(|number| number.key == key) {
                    self.numbers.insert(key, At { line: entry.line(), number: entry.number(number)? });
                }
            }
        }
        Ok(())
    }

    fn at(&self, number: &Number) -> Option<At> {
        self.numbers.get(number.key).copied()
    }

    fn number(&self, number: &Number) -> u64 {
        self.at(number).map_or(number.usual, |at| at.number)
    }

    /// Checks what keys say of each other, and fills in what is not written.
    fn policy(self) -> Result<SitePolicy, PolicyError> {
        let (k, k_rows) = (self.number(&key::K), self.number(&key::K_ROWS));
        let threshold = Threshold::with_rows(k, k_rows)
            .map_err(|_| key::K.under(self.at(&key::K).map_or(1, |at| at.line), i128::from(k.min(k_rows))))?;
        let q_tail = match self.at(&key::Q_TAIL) {
            Some(At { line, number }) if number < k => {
                return Err(PolicyError::UnderK { line, written: number, k });
            }
            Some(at) => at.number,
            None => k,
        };
        Ok(SitePolicy {
            threshold,
            samples: Samples {
                n_sd: self.number(&key::N_SD).max(k),
                n_shape: self.number(&key::N_SHAPE).max(k),
                q_tail,
            },
            budgets: self.budgets()?,
            reply_quantum_ms: self.number(&key::REPLY_QUANTUM_MS),
            dominance: Dominance {
                p_percent: Percent(self.number(&key::P_PERCENT)),
                nk: self.nk.unwrap_or_else(|| Dominance::default().nk),
            },
            minmax: self.minmax,
            history: self.history,
            queries: self.queries,
            refused_users: self.refused_users,
            refused_datasets: self.refused_datasets,
        })
    }

    fn budgets(&self) -> Result<Budgets, PolicyError> {
        let everybody = self.number(&key::RANK_BUDGET);
        let user = match self.at(&key::RANK_BUDGET_USER) {
            Some(At { line, number }) if number > everybody => {
                return Err(PolicyError::Value {
                    line,
                    key: key::RANK_BUDGET_USER.key,
                    problem: format!("{number} is over rank_budget, which is {everybody} here and meant for everybody"),
                    allowed: format!("a whole number of per cent from 1 to {everybody}"),
                });
            }
            Some(at) => at.number,
            None => key::RANK_BUDGET_USER.usual.min(everybody),
        };
        Ok(Budgets {
            rank_budget: Percent(everybody),
            rank_budget_user: Percent(user),
            requests_per_day: self.number(&key::REQUESTS_PER_DAY),
            cohorts_per_day: self.number(&key::COHORTS_PER_DAY),
        })
    }
}

fn history(table: &Entry<'_>) -> Result<History, PolicyError> {
    let mut history = History::default();
    for (name, value) in table.table()? {
        let line = line(table.text, name.span().start);
        let key =
            known(name.get_ref(), key::HISTORY).map_err(|advice| refused(name.get_ref(), "history.", line, advice))?;
        if key == "mode" {
            let entry = Entry { key: "history.mode", value, ..*table };
            history.mode =
                entry.word(&[("snap", HistoryMode::Snap), ("refuse_symmetric", HistoryMode::RefuseSymmetric)])?;
        } else {
            Entry { key: "history.linear_audit", value, ..*table }.switched_on()?;
            history.linear_audit = LinearAudit::On;
        }
    }
    Ok(history)
}

/// The key of this name, or what to say about the name.
fn known(name: &str, keys: &[&'static str]) -> Result<&'static str, String> {
    if let Some(key) = keys.iter().find(|key| **key == name) {
        return Ok(key);
    }
    // TOML puts every line after `[history]` into it, so a key of the other place is a likely slip.
    if key::TOP.contains(&name) {
        return Err("it stands before the line [history]".to_owned());
    }
    if key::HISTORY.contains(&name) {
        return Err("it stands under a line [history]".to_owned());
    }
    match QueryError::unknown("", "key", name, keys.iter().copied()) {
        QueryError::Unknown { right, .. } if right.starts_with("did you mean") => Err(right),
        _ => Err(format!("there are {}", keys.join(", "))),
    }
}

fn refused(name: &str, table: &str, line: usize, advice: String) -> PolicyError {
    match key::ABSENT.iter().find(|(key, _)| *key == name) {
        Some((key, why)) => PolicyError::Absent { line, key, why },
        None => PolicyError::Unknown { line, key: format!("{table}{}", value::short(name)), advice },
    }
}
