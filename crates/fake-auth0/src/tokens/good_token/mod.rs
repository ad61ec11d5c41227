//! Tokens that are unusual and must be accepted all the same.

use std::sync::Arc;

use super::TokenBuilder;
use crate::FakeAuth0;
use crate::tenant::Tenant;

/// Published names of the current key that only exact comparison of parsed JSON finds.
const UNUSUAL_KID: &str = "key/1+2=3 \"ä\" \\ ../{}";
const LONG_KID: &str = "a-name-of-the-current-key-that-is-longer-than-the-thumbprint-of-any-hash-that-other-issuers-\
                        use-and-that-no-column-of-fixed-width-would-have-room-for";

macro_rules! good_tokens {
    ($($source:literal { $($(#[doc = $about:literal])+ $variant:ident => $name:literal, $change:expr;)+ })+) => {
        /// A kind of good token that a strict verifier may stumble over.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum GoodToken { $($($(#[doc = $about])+ $variant,)+)+ }

        impl GoodToken {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$($(Self::$variant,)+)+];

            /// A stable name: the variant's in snake case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)+)+ }
            }

            /// Who says that it must be accepted.
            #[must_use]
            pub fn source(self) -> &'static str {
                match self { $($(Self::$variant => $source,)+)+ }
            }

            /// What is unusual about it, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $($(Self::$variant => concat!($($about),+).trim_ascii(),)+)+ }
            }

            pub(super) fn change(self, token: TokenBuilder) -> TokenBuilder {
                let change: fn(TokenBuilder) -> TokenBuilder = match self { $($(Self::$variant => $change,)+)+ };
                change(token)
            }
        }
    };
}

// Behind the macro, because it is written with it.
mod kinds;

pub use kinds::GoodToken;

impl GoodToken {
    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|good| good.name() == name)
    }

    /// A token of this kind for [`subject`](Self::subject)`(sub)`.
    ///
    /// [`UnusualKid`](Self::UnusualKid) and [`LongKid`](Self::LongKid) publish the current key under two more names, so
    /// a verifier that has fetched the key set before must fetch it again.
    #[must_use]
    pub fn mint(self, tenant: &FakeAuth0, sub: &str) -> String {
        self.mint_from(tenant.tenant(), sub)
    }

    /// The `sub` that the token has: the one asked for, except where the subject is what is unusual.
    #[must_use]
    pub fn subject(self, sub: &str) -> String {
        match self {
            Self::LongSubject => long_subject(sub),
            Self::SubjectOfManyParts => format!("samlp|{sub}|ada@example.test"),
            Self::SubjectWithSpaces => format!("{sub} {sub}"),
            Self::SubjectBeyondAscii => format!("{sub}|\u{5e2}\u{5d3}\u{5d4}-\u{1f469}\u{200d}\u{1f52c}"),
            _ => sub.to_owned(),
        }
    }

    pub(crate) fn mint_from(self, tenant: &Arc<Tenant>, sub: &str) -> String {
        if [Self::UnusualKid, Self::LongKid].contains(&self) {
            // Both at once, so that one more fetch is enough for the two.
            tenant.keys().publish_current_as(UNUSUAL_KID);
            tenant.keys().publish_current_as(LONG_KID);
        }
        self.change(TokenBuilder::new(Arc::clone(tenant), &self.subject(sub))).mint()
    }
}

fn long_subject(sub: &str) -> String {
    let mut long = sub.to_owned();
    while long.len() + 'ü'.len_utf8() <= 255 {
        long.push('ü');
    }
    while long.len() < 255 {
        long.push('u');
    }
    long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_subject_has_255_bytes() {
        assert_eq!(GoodToken::LongSubject.subject("auth0|1").len(), 255);
        assert_eq!(GoodToken::LongSubject.subject("auth0|12").len(), 255);
        assert_eq!(GoodToken::NoIat.subject("auth0|1"), "auth0|1");
    }
}
