//! The users table in SQLite's catalogue.

use diesel::prelude::*;

use crate::legacy::shape::{Column, Family, Reference, Shape};
use crate::legacy::sql::Sql;

const TABLE: &str = "SELECT type, CAST(strict AS TEXT), CAST(wr AS TEXT) FROM pragma_table_list \
                     WHERE schema = 'main' AND lower(name) = 'users'";

const COLUMNS: &str = "SELECT name, type, CAST(\"notnull\" AS TEXT), CAST(pk AS TEXT), \
                              CAST(dflt_value IS NOT NULL AS TEXT), CAST(hidden AS TEXT) \
                       FROM pragma_table_xinfo('users') WHERE hidden <> 1 ORDER BY cid";

const REFERENCES: &str = "SELECT m.name, group_concat(f.\"from\", ', '), group_concat(coalesce(f.\"to\", 'id'), ', ') \
                          FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f \
                          WHERE m.type = 'table' AND lower(f.\"table\") = 'users' \
                          GROUP BY m.name, f.id ORDER BY m.name, f.id";

/// Reads the catalogue.
pub(super) fn read(connection: &mut SqliteConnection) -> QueryResult<Shape> {
    let table = connection.read(TABLE, &[])?;
    let (kind, strict, without_rowid) = match table.first() {
        Some(cells) => (cells.word(0), cells.flag(1) == Some(true), cells.flag(2) == Some(true)),
        None => (String::new(), false, false),
    };
    let rows = connection.read(COLUMNS, &[])?;
    let keys = rows.iter().filter(|cells| cells.count(3) > 0).count();
    // Only this is the row's own number, which SQLite gives by itself.
    let is_rowid = |name: &str, declared: &str, key: u64| {
        name == "id" && key == 1 && keys == 1 && declared.eq_ignore_ascii_case("integer") && !without_rowid
    };
    let columns = rows.iter().map(|cells| {
        let (name, data_type) = (cells.word(0), cells.word(1));
        let gives_ids = is_rowid(&name, &data_type, cells.count(3));
        Column {
            nullable: cells.flag(2) != Some(true) && !gives_ids,
            has_default: cells.flag(4) == Some(true) || gives_ids,
            family: family(&data_type),
            generated: cells.count(5) > 0,
            in_key: cells.count(3) > 0,
            name,
            data_type,
        }
    });
    let columns: Vec<_> = columns.collect();
    let references = connection.read(REFERENCES, &[])?.into_iter().map(|cells| Reference {
        table: cells.word(0),
        columns: cells.word(1),
        to: cells.word(2),
    });
    Ok(Shape {
        is_plain: kind == "table",
        is_strict: strict,
        is_without_rowid: without_rowid,
        is_owned: true,
        id_is_unique: keys == 1 && rows.iter().any(|cells| cells.text(0) == Some("id") && cells.count(3) == 1),
        columns,
        references: references.collect(),
        shown: Vec::new(),
    })
}

/// By the words of the type, as SQLite itself reads them (its manual, "Determination Of Column Affinity").
fn family(declared: &str) -> Family {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if has(&["BOOL"]) {
        Family::Bool
    } else if has(&["DATETIME", "TIMESTAMP"]) {
        Family::Time
    } else if has(&["INT"]) {
        Family::Integer
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        Family::Text
    } else if declared.is_empty() || has(&["BLOB"]) {
        Family::Bytes
    } else {
        Family::Other
    }
}
