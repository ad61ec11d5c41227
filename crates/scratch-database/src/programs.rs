//! Where PostgreSQL's programs are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Where Debian and Ubuntu keep them, by version, outside of `PATH`.
const BY_VERSION: &str = "/usr/lib/postgresql";

/// The directory that holds `initdb` and `postgres`: the first on `PATH`, else the newest version of the system's.
pub(crate) fn directory() -> anyhow::Result<PathBuf> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&on_path).find_map(|directory| complete(&directory)).or_else(newest_version).context(
        "these tests need PostgreSQL, which was found neither on PATH nor under /usr/lib/postgresql; install it with\n\
         \n    apt-get install -y postgresql\n\n\
         or name a server where they may create databases in TEST_DATABASE_URL",
    )
}

/// The directory, with links followed, if both programs are there. One of them may be linked from elsewhere, and
/// `initdb` looks for `postgres` beside its real self.
fn complete(directory: &Path) -> Option<PathBuf> {
    let real = directory.join("initdb").canonicalize().ok()?.parent()?.to_path_buf();
    real.join("postgres").is_file().then_some(real)
}

fn newest_version() -> Option<PathBuf> {
    let versions = Path::new(BY_VERSION).read_dir().ok()?;
    versions
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, complete(&entry.path().join("bin"))?))
        })
        .max()
        .map(|(_, directory)| directory)
}
