//! A log as files that other tools read (C2SP tlog-tiles).

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use tlog_tiles::{HashReader as _, stored_hash_index};

use crate::checkpoint::SignedCheckpoint;
use crate::disk;
use crate::error::AuditError;
use crate::snapshot::Snapshot;

/// Hashes of a full tile, and entries of a full bundle.
const WIDTH: u64 = 256;

/// Writes the records of `log` under `checkpoint` into `folder`: `checkpoint`, `tile/<level>/<number>` and
/// `tile/entries/<number>`. The folder is made with mode 0700 and the files with 0600: they hold the whole log.
///
/// # Errors
/// [`AuditError::Removed`] when not all records are kept; [`AuditError::OtherTree`] when `log` has not the tree of the checkpoint; [`AuditError::Hashes`]; [`AuditError::File`].
pub fn export(log: &Snapshot, checkpoint: &SignedCheckpoint, folder: &Path) -> Result<(), AuditError> {
    let head = checkpoint.claimed();
    if log.head_at(head.size)? != head {
        return Err(AuditError::OtherTree { path: log.path().to_owned(), size: head.size });
    }
    let mut bundle = Vec::new();
    for (expected, line) in (1..).zip(log.lines(head.size)?) {
        let (number, line) = line?;
        if number != expected {
            return Err(AuditError::Removed(expected));
        }
        let length = u16::try_from(line.len()).map_err(|_| AuditError::Long(line.len()))?;
        bundle.extend(length.to_be_bytes());
        bundle.extend(line);
        if number % WIDTH == 0 || number == head.size {
            write(&folder.join(path("entries", (number - 1) / WIDTH, number)), &bundle)?;
            bundle.clear();
        }
    }
    let mut level: u8 = 0;
    loop {
        // Hashes at this level: of complete subtrees of 256 to the power of it.
        let count = head.size >> (8 * level);
        if count == 0 {
            break;
        }
        for tile in 0..count.div_ceil(WIDTH) {
            let end = count.min((tile + 1) * WIDTH);
            let indexes: Vec<_> = (tile * WIDTH..end).map(|place| stored_hash_index(8 * level, place)).collect();
            let hashes = log.hashes().read_hashes(&indexes).map_err(|source| log.unproved(source))?;
            let bytes: Vec<u8> = hashes.into_iter().flat_map(|hash| hash.0).collect();
            write(&folder.join(path(&level.to_string(), tile, end)), &bytes)?;
        }
        level += 1;
    }
    // Last: whoever reads it finds all that it covers.
    let path = folder.join("checkpoint");
    disk::replace(&path, checkpoint.to_string().as_bytes()).map_err(failed(&path))
}

/// Where a tile stands, by its level, its number, and where in the level it ends.
fn path(level: &str, tile: u64, end: u64) -> PathBuf {
    let mut groups = vec![format!("{:03}", tile % 1000)];
    let mut rest = tile / 1000;
    while rest > 0 {
        groups.insert(0, format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    let name = groups.join("/");
    match end % WIDTH {
        0 => format!("tile/{level}/{name}").into(),
        width => format!("tile/{level}/{name}.p/{width}").into(),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), AuditError> {
    let make = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(bytes)
    };
    make().map_err(failed(path))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> AuditError {
    move |source| AuditError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_that_of_tlog_tiles() {
        let check = |level, tile, end, expected| assert_eq!(path(level, tile, end), Path::new(expected));
        check("0", 0, 256, "tile/0/000");
        check("0", 0, 255, "tile/0/000.p/255");
        check("1", 1_234_067, 1_234_067 * 256 + 1, "tile/1/x001/x234/067.p/1");
        check("entries", 1000, 1001 * 256, "tile/entries/x001/000");
    }
}
