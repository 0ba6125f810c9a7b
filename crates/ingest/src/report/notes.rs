use std::collections::BTreeMap;

use super::{Finding, Total};
use crate::Rule;

/// The most findings of a rule that are listed one by one.
const LISTED: usize = 20;

/// Findings as they come in.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) findings: Vec<Finding>,
    pub(crate) totals: Vec<Total>,
    listed: BTreeMap<Rule, usize>,
}

/// Where a rule is broken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: Option<u64>,
    pub(crate) column: Option<&'a str>,
}

impl Notes {
    /// Counts a finding and lists it when few of its rule are listed; `declared` is asked for only when it is shown.
    pub(crate) fn add(&mut self, spot: Spot<'_>, rule: Rule, declared: impl Fn() -> Option<String>) {
        let Spot { file, line, column } = spot;
        let known = |total: &&mut Total| total.rule == rule && total.column.as_deref() == column && total.file == file;
        match self.totals.iter_mut().find(known) {
            Some(total) => total.count += 1,
            None => self.totals.push(Total {
                file: file.to_owned(),
                column: column.map(str::to_owned),
                rule,
                declared: declared(),
                count: 1,
            }),
        }
        let listed = self.listed.entry(rule).or_default();
        if *listed < LISTED {
            *listed += 1;
            let (file, column) = (file.to_owned(), column.map(str::to_owned));
            self.findings.push(Finding { file, line, column, rule, declared: declared() });
        }
    }
}
