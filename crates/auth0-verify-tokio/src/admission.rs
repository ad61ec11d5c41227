//! What a guard found out about a request that it let in.

use std::sync::Arc;

use domain::{Requirement, User, VerifiedToken};

use crate::{Denial, Gate};

/// Who comes, as far as the guards of a request have asked. Each framework carries it from guard to guard and on to the
/// handler.
#[derive(Clone, Debug)]
pub struct Admission {
    pub(crate) gate: Gate,
    pub(crate) token: Option<Arc<VerifiedToken>>,
    pub(crate) user: Option<Arc<User>>,
    pub(crate) nonce: Option<Arc<str>>,
}

impl Admission {
    /// By what was judged.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The verified token; `None` where none came, which only [`Gate::optional_token`] allows.
    #[must_use]
    pub fn token(&self) -> Option<&Arc<VerifiedToken>> {
        self.token.as_ref()
    }

    /// The local user; `None` where no token came, or no guard has looked the user up.
    #[must_use]
    pub fn user(&self) -> Option<&Arc<User>> {
        self.user.as_ref()
    }

    /// A header that the answer to the request must have, whatever it is: `DPoP-Nonce`, so that no client comes to the end of
    /// its nonce (RFC 9449 §8.2).
    #[must_use]
    pub fn answer_header(&self) -> Option<(&'static str, &str)> {
        self.nonce.as_deref().map(|nonce| ("DPoP-Nonce", nonce))
    }

    /// Holds the token against one more requirement.
    ///
    /// # Errors
    /// 401 where none came, 403 where it does not grant this.
    pub fn require(&self, requirement: &Requirement) -> Result<(), Denial> {
        let token = self.token.as_ref().ok_or_else(|| self.no_token())?;
        self.gate.check(token, requirement)
    }

    /// The answer where a handler asks for the token and none came: 401.
    #[must_use]
    pub fn no_token(&self) -> Denial {
        self.gate.no_token()
    }

    /// The answer where a handler asks for the user and there is none: 401 where no token came, else 500, for then no guard
    /// has looked the user up.
    #[must_use]
    pub fn no_user(&self) -> Denial {
        match self.token {
            None => self.gate.no_token(),
            Some(_) => self.gate.misplaced("a handler asks for the user, and no guard has looked them up"),
        }
    }
}
