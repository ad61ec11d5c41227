//! What one route asks of those who come.

use std::sync::Arc;

use auth0_verify::NotPresented;
use domain::{Presented, Requirement, VerifiedToken};

use crate::{Admission, Denial, Gate};

/// Stands before a route, or before many. It judges the token by itself, unless a guard of the same gate further out has
/// done so: there is no order in which guards let somebody through whom nobody has judged.
#[derive(Clone, Debug)]
pub struct Guard {
    gate: Gate,
    needs_token: bool,
    requirement: Option<Arc<Requirement>>,
    needs_user: bool,
}

impl Guard {
    pub(crate) fn of(gate: &Gate) -> Self {
        Self { gate: gate.clone(), needs_token: true, requirement: None, needs_user: false }
    }

    pub(crate) fn or_nobody(self) -> Self {
        Self { needs_token: false, ..self }
    }

    pub(crate) fn requiring(self, requirement: Requirement) -> Self {
        Self { requirement: Some(Arc::new(requirement)), ..self }
    }

    /// The same, looking the local user up as well: 404 where there is none, 403 for one who is blocked. Needs
    /// [`Gate::with_users`].
    #[must_use]
    pub fn with_user(self) -> Self {
        Self { needs_user: true, ..self }
    }

    /// Judges a request before its body is read. `earlier` is what a guard further out left with it.
    ///
    /// # Errors
    /// The answer to send.
    ///
    /// # Panics
    /// Outside of a tokio runtime with its clock enabled.
    pub async fn admit(
        &self,
        earlier: Option<Admission>,
        presented: Result<Presented, NotPresented>,
    ) -> Result<Admission, Denial> {
        let mut admission = match earlier.filter(|earlier| earlier.gate.judges_like(&self.gate)) {
            // A proof is good once, so one request is judged once.
            Some(earlier) => Admission { gate: self.gate.clone(), ..earlier },
            None => {
                let (gate, nonce) = (self.gate.clone(), self.gate.next_nonce(&presented));
                Admission { gate, token: self.judge(presented).await?, user: None, nonce }
            }
        };
        let Some(token) = admission.token.clone() else {
            return if self.needs_token { Err(self.gate.no_token()) } else { Ok(admission) };
        };
        if let Some(requirement) = &self.requirement {
            self.gate.check(&token, requirement)?;
        }
        if self.needs_user && admission.user.is_none() {
            admission.user = Some(Arc::new(self.gate.confirm(&token).await?));
        }
        Ok(admission)
    }

    async fn judge(&self, presented: Result<Presented, NotPresented>) -> Result<Option<Arc<VerifiedToken>>, Denial> {
        match presented {
            Err(NotPresented::NoToken) => Ok(None),
            presented => self.gate.judge_shared(presented).await.map(Some),
        }
    }
}
