//! All that Auth0 has said of one user so far, put together so that order and repetition do not matter.

use crate::{Auth0Fact, Auth0Profile, DisplayName, PictureUrl, ProfileEmail, RecordTime, UnixTime};

/// A value and the moment it was so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    /// The value.
    pub value: T,
    /// The moment.
    pub time: RecordTime,
}

/// Auth0's word on one user: of each part the latest that was said. Kept beside the users table.
///
/// Each part is dated by itself, because a record may be silent about a part: an older one that is not must still count
/// for it, whether it arrives before or after. Taking facts in is associative, commutative and idempotent as long as a
/// profile that changes gets a later `updated_at`, which Auth0 sees to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth0Record {
    /// The address.
    pub email: Option<Dated<ProfileEmail>>,
    /// The name.
    pub name: Option<Dated<DisplayName>>,
    /// The avatar.
    pub picture: Option<Dated<PictureUrl>>,
    /// Whether the user may sign in.
    pub blocked: Option<Dated<bool>>,
    /// When the user came to be; the latest time, should they have been made again.
    pub created_at: Option<UnixTime>,
    /// The last moment at which the user is known to have been there.
    pub lived_at: Option<UnixTime>,
    /// The last deletion.
    pub deleted_at: Option<UnixTime>,
}

impl Auth0Record {
    /// The record with this fact in it.
    #[must_use]
    pub fn with(&self, fact: &Auth0Fact) -> Self {
        let mut record = fact.profile.as_ref().map_or_else(|| self.clone(), |profile| self.with_profile(profile));
        record.deleted_at = record.deleted_at.max(fact.deleted_at);
        record
    }

    /// The record with this profile in it.
    #[must_use]
    pub fn with_profile(&self, said: &Auth0Profile) -> Self {
        let Auth0Profile { profile, blocked, created_at, time } = said;
        Self {
            email: later(&self.email, &profile.email, *time),
            name: later(&self.name, &profile.name, *time),
            picture: later(&self.picture, &profile.picture, *time),
            blocked: later(&self.blocked, &Some(*blocked), *time),
            created_at: self.created_at.max(*created_at),
            lived_at: self.lived_at.max(Some(time.updated_at)),
            deleted_at: self.deleted_at,
        }
    }

    /// When the user was deleted, if that is the last that is known of them.
    #[must_use]
    pub fn deleted(&self) -> Option<UnixTime> {
        self.deleted_at.filter(|deleted| self.lived_at.is_none_or(|lived| *deleted >= lived))
    }

    /// Whether Auth0 bars the user, if it has said anything about that.
    #[must_use]
    pub fn is_blocked(&self) -> Option<bool> {
        self.blocked.as_ref().map(|blocked| blocked.value)
    }
}

/// The later of the two; of one moment, the greater value, so that all who hear both agree.
fn later<T: Clone + Ord>(known: &Option<Dated<T>>, said: &Option<T>, time: RecordTime) -> Option<Dated<T>> {
    let Some(value) = said else { return known.clone() };
    let heard = || Some(Dated { value: value.clone(), time });
    match known {
        None => heard(),
        // The same profile again, perhaps read a second time: nothing new, and nothing to write down.
        Some(old) if old.value == *value && old.time.updated_at == time.updated_at => known.clone(),
        Some(old) if (old.time, &old.value) < (time, value) => heard(),
        Some(_) => known.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn said(name: Option<&str>, at: i64) -> Auth0Profile {
        let name = name.map(DisplayName::from_auth0);
        Auth0Profile::of(Profile { name, ..Profile::default() }, UnixTime::from_secs(at))
    }

    fn name(record: &Auth0Record) -> Option<&str> {
        record.name.as_ref().map(|name| name.value.as_str())
    }

    #[test]
    fn the_later_word_counts_in_either_order() {
        let (old, new) = (said(Some("Old"), 1), said(Some("New"), 2));
        let empty = Auth0Record::default();
        assert_eq!(empty.with_profile(&old).with_profile(&new), empty.with_profile(&new).with_profile(&old));
        assert_eq!(name(&empty.with_profile(&new).with_profile(&old)), Some("New"));
    }

    #[test]
    fn silence_about_a_part_takes_nothing_back() {
        let record = Auth0Record::default().with_profile(&said(None, 2)).with_profile(&said(Some("Ada"), 1));
        assert_eq!(name(&record), Some("Ada"));
    }

    #[test]
    fn of_one_profile_time_the_later_statement_counts() {
        let said_at = |name, said_at| {
            let mut profile = said(Some(name), 1);
            profile.time.said_at = UnixTime::from_secs(said_at);
            profile
        };
        let record = Auth0Record::default().with_profile(&said_at("Second", 9)).with_profile(&said_at("First", 8));
        assert_eq!(name(&record), Some("Second"));
        let again = record.with_profile(&said_at("Second", 99));
        assert_eq!(again, record, "a second read of the same profile is nothing new");
    }

    #[test]
    fn a_deletion_lasts_until_a_later_sign_of_life() {
        let deletion = |at| Auth0Fact {
            subject: crate::Subject::parse("auth0|1").expect("a subject"),
            profile: None,
            deleted_at: Some(UnixTime::from_secs(at)),
        };
        let record = Auth0Record::default().with_profile(&said(None, 5)).with(&deletion(5));
        assert_eq!(record.deleted(), Some(UnixTime::from_secs(5)));
        assert_eq!(record.with_profile(&said(None, 4)).deleted(), Some(UnixTime::from_secs(5)));
        assert_eq!(record.with_profile(&said(None, 6)).deleted(), None);
        assert_eq!(record.with_profile(&said(None, 6)).with(&deletion(5)).deleted(), None);
    }
}
