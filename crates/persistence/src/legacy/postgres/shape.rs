//! The users table in PostgreSQL's catalogue.

use diesel::prelude::*;

use crate::legacy::shape::{Column, Family, Reference, Shape};
use crate::legacy::sql::Sql;

const TABLE: &str = "SELECT (c.relkind = 'r' AND NOT c.relispartition)::text, \
                            pg_has_role(c.relowner, 'USAGE')::text, \
                            EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid \
                                     AND a.attname = 'id' AND a.attnum = i.indkey[0] \
                                    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid \
                                      AND i.indpred IS NULL AND i.indnkeyatts = 1 AND a.attnotnull)::text \
                     FROM pg_class c WHERE c.oid = 'users'::regclass";

const COLUMNS: &str = "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), \
                              coalesce(base.typname, t.typname)::text, (NOT a.attnotnull)::text, \
                              (a.atthasdef OR a.attidentity <> '')::text, (a.attgenerated <> '')::text, \
                              EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary \
                                       AND a.attnum = ANY (i.indkey))::text \
                       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
                       LEFT JOIN pg_type base ON base.oid = t.typbasetype \
                       WHERE a.attrelid = 'users'::regclass AND a.attnum > 0 AND NOT a.attisdropped \
                       ORDER BY a.attnum";

const REFERENCES: &str = "SELECT c.conrelid::regclass::text, \
        (SELECT string_agg(a.attname, ', ' ORDER BY k.at) FROM unnest(c.conkey) WITH ORDINALITY k (num, at) \
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num), \
        (SELECT string_agg(a.attname, ', ' ORDER BY k.at) FROM unnest(c.confkey) WITH ORDINALITY k (num, at) \
          JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num) \
        FROM pg_constraint c WHERE c.contype = 'f' AND c.confrelid = 'users'::regclass AND c.conparentid = 0 \
        ORDER BY 1, 2";

const SHOWN: &str = "SELECT DISTINCT a.attname::text, r.ev_class::regclass::text FROM pg_depend d \
                     JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid \
                     JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
                     WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = 'users'::regclass ORDER BY 1, 2";

/// Reads the catalogue.
pub(super) fn read(connection: &mut PgConnection) -> QueryResult<Shape> {
    let table = connection.read_one(TABLE)?;
    let columns = connection.read(COLUMNS, &[])?.into_iter().map(|cells| Column {
        name: cells.word(0),
        data_type: cells.word(1),
        nullable: cells.flag(3) == Some(true),
        has_default: cells.flag(4) == Some(true),
        family: family(&cells.word(2)),
        generated: cells.flag(5) == Some(true),
        in_key: cells.flag(6) == Some(true),
    });
    let columns = columns.collect();
    let references = connection.read(REFERENCES, &[])?.into_iter().map(|cells| Reference {
        table: cells.word(0),
        columns: cells.word(1),
        to: cells.word(2),
    });
    let shown = connection.read(SHOWN, &[])?;
    Ok(Shape {
        is_plain: table.flag(0) == Some(true),
        is_strict: false,
        is_without_rowid: false,
        is_owned: table.flag(1) == Some(true),
        id_is_unique: table.flag(2) == Some(true),
        columns,
        references: references.collect(),
        shown: shown.iter().map(|cells| (cells.word(0), cells.word(1))).collect(),
    })
}

fn family(type_name: &str) -> Family {
    match type_name {
        "int4" | "int2" => Family::Integer,
        "text" | "varchar" => Family::Text,
        "bpchar" | "citext" => Family::LooseText,
        "bytea" => Family::Bytes,
        "bool" => Family::Bool,
        "timestamp" | "timestamptz" => Family::Time,
        _ => Family::Other,
    }
}
