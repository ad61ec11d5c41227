//! Every kind of token that must be refused, each for one reason.

mod claims;
mod header;
mod shape;
mod signature;

use std::sync::Arc;

use super::TokenBuilder;
use crate::FakeAuth0;
use crate::tenant::Tenant;

macro_rules! bad_tokens {
    ($($(#[$doc:meta])* $variant:ident => $name:literal, $mint:expr;)+) => {
        /// A kind of bad token. Apart from the one flaw that its name tells, such a token is a good one.
        ///
        /// All are ASCII without line breaks, so that each fits into an `Authorization` header. The flaws of time hold
        /// for any leeway up to 60 seconds.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum BadToken { $($(#[$doc])* $variant,)+ }

        impl BadToken {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// A stable name: the variant's in snake case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            pub(crate) fn spoil(self, good: TokenBuilder) -> String {
                let mint: fn(TokenBuilder) -> String = match self { $(Self::$variant => $mint,)+ };
                mint(good)
            }
        }
    };
}

// Behind the macro, because it is written with it.
mod kinds;

pub use kinds::BadToken;

impl BadToken {
    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|bad| bad.name() == name)
    }

    /// A token of this kind. Where the flaw is not in `sub`, it is this one.
    #[must_use]
    pub fn mint(self, tenant: &FakeAuth0, sub: &str) -> String {
        self.mint_from(tenant.tenant(), sub)
    }

    pub(crate) fn mint_from(self, tenant: &Arc<Tenant>, sub: &str) -> String {
        self.spoil(TokenBuilder::new(Arc::clone(tenant), sub))
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
}
