//! Processes: started, listened to, measured, stopped.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

/// A running service; killed when dropped.
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    child: Child,
}

/// What a process has used.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Usage {
    pub(crate) name: String,
    /// User and system time, in seconds.
    pub(crate) cpu_seconds: f64,
    /// Largest resident set so far, in MiB.
    pub(crate) peak_mebibytes: f64,
}

/// What the pooled side says of itself. Times are medians; all but the first two are of cohorts.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Pooled {
    pub(crate) rows: usize,
    pub(crate) cold_ms: f64,
    pub(crate) warm_ms: f64,
    /// Filter, and the figures of the big query.
    pub(crate) new_ms: f64,
    /// CPU of a filter and a count.
    pub(crate) count_cpu_ms: f64,
    /// Filter, and a count and a mean by ward.
    pub(crate) cells_ms: f64,
}

impl Service {
    /// Starts a program and waits until it says where it listens.
    pub(crate) fn start(name: &str, program: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(beside(program)?)
            .args(arguments)
            .env_remove("CODA_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let mut lines = BufReader::new(child.stderr.take().context("no standard error")?).lines();
        for line in lines.by_ref() {
            let line = line?;
            if let Some(rest) = line.split("listening on ").nth(1) {
                let address = rest.split_whitespace().next().unwrap_or_default().parse()?;
                // Read on, so that the program never waits for a reader.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { name: name.to_owned(), address, child });
            }
            eprintln!("{name}: {line}");
        }
        let _ = child.wait();
        bail!("{name} ended before it listened")
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        let signalled = Command::new("kill").arg(self.child.id().to_string()).status().context("cannot run kill")?;
        ensure!(signalled.success(), "{} cannot be told to stop", self.name);
        self.child.wait()?;
        Ok(())
    }

    /// What it has used so far (proc(5): `stat` fields 14 and 15, `status` field `VmHWM`).
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        let id = self.child.id();
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        // Linux counts these in hundredths of a second on every machine it is built for by default.
        Ok(Usage {
            name: self.name.clone(),
            cpu_seconds: (ticks(11) + ticks(12)) / 100.0,
            peak_mebibytes: peak(&status),
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end; its standard output.
pub(crate) fn run(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output =
        Command::new(beside(program)?).args(arguments).output().with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!("{program} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Polars over the pooled files, and over these cohorts of them.
pub(crate) fn pooled(files: &[PathBuf], runs: usize, cohorts: &[String]) -> anyhow::Result<Pooled> {
    let list = files.first().context("no files")?.with_file_name("cohorts.txt");
    fs::write(&list, cohorts.join("\n"))?;
    let paths = files.iter().chain([&list]).map(|file| file.display().to_string());
    let arguments: Vec<String> = paths.chain([runs.to_string()]).collect();
    let text = run("pooled", &arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(serde_json::from_str(&text)?)
}

/// A program that was built beside this one.
fn beside(program: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().unwrap_or(Path::new(".")).join(program))
}

fn peak(status: &str) -> f64 {
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kibibytes| kibibytes.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
