//! CHECK constraints of the table, as rows of authsync meet them.

use diesel::prelude::*;

use crate::legacy::obstacle::Obstacle;
use crate::legacy::shape::Shape;
use crate::legacy::sql::{Sql, literal, quoted};

/// The checks that are about nothing but columns in which a row of authsync holds nothing, and that refuse it.
pub(super) fn that_refuse_newcomers(connection: &mut PgConnection, shape: &Shape) -> QueryResult<Vec<Obstacle>> {
    let empty = shape.left_empty();
    if empty.is_empty() {
        return Ok(Vec::new());
    }
    let names = empty.iter().map(|column| literal(&column.name)).collect::<Vec<_>>().join(", ");
    let checks = connection.read(
        &format!(
            "SELECT c.conname::text, pg_get_expr(c.conbin, c.conrelid) FROM pg_constraint c \
             WHERE c.conrelid = 'users'::regclass AND c.contype = 'c' AND NOT EXISTS ( \
                 SELECT 1 FROM unnest(c.conkey) AS k (num) \
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num WHERE a.attname NOT IN ({names})) \
             ORDER BY 1"
        ),
        &[],
    )?;
    let nothing = empty.iter().map(|column| format!("NULL::{} AS {}", column.data_type, quoted(&column.name)));
    let nothing = nothing.collect::<Vec<_>>().join(", ");
    let refuses = |check: &str| format!("SELECT count(*) FROM (SELECT {nothing}) AS users WHERE NOT ({check})");
    let mut found = Vec::new();
    for check in checks {
        // One that cannot be asked so may be about anything; it is none of which we know that it refuses.
        if connection.count(&refuses(&check.word(1))).is_ok_and(|refused| refused > 0) {
            found.push(Obstacle::RefusesNewcomers { by: format!("the check {}", check.word(0)) });
        }
    }
    Ok(found)
}
