use std::fmt;

use super::{Finding, Known, Report, TableReport, Total};
use crate::Rule;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.build {
            Some(build) => writeln!(f, "published build {build}: {} people", grouped(self.people.0))?,
            None => writeln!(f, "refused; nothing was published")?,
        }
        if self.left_out > 0 {
            let all = grouped(self.people.0 + self.left_out);
            writeln!(f, "{} of {all} people are left out with their rows", grouped(self.left_out))?;
        }
        if let Some(Known { of, again }) = self.known {
            writeln!(f, "{} of the {} people of the build before are in this one", grouped(again), grouped(of))?;
        }
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        let listed = self.findings.len() as u64;
        if self.count() > listed {
            writeln!(f, "and {} more findings, counted below", grouped(self.count() - listed))?;
        }
        if !self.totals.is_empty() {
            writeln!(f, "\ntotals")?;
        }
        for total in &self.totals {
            writeln!(f, "{total}")?;
        }
        writeln!(f, "\ntables")?;
        self.tables.iter().try_for_each(|table| writeln!(f, "{table}"))
    }
}

impl fmt::Display for TableReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [read, taken, left_out] = [self.read, self.taken, self.left_out()].map(|rows| grouped(rows.0));
        write!(f, "{} from {}: {read} rows read, {taken} taken, {left_out} left out", self.table, self.file)?;
        if !self.recognised.is_empty() {
            write!(f, "; read with {}", self.recognised.join(", "))?;
        }
        if self.not_taken.is_empty() {
            return Ok(());
        }
        write!(f, "; columns not in the dictionary, not taken: {}", self.not_taken.join(", "))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        match (self.line, &self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(column)) => write!(f, "column {column}: ")?,
            (None, None) => {}
        }
        breach(f, self.rule, self.declared.as_deref())
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if let Some(column) = &self.column {
            write!(f, "column {column}: ")?;
        }
        breach(f, self.rule, self.declared.as_deref())?;
        write!(f, ": {}", grouped(self.count))
    }
}

fn breach(f: &mut fmt::Formatter<'_>, rule: Rule, declared: Option<&str>) -> fmt::Result {
    write!(f, "{rule}")?;
    declared.map_or(Ok(()), |declared| write!(f, " ({declared})"))
}

/// A number with a comma between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
