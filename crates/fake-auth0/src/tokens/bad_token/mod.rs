//! Every kind of token that must be refused, each for one reason.

mod claims;
mod elliptic;
mod header;
mod hmac;
mod published;
mod rsa;
mod shape;
mod signature;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::TokenBuilder;
use crate::FakeAuth0;
use crate::tenant::Tenant;

/// A kind of bad token. Apart from the one flaw that its name tells, such a token is a good one.
///
/// All are ASCII without line breaks, so that each fits into an `Authorization` header. The flaws of time hold for any
/// leeway up to 60 seconds. Some are about a key that the tenant publishes beside its own; minting one publishes it, so
/// a verifier that has fetched the key set before must fetch it again.
#[derive(Clone, Copy)]
pub struct BadToken {
    name: &'static str,
    rejection: &'static str,
    source: &'static str,
    about: &'static str,
    spoil: fn(TokenBuilder) -> String,
}

/// Rows of the list: why they must be refused and who says so, then each with what it is, its names, and its making.
macro_rules! bad_tokens {
    ($($rejection:literal, $source:literal {
        $($(#[doc = $about:literal])+ $constant:ident => $name:literal, $spoil:expr;)+
    })+) => {
        #[allow(non_upper_case_globals, reason = "they are kinds, and read like the variants of an enumeration")]
        impl crate::tokens::BadToken {
            $($(
                $(#[doc = $about])+
                pub const $constant: Self = Self {
                    name: $name,
                    rejection: $rejection,
                    source: $source,
                    about: concat!($($about),+),
                    spoil: $spoil,
                };
            )+)+
        }

        pub(super) const ROWS: &[crate::tokens::BadToken] = &[$($(crate::tokens::BadToken::$constant,)+)+];
    };
}

// Behind the macro, because it is written with it.
mod rows;

pub(super) use elliptic::{negated, signature_of};
pub(super) use header::by_published;
pub(super) use shape::of_length;

impl BadToken {
    /// Every kind there is.
    pub const ALL: &[Self] = &rows::ALL;

    /// A stable name: the constant's in snake case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Why a verifier must refuse it that allows RS256, PS256 and ES256: the code of a reason, as `docs/token-rules.md`
    /// lists them.
    #[must_use]
    pub fn rejection(self) -> &'static str {
        self.rejection
    }

    /// Who says that it must be refused: a clause of an RFC, a known hole, or `ours`.
    #[must_use]
    pub fn source(self) -> &'static str {
        self.source
    }

    /// What is wrong with it, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        self.about.trim()
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|bad| bad.name == name)
    }

    /// A token of this kind. Where the flaw is not in `sub`, it is this one.
    #[must_use]
    pub fn mint(self, tenant: &FakeAuth0, sub: &str) -> String {
        self.mint_from(tenant.tenant(), sub)
    }

    pub(crate) fn mint_from(self, tenant: &Arc<Tenant>, sub: &str) -> String {
        self.spoil(TokenBuilder::new(Arc::clone(tenant), sub))
    }

    pub(crate) fn spoil(self, good: TokenBuilder) -> String {
        (self.spoil)(good)
    }
}

impl PartialEq for BadToken {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for BadToken {}

impl Hash for BadToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BadToken({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_a_name_of_its_own() {
        for bad in BadToken::ALL {
            assert_eq!(BadToken::from_name(bad.name()), Some(*bad));
        }
        assert_eq!(BadToken::from_name("good"), None);
    }

    #[test]
    fn every_kind_says_what_it_is_in_one_line() {
        for bad in BadToken::ALL {
            assert!(bad.about().ends_with('.') && !bad.about().contains(['\n', '\t']), "{bad:?}");
        }
    }
}
