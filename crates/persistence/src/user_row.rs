//! From the columns of a row to a user.

use domain::{
    DisplayName, EmailAddress, EmailAddressError, PictureUrl, Standing, Subject, SubjectError, UnixTime, UnreadableRow,
    User, UserId, UserPage,
};

/// What both databases select: `id`, `auth0_id`, `email`, `email_verified`, `name`, `picture`, `blocked`, and `deleted_at`
/// in seconds since 1970.
pub(crate) type Columns<Id> = (Id, String, String, bool, Option<String>, Option<String>, bool, Option<f64>);

/// A row that another program wrote and that breaks a rule. Says which rule, and never the value.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the row of user {id} breaks a rule: {rule}")]
pub(crate) struct BrokenRow {
    id: i64,
    rule: Rule,
}

#[derive(Clone, Debug, thiserror::Error)]
enum Rule {
    #[error("the id has more than 31 bits")]
    Id,
    #[error(transparent)]
    Subject(#[from] SubjectError),
    #[error(transparent)]
    Email(#[from] EmailAddressError),
}

impl BrokenRow {
    /// A row whose id no [`UserId`] can hold.
    pub(crate) fn id_too_large(id: i64) -> Self {
        Self { id, rule: Rule::Id }
    }
}

/// The columns `blocked` and `deleted_at` (in seconds since 1970) of a user.
pub(crate) fn standing_columns(user: &User) -> (bool, Option<f64>) {
    match user.standing {
        Standing::Active => (false, None),
        Standing::Blocked => (true, None),
        // A double holds milliseconds exactly for some hundred thousand years.
        #[expect(clippy::cast_precision_loss, reason = "53 bits of milliseconds are enough")]
        Standing::Deleted { at } => (false, Some(at.as_millis() as f64 / 1000.0)),
    }
}

/// A moment that a database gives as seconds: to the nearest millisecond, and the last one of all for `infinity`.
fn moment(seconds: f64) -> UnixTime {
    #[expect(clippy::cast_possible_truncation, reason = "a cast from a double stops at the ends of the range")]
    UnixTime::from_millis((seconds * 1000.0).round() as i64)
}

/// Reads a row: an id, a subject or an address outside of the domain's rules is an error and never a panic.
pub(crate) fn user_from<Id: Copy + Into<i64>>(columns: Columns<Id>) -> Result<User, BrokenRow> {
    let id = columns.0.into();
    checked(columns).map_err(|rule| BrokenRow { id, rule })
}

/// Reads a row that the database takes for the one that holds an address. It may read a letter's lower case otherwise than
/// this program; that it lets nobody else have the address is what counts.
pub(crate) fn holder_from<Id: Copy + Into<i64>>(columns: Columns<Id>, held: &EmailAddress) -> Result<User, BrokenRow> {
    Ok(User { email: held.clone(), ..user_from(columns)? })
}

/// How many rows to ask the database for: one more than the page holds tells whether there is another page.
pub(crate) fn rows_for_page(limit: usize) -> i64 {
    i64::try_from(limit.max(1)).unwrap_or(i64::MAX).saturating_add(1)
}

/// Makes a page of rows in the order of their ids. A row that breaks a rule does not keep the others away.
pub(crate) fn page_of<Id: Copy + Into<i64>>(mut rows: Vec<Columns<Id>>, limit: usize) -> UserPage {
    let is_last = rows.len() <= limit.max(1);
    rows.truncate(limit.max(1));
    // Ids that no `UserId` can hold are the last ones there are.
    let next = rows.last().and_then(|row| i32::try_from(row.0.into()).ok()).map(UserId::new).filter(|_| !is_last);
    let mut page = UserPage { next, ..UserPage::default() };
    for row in rows {
        match user_from(row) {
            Ok(user) => page.users.push(user),
            Err(BrokenRow { id, rule }) => page.unreadable.push(UnreadableRow { id, reason: rule.to_string() }),
        }
    }
    page
}

fn checked<Id: Into<i64>>(columns: Columns<Id>) -> Result<User, Rule> {
    let (id, subject, email, email_verified, name, picture, blocked, deleted_at) = columns;
    Ok(User {
        id: UserId::new(i32::try_from(id.into()).map_err(|_| Rule::Id)?),
        subject: Subject::parse(&subject)?,
        email: EmailAddress::parse(&email)?,
        email_verified,
        // What other programs wrote for show costs nobody their login: of a name what can be shown counts, and a picture that
        // is none is not shown.
        name: name.as_deref().map(DisplayName::from_auth0),
        picture: picture.as_deref().and_then(|picture| PictureUrl::parse(picture).ok()),
        standing: match (deleted_at, blocked) {
            (Some(seconds), _) => Standing::Deleted { at: moment(seconds) },
            (None, true) => Standing::Blocked,
            (None, false) => Standing::Active,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, email: &str, picture: &str) -> Columns<i64> {
        (id, "auth0|1".to_owned(), email.to_owned(), false, None, Some(picture.to_owned()), false, None)
    }

    #[test]
    fn a_row_that_breaks_a_rule_is_named_without_its_values() {
        let error = user_from(row(7, "nonsense", "https://a/b")).expect_err("no address");
        let said = "the row of user 7 breaks a rule: the email address is not of the form local@domain";
        assert_eq!(error.to_string(), said);
        assert!(user_from(row(i64::from(i32::MAX) + 1, "a@b", "https://a/b")).is_err());
    }

    #[test]
    fn a_name_and_a_picture_that_break_a_rule_cost_nobody_their_login() {
        let mut columns = row(7, "a@b", "/me.png");
        columns.4 = Some("Ada\u{7}\n Lovelace".to_owned());
        let user = user_from(columns).expect("a user");
        assert_eq!((user.name.as_ref().map(DisplayName::as_str), user.picture), (Some("Ada Lovelace"), None));
    }

    #[test]
    fn a_mixed_case_address_is_read_in_lower_case() {
        let user = user_from(row(7, "Ann@Example.COM", "https://a/b")).expect("a user");
        assert_eq!(user.email.as_str(), "ann@example.com");
    }
}
