//! `cargo xtask attacks`: runs the attack suite and prints what came of each attack.

use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};

/// Where the attacks are, one file each.
const FOLDER: &str = "tests/tests/attacks";

/// What the first lines of an attack's file say.
struct Attack {
    file: String,
    title: String,
    learns: String,
    against: String,
}

/// Runs the suite and prints the table; fails when an attack works, or cannot be shown to work with its defence off.
pub(crate) fn run() -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tests = ["test", "--locked", "-p", "coda-tests", "--test", "attacks"];
    let ran = Command::new(&cargo).args(tests).output().context("cannot run cargo")?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let outcomes = outcomes(&said);
    if outcomes.is_empty() {
        bail!("no attack ran:\n{}", String::from_utf8_lossy(&ran.stderr));
    }
    let mut attacks = Vec::new();
    for entry in fs::read_dir(FOLDER).with_context(|| format!("cannot read {FOLDER}"))? {
        attacks.extend(attack(&entry?.path())?);
    }
    attacks.sort_by(|a, b| a.file.cmp(&b.file));
    println!("| attack | what it would learn | against | outcome |\n|---|---|---|---|");
    let mut failed = 0;
    for Attack { file, title, learns, against } in &attacks {
        let own = |works: bool| {
            let of =
                outcomes.iter().filter_map(|(name, passed)| Some((name.strip_prefix(&format!("{file}::"))?, *passed)));
            let chosen: Vec<bool> =
                of.filter(|(test, _)| test.starts_with("works") == works).map(|(_, passed)| passed).collect();
            !chosen.is_empty() && chosen.iter().all(|passed| *passed)
        };
        // What is not named `works…` shows that it is defended, in one variation or another.
        let outcome = match (own(false), own(true)) {
            (true, true) => "defended; works with the defence off",
            (true, false) => "NOT SHOWN to work with the defence off",
            (false, _) => "NOT DEFENDED",
        };
        failed += usize::from(outcome.starts_with("NOT"));
        println!("| {title} | {learns} | {against} | {outcome} |");
    }
    ensure!(failed == 0, "{failed} of {} attacks are not as they should be", attacks.len());
    println!("\n{} attacks, all defended", attacks.len());
    Ok(())
}

/// Whether each test passed, by name; ignored ones did not.
fn outcomes(said: &str) -> BTreeMap<String, bool> {
    let test = |line: &str| {
        let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
        Some((name.to_owned(), outcome == "ok"))
    };
    said.lines().filter_map(test).collect()
}

/// The attack of a file, if it is one.
fn attack(path: &Path) -> Result<Option<Attack>> {
    let file = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
    if path.extension().is_none_or(|extension| extension != "rs") || file == "main" {
        return Ok(None);
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let head: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let title = head.first().copied().unwrap_or_default().to_owned();
    let (learns, against) = (said_after(&head, "Learns:"), said_after(&head, "Against:"));
    ensure!(
        !title.is_empty() && !learns.is_empty() && !against.is_empty(),
        "{}: its first lines do not say what it is, what it `Learns:` and what it is `Against:`",
        path.display()
    );
    Ok(Some(Attack { file, title, learns, against }))
}

/// The words after a mark, over as many lines as they take.
fn said_after(head: &[&str], mark: &str) -> String {
    let Some(first) = head.iter().position(|line| line.starts_with(mark)) else { return String::new() };
    let lines = head.iter().skip(first).enumerate();
    let own = lines.take_while(|(place, line)| *place == 0 || (!line.is_empty() && !line.starts_with("Against:")));
    let words = own.map(|(_, line)| line.trim_start_matches(mark).trim()).collect::<Vec<_>>().join(" ");
    words.trim_end_matches('.').to_owned()
}
