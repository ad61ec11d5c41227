//! The file in which the password columns go on, once they are dropped from the table.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::document::Document;
use super::error::LegacyError;
use super::pace::Pace;
use super::sql::{Cells, quoted};
use super::table::UsersTable;

const PAGE: usize = 1_000;

/// Writes the id and the password columns of every row, one JSON object per line, for its owner alone to read. The file
/// appears under its name whole, and on the disk, or not at all. Returns how many rows are in it.
pub(super) fn write<C: UsersTable>(
    connection: &mut C,
    document: &Document,
    path: &Path,
    pace: &mut Pace<'_>,
) -> Result<u64, LegacyError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let total = connection.count("SELECT count(*) FROM users")?;
    let mut file = open(&part)?;
    let columns = document.password_columns.iter().map(|name| C::dumped(&quoted(name))).collect::<Vec<_>>().join(", ");
    let (mut after, mut done) = (i64::MIN, 0);
    loop {
        pace.tell("dumping the password columns", done, Some(total))?;
        let page = connection.read(
            &format!("SELECT CAST(id AS TEXT), {columns} FROM users WHERE id > {after} ORDER BY users.id LIMIT {PAGE}"),
            &[],
        )?;
        for cells in &page {
            let Some(id) = cells.number(0) else { continue };
            after = id;
            done += 1;
            writeln!(file, "{}", line(id, &document.password_columns, cells)?)?;
        }
        if page.len() < PAGE {
            break;
        }
    }
    pace.begin("checking the dump")?;
    let lines = settle(file, &part)?;
    if lines != total || done != total {
        return Err(LegacyError::Dump { reason: format!("it has {lines} lines for {total} rows") });
    }
    fs::rename(&part, path)?;
    sync_directory(path)?;
    Ok(total)
}

/// The id first, then the columns in their order.
fn line(id: i64, columns: &[String], cells: &Cells) -> io::Result<String> {
    let mut line = format!("{{\"id\":{id}");
    for (at, name) in columns.iter().enumerate() {
        let (name, value) = (serde_json::to_string(name)?, serde_json::to_string(&cells.text(at + 1))?);
        line.push_str(&format!(",{name}:{value}"));
    }
    line.push('}');
    Ok(line)
}

/// A file for us alone, also where an interruption left one behind.
fn open(part: &Path) -> io::Result<BufWriter<File>> {
    match fs::remove_file(part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(BufWriter::new(OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?))
}

/// Brings everything to the disk, and counts what arrived there.
fn settle(file: BufWriter<File>, part: &Path) -> io::Result<u64> {
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    let mut lines = 0;
    let mut reader = BufReader::new(File::open(part)?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        lines += u64::from(line.ends_with(b"}\n"));
        line.clear();
    }
    Ok(lines)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

impl From<io::Error> for LegacyError {
    fn from(error: io::Error) -> Self {
        Self::Dump { reason: error.to_string() }
    }
}
