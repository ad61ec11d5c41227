//! What an existing users table looks like.

/// One column of the users table.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as the database writes it.
    pub data_type: String,
    /// Whether a row may lack it.
    pub nullable: bool,
    /// Whether the database fills it where an INSERT is silent.
    pub has_default: bool,
    pub(super) family: Family,
    /// A part of the primary key, so it may never be NULL.
    pub(super) in_key: bool,
    /// Computed from other columns, so it cannot be written.
    pub(super) generated: bool,
}

impl Column {
    /// Whether an INSERT must name it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.nullable && !self.has_default && !self.generated
    }
}

/// What a type holds, as far as we care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// An integer of at most 32 bits.
    Integer,
    Text,
    /// Text of which the case or the end does not count.
    LooseText,
    Bytes,
    Bool,
    Time,
    Other,
}

impl Family {
    pub(super) const TEXTS: [Self; 2] = [Self::Text, Self::LooseText];
    pub(super) const ALL: [Self; 7] =
        [Self::Integer, Self::Text, Self::LooseText, Self::Bytes, Self::Bool, Self::Time, Self::Other];
}

/// A foreign key of another table, or of the users table itself, that points at users.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The table that refers to users.
    pub table: String,
    /// Its columns, separated by commas.
    pub columns: String,
    /// The columns of users, separated by commas.
    pub to: String,
}

/// The table, as the catalogue has it.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(super) is_plain: bool,
    pub(super) is_strict: bool,
    /// A table of SQLite that gives no ids.
    pub(super) is_without_rowid: bool,
    pub(super) is_owned: bool,
    pub(super) id_is_unique: bool,
    pub(super) columns: Vec<Column>,
    pub(super) references: Vec<Reference>,
    /// Columns that views show, with the view: PostgreSQL does not change the type of one.
    pub(super) shown: Vec<(String, String)>,
}

/// Names under which programs keep a password hash, the likeliest first.
const HASHES: [&str; 4] = ["hashed_password", "password_hash", "password", "hash"];

impl Shape {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The first of these columns that is there.
    pub(super) fn first_of(&self, names: &[&str]) -> Option<&Column> {
        names.iter().find_map(|name| self.column(name))
    }

    /// The columns that hold passwords, the hash first: those that the operator named, or else those of a usual name.
    /// `Err` holds the name of a column that is not there.
    pub(super) fn password_columns(&self, named: &[String]) -> Result<Vec<String>, String> {
        match named.iter().find(|name| self.column(name).is_none()) {
            Some(missing) => return Err(missing.clone()),
            None if !named.is_empty() => return Ok(named.to_vec()),
            None => {}
        }
        let mut found: Vec<_> = HASHES.iter().filter(|name| self.column(name).is_some()).copied().collect();
        if found.len() > 1 {
            // Beside a column that says what it is, `hash` may be of anything.
            found.retain(|name| *name != "hash");
        }
        Ok(found.into_iter().map(str::to_owned).collect())
    }

    /// Columns that are too narrow for what authsync writes, 255 characters or any number for a picture, with the types
    /// that they have.
    pub(super) fn narrow(&self) -> Vec<(String, String)> {
        let narrow = |name: &str| {
            let column = self.column(name)?;
            let (_, length) = column.data_type.split_once('(')?;
            let length: u32 = length.trim_end_matches(')').parse().ok()?;
            (name == "picture" || length < 255).then(|| (name.to_owned(), column.data_type.clone()))
        };
        ["email", "name", "picture", "auth0_id"].into_iter().filter_map(narrow).collect()
    }

    /// Columns in which a row of authsync holds nothing: it does not know them, and nobody fills them for it. A name and a
    /// picture need not be known.
    pub(super) fn left_empty(&self) -> Vec<&Column> {
        let filled = ["id", "email", "auth0_id", "email_verified", "created_at", "updated_at"];
        let is_empty = |column: &&Column| {
            !column.has_default && !column.generated && !column.in_key && !filled.contains(&column.name.as_str())
        };
        self.columns.iter().filter(is_empty).collect()
    }

    /// Times that are there and that the database fills for nobody.
    pub(super) fn times_to_fill(&self) -> impl Iterator<Item = &Column> {
        let times = ["created_at", "updated_at"].into_iter().filter_map(|name| self.column(name));
        times.filter(|column| !column.has_default && !column.generated)
    }

    /// The columns of which a display name can be put together.
    pub(super) fn name_sources(&self) -> Vec<&Column> {
        if let Some(column) = self.first_of(&["full_name", "fullname", "display_name"]) {
            return vec![column];
        }
        let given = self.first_of(&["first_name", "given_name"]);
        let family = self.first_of(&["last_name", "family_name", "surname"]);
        [given, family].into_iter().flatten().collect()
    }
}
