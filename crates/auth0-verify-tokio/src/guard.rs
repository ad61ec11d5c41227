//! What one route asks of those who come.

use std::sync::Arc;

use auth0_verify::NotPresented;
use domain::{Presented, Requirement};

use crate::admitting::Step;
use crate::gate::Judgement;
use crate::{Admission, Admitting, Denial, Gate, Waiting};

/// Stands before a route, or before many. It judges the token by itself, unless a guard of the same gate further out has
/// done so: there is no order in which guards let somebody through whom nobody has judged.
#[derive(Clone, Debug)]
pub struct Guard {
    pub(crate) gate: Gate,
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
        match self.begin(earlier, presented) {
            Admitting::Decided(outcome) => outcome,
            Admitting::Waits(waiting) => waiting.outcome().await,
        }
    }

    /// The same as far as that can be done without waiting, which is most of the time to the end.
    #[must_use]
    pub fn begin(&self, earlier: Option<Admission>, presented: Result<Presented, NotPresented>) -> Admitting {
        let gate = self.gate.clone();
        if let Some(earlier) = earlier.filter(|earlier| earlier.gate.judges_like(&gate)) {
            // A proof is good once, so one request is judged once.
            return self.go_on(Admission { gate, ..earlier });
        }
        if matches!(presented, Err(NotPresented::NoToken)) {
            return self.go_on(Admission { gate, token: None, user: None, nonce: None });
        }
        let nonce = gate.next_nonce(&presented);
        match gate.begin(presented) {
            Judgement::Done(Ok(token)) => self.go_on(Admission { gate, token: Some(token), user: None, nonce }),
            Judgement::Done(Err(denial)) => Admitting::Decided(Err(denial)),
            Judgement::Waits(presented, so_far) => {
                Admitting::Waits(self.waiting(Step::Token { presented, so_far, nonce }))
            }
        }
    }

    /// What is left once the token is judged.
    pub(crate) fn go_on(&self, admission: Admission) -> Admitting {
        let Some(token) = &admission.token else {
            return Admitting::Decided(if self.needs_token { Err(self.gate.no_token()) } else { Ok(admission) });
        };
        let met = self.requirement.as_ref().map_or(Ok(()), |requirement| self.gate.check(token, requirement));
        match met {
            Err(denial) => Admitting::Decided(Err(denial)),
            Ok(()) if self.needs_user && admission.user.is_none() => {
                Admitting::Waits(self.waiting(Step::User(admission)))
            }
            Ok(()) => Admitting::Decided(Ok(admission)),
        }
    }

    fn waiting(&self, step: Step) -> Waiting {
        Waiting { guard: self.clone(), step: Box::new(step) }
    }
}
