//! The last sync of a user that changed nothing.

use std::fmt;
use std::sync::{Arc, Mutex, Weak};

use domain::VerifiedToken;

/// What a sync does depends on its token, its body and the row, where no directory has a say: the same token with the same
/// words changes the same row no more the next time. A page that is opened again sends just that.
#[derive(Default)]
pub(super) struct LastUnchanged(Mutex<Option<Note>>);

struct Note {
    /// Does not keep the claims alive, but their place from being given to those of another token.
    token: Weak<VerifiedToken>,
    body: Box<[u8]>,
}

impl LastUnchanged {
    /// The longest body that is kept: more than the largest profile that browsers send.
    const MAX_BODY: usize = 512;

    /// The most that it takes up.
    pub(super) const BYTES: usize = size_of::<VerifiedToken>() + Self::MAX_BODY;

    /// Keeps this one in place of the one before.
    pub(super) fn note(&self, token: &Arc<VerifiedToken>, body: &[u8]) {
        // Another thread that is at it has as good a one.
        if body.len() <= Self::MAX_BODY
            && let Ok(mut last) = self.0.try_lock()
        {
            *last = Some(Note { token: Arc::downgrade(token), body: body.into() });
        }
    }

    /// Whether it was this one. Where another thread looks at the same moment it may not be known.
    pub(super) fn is(&self, token: &Arc<VerifiedToken>, body: &[u8]) -> bool {
        let Ok(last) = self.0.try_lock() else { return false };
        last.as_ref().is_some_and(|last| last.token.as_ptr() == Arc::as_ptr(token) && *last.body == *body)
    }
}

/// A body may hold anything.
impl fmt::Debug for LastUnchanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastUnchanged").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use domain::{Grants, Profile, UnixTime, VerifiedClaims};

    use super::*;
    use crate::user_cache::bench::subject;

    fn token(name: &str) -> Arc<VerifiedToken> {
        Arc::new(VerifiedToken::assert_verified(VerifiedClaims {
            subject: subject(name),
            issued_at: None,
            expires_at: UnixTime::from_secs(2_000_000_000),
            profile: Profile::default(),
            grants: Grants::default(),
        }))
    }

    #[test]
    fn it_is_known_by_the_very_token_and_the_very_words() {
        let (ann, also_ann) = (token("ann"), token("ann"));
        let last = LastUnchanged::default();
        assert!(!last.is(&ann, b"{}"));
        last.note(&ann, b"{}");
        assert!(last.is(&ann, b"{}") && last.is(&Arc::clone(&ann), b"{}"));
        assert!(!last.is(&ann, b"{ }") && !last.is(&also_ann, b"{}"));
        last.note(&also_ann, b"{}");
        assert!(!last.is(&ann, b"{}") && last.is(&also_ann, b"{}"));
    }

    #[test]
    fn no_later_token_is_taken_for_one_that_is_gone() {
        let last = LastUnchanged::default();
        for _ in 0..100 {
            let ann = token("ann");
            assert!(!last.is(&ann, b"{}"));
            last.note(&ann, b"{}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_kept() {
        let (ann, last) = (token("ann"), LastUnchanged::default());
        let long = [b' '; LastUnchanged::MAX_BODY + 1];
        last.note(&ann, &long);
        assert!(!last.is(&ann, &long));
        last.note(&ann, &long[1..]);
        assert!(last.is(&ann, &long[1..]));
    }
}
