//! `cargo xtask attacks`: runs the attack suite and prints what came of each attack.

use std::{env, process::Command};

use anyhow::{Context, Result, bail, ensure};

/// What an attack's line begins with.
const MARK: &str = "ATTACK";

/// What came of an attack, as its line says.
struct Attack<'a> {
    name: &'a str,
    learns: &'a str,
    questions: &'a str,
    targets: &'a str,
    success: f64,
    error: f64,
    bound: f64,
    off: &'a str,
}

/// Runs the suite and prints the table; fails when an attack does better than promised, known to the suite or not, or does not
/// work with its defence off.
pub(crate) fn run() -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tests = ["test", "--locked", "-p", "coda-tests", "--test", "attacks", "--", "--nocapture"];
    let ran = Command::new(&cargo).args(tests).output().context("cannot run cargo")?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let mut attacks = said.lines().filter_map(attack).collect::<Vec<_>>();
    if attacks.is_empty() {
        bail!("no attack ran:\n{}", String::from_utf8_lossy(&ran.stderr));
    }
    attacks.sort_by_key(|attack| attack.name);
    attacks.dedup_by_key(|attack| attack.name);
    println!("| attack | what it would learn | questions | targets | success, % | at most, % | defence off, % |");
    println!("|---|---|---|---|---|---|---|");
    for Attack { name, learns, questions, targets, success, error, bound, off } in &attacks {
        let mark = if success.round() > *bound { " MISSED" } else { "" };
        println!(
            "| {name} | {learns} | {questions} | {targets} | {success:.1} ± {error:.1}{mark} | {bound:.0} | {off} |"
        );
    }
    let missed = attacks.iter().filter(|attack| attack.success.round() > attack.bound).count();
    println!("\n{} attacks, {missed} do better than docs/disclosure.md promises", attacks.len());
    ensure!(ran.status.success(), "the suite fails:\n{}", failures(&said));
    ensure!(missed == 0, "{missed} attacks do better than promised");
    Ok(())
}

/// The attack of a line, if it is one.
fn attack(line: &str) -> Option<Attack<'_>> {
    let mut fields = line.strip_prefix(MARK)?.strip_prefix('\t')?.split('\t');
    let mut field = || fields.next();
    Some(Attack {
        name: field()?,
        learns: field()?,
        questions: field()?,
        targets: field()?,
        success: field()?.parse().ok()?,
        error: field()?.parse().ok()?,
        bound: field()?.parse().ok()?,
        off: field()?,
    })
}

/// The names of the tests that failed.
fn failures(said: &str) -> String {
    let names = said.lines().filter(|line| line.starts_with("    ") && line.contains("::"));
    names.map(str::trim).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_attack_or_nothing() {
        let read = attack("ATTACK\tone pair\twhether X is in\t2\t4000\t54.5\t0.8\t56.0\t98.6").unwrap();
        assert_eq!((read.name, read.questions, read.off), ("one pair", "2", "98.6"));
        assert!((read.success - 54.5).abs() < 1e-9 && (read.bound - 56.0).abs() < 1e-9);
        assert!(attack("test plain::pairs_by_number ... ok").is_none());
        assert!(attack("ATTACK\tone pair\tno number\t2\t4000\tmany\t0.8\t56.0\t-").is_none());
    }
}
