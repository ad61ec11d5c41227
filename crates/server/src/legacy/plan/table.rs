//! The plan for a person.

use std::fmt;

use super::Plan;
use crate::legacy::sample::Sample;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shape(f)?;
        self.passwords(f)?;
        self.addresses(f)?;
        self.exceptions(f)?;
        for hindrance in &self.obstacles {
            writeln!(f, "\nobstacle: {}\n  to do:  {}", hindrance.obstacle, hindrance.remedy)?;
        }
        writeln!(f, "\nnext: {}", self.next)
    }
}

impl Plan {
    fn shape(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let is_ours =
            |name: &str| name == "id" || name == "email" || self.password_columns.iter().any(|own| own == name);
        let others = self.columns.iter().map(|column| column.name.as_str()).filter(|name| !is_ours(name)).collect();
        let references: Vec<_> =
            self.references.iter().map(|one| format!("{}.{} → {}", one.table, one.columns, one.to)).collect();
        writeln!(f, "the table users, {}", self.era)?;
        writeln!(f, "  rows              {}", self.rows)?;
        writeln!(f, "  id                {}", self.id_type.as_deref().unwrap_or("none"))?;
        writeln!(f, "  password columns  {}", named(self.password_columns.iter().map(String::as_str).collect()))?;
        writeln!(f, "  other columns     {}", named(others))?;
        writeln!(f, "  referred to by    {}", named(references.iter().map(String::as_str).collect()))
    }

    fn passwords(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.hashes.is_empty() {
            return Ok(());
        }
        writeln!(f, "\npasswords")?;
        for kind in &self.hashes {
            write!(f, "  {:<36} {:>9}", kind.format, kind.sample.rows)?;
            match &kind.reason {
                None => writeln!(f, "  can be imported")?,
                Some(reason) => writeln!(f, "  not imported: {reason} ({})", kind.sample)?,
            }
        }
        Ok(())
    }

    fn addresses(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { emails, .. } = self;
        if emails.shared == 0 && emails.unkept.rows == 0 {
            return Ok(());
        }
        writeln!(f, "\naddresses")?;
        if emails.shared > 0 {
            let groups = emails.first_shared.iter().take(5);
            let groups: Vec<_> =
                groups.map(|ids| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(" and ")).collect();
            let more = if emails.shared > 5 { ", …" } else { "" };
            writeln!(
                f,
                "  {} of several rows, but for case and white space: the first id keeps it, the others get a placeholder \
                 (ids {}{more})",
                emails.shared,
                groups.join(", ")
            )?;
        }
        if emails.unkept.rows > 0 {
            let Sample { rows, .. } = &emails.unkept;
            writeln!(f, "  {rows} rows without one that can be kept: they get a placeholder ({})", emails.unkept)?;
        }
        Ok(())
    }

    fn exceptions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, kinds) in [
            ("users whom Auth0 would refuse, and who are not exported", &self.refused),
            ("what Auth0 would refuse of a user, who is exported without it", &self.left_out),
        ] {
            if !kinds.is_empty() {
                writeln!(f, "\n{title}")?;
            }
            for kind in kinds {
                writeln!(f, "  {:<62} {:>9}  ({})", kind.reason, kind.sample.rows, kind.sample)?;
            }
        }
        if self.deactivated.rows > 0 {
            writeln!(
                f,
                "\ndeactivated users\n  {} rows are not active: Auth0 is told to block those that it imports, but whoever comes \
                 another way with the verified address of such a row gets it; have the application look at it itself ({})",
                self.deactivated.rows, self.deactivated
            )?;
        }
        if !self.password_column_users.is_empty() {
            writeln!(
                f,
                "\nin the way of authsync legacy finish, until it is dropped: {}",
                self.password_column_users.join(", ")
            )?;
        }
        if self.settled > 0 {
            writeln!(
                f,
                "\n{} users need no export: they are linked or imported, or came since the adoption",
                self.settled
            )?;
        }
        let at_most = if self.is_upper_bound() { "at most " } else { "" };
        writeln!(
            f,
            "\nto be exported: {at_most}{} of {} users, {at_most}{} of them with their password",
            self.importable, self.rows, self.importable_with_password
        )
    }
}
