//! What to do about each obstacle.

use persistence::Obstacle;

use super::Hindrance;

pub(super) fn hindrance(obstacle: &Obstacle) -> Hindrance {
    Hindrance { obstacle: obstacle.to_string(), remedy: remedy(obstacle) }
}

fn remedy(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::NotAPlainTable => {
            "name the table behind it `users`, or make a plain table of it; views and partitions are not adopted".into()
        }
        Obstacle::NoId | Obstacle::IdType { .. } => {
            "add an integer column `id` beside the present key (ALTER TABLE users ADD COLUMN id SERIAL UNIQUE), after \
             giving the present one another name if it has this one, and a default if the application fills it"
                .into()
        }
        Obstacle::IdNotUnique => "make it the primary key: ALTER TABLE users ADD PRIMARY KEY (id)".into(),
        Obstacle::IdNotGiven => {
            "give it a default: CREATE SEQUENCE users_id_seq OWNED BY users.id, set it beyond the largest id, and \
             ALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('users_id_seq'); on SQLite, make the column INTEGER \
             PRIMARY KEY"
                .into()
        }
        Obstacle::KeyNotGiven { column } => format!(
            "have the database fill it where an INSERT is silent, with another value for each row: ALTER TABLE users ALTER \
             COLUMN {column} SET DEFAULT gen_random_uuid()"
        ),
        Obstacle::RefusesNewcomers { .. } => {
            "drop it (ALTER TABLE users DROP CONSTRAINT …; on SQLite, make the table anew without it), or have it pass NULL"
                .into()
        }
        Obstacle::WithoutRowid => "make the table anew without WITHOUT ROWID".into(),
        Obstacle::IdTooLarge { id } => format!("give the row {id} another id, and those that refer to it with it"),
        Obstacle::NoEmail => "name the column with the addresses `email` and give it a type of text".into(),
        Obstacle::NameTaken { name, .. } => format!("give that one another name: ALTER INDEX {name} RENAME TO …"),
        Obstacle::ColumnType { column, .. } | Obstacle::ColumnTaken { column } => format!(
            "give it another name: ALTER TABLE users RENAME COLUMN {column} TO {column}_of_before, and the same in the \
             application's model"
        ),
        Obstacle::Shown { view, .. } => {
            format!("note the definition of {view} (pg_get_viewdef), drop it, adopt, and make it again")
        }
        Obstacle::Unreadable { column, .. } if column == "email_verified" => {
            "say of whom nothing is known that nobody has verified it: UPDATE users SET email_verified = FALSE WHERE \
             email_verified IS NULL"
                .into()
        }
        Obstacle::Unreadable { column, .. } => {
            format!("mend these rows, or set their {column} to NULL: then they wait to be linked")
        }
        Obstacle::NotOwner => "connect as the owner of the table, by --database-url".into(),
        Obstacle::Strict => "make the table anew without STRICT".into(),
        other => format!("change the table so that this is no longer so: {other}"),
    }
}
