//! The text of a manifest: its name, then its content.

mod content;

use coda_model::{calendar::parse_iso, ids::BuildId};

use crate::{
    digest::sha256,
    error::BuildsError,
    manifest::{Facts, Manifest, TableEntry},
};

/// The name and the manifest's text of a build. The name is on the first line; its digest is that of all other lines.
pub(crate) fn write(facts: &Facts, tables: &[TableEntry]) -> Result<(BuildId, String), BuildsError> {
    let raw = content::Content::from_parts(facts, tables);
    let content = toml::to_string(&raw).map_err(|cause| BuildsError::Write(Box::new(cause)))?;
    let id = name(&facts.made, &content).ok_or(BuildsError::Draft { rule: "made is a time such as 2025-01-31T…" })?;
    let text = format!("{}{content}", head(&id));
    Ok((id, text))
}

/// The manifest of the build `id` from its text.
pub(crate) fn read(id: &BuildId, text: &str) -> Result<Manifest, BuildsError> {
    let changed = || BuildsError::Changed { build: id.clone() };
    let content = text.strip_prefix(&head(id)).ok_or_else(changed)?;
    let syntax = |cause| BuildsError::Syntax { build: id.clone(), cause: Box::new(cause) };
    // Asked first, because other formats may have other fields.
    let format = content::format(content).map_err(syntax)?;
    if format != content::FORMAT {
        return Err(BuildsError::Format { build: id.clone(), format });
    }
    let raw: content::Content = toml::from_str(content).map_err(syntax)?;
    let broken = |rule| BuildsError::Manifest { build: id.clone(), rule };
    let (facts, tables) = raw.into_parts().map_err(broken)?;
    if name(&facts.made, content).as_ref() == Some(id) {
        Ok(Manifest { build: id.clone(), facts, tables })
    } else {
        Err(changed())
    }
}

fn head(id: &BuildId) -> String {
    format!("build = \"{id}\"\n")
}

fn name(made: &str, content: &str) -> Option<BuildId> {
    let day = made.get(..10).filter(|day| parse_iso(day).is_some())?;
    let digest = sha256(content.as_bytes());
    BuildId::new(&format!("{day}-{}", digest.get(..12)?)).ok()
}
