//! SHA-256 of files, in the form that `sha256sum --check` reads.

use std::fmt::Write;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};

/// The digest of a file.
pub(super) fn of(file: &Path) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    let mut opened = File::open(file).with_context(|| file.display().to_string())?;
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut opened, &mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(piece.get(..read).unwrap_or_default());
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        let _infallible = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// Writes `SHA256SUMS` for these files of a folder, and returns what is in it.
pub(super) fn write(folder: &Path, names: &[&str]) -> anyhow::Result<String> {
    let mut sums = String::new();
    for name in names {
        let _infallible = writeln!(sums, "{}  {name}", of(&folder.join(name))?);
    }
    std::fs::write(folder.join("SHA256SUMS"), &sums)?;
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_digest_two_spaces_and_the_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "abc").unwrap();
        // The example of FIPS 180-2.
        let line = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n";
        assert_eq!(write(folder.path(), &["a"]).unwrap(), line);
        assert_eq!(std::fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap(), line);
    }
}
