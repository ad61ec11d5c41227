//! Requests between a guard's first look and its answer.

use std::sync::Arc;

use domain::Presented;

use crate::gate::SoFar;
use crate::{Admission, Denial, Guard};

/// How far a guard came without waiting.
#[derive(Debug)]
pub enum Admitting {
    /// To the end.
    Decided(Result<Admission, Denial>),
    /// Somebody else has to be asked: the issuer, the store of used proofs or the users table. Or others have come before, and
    /// it is not this token's turn.
    Waits(Waiting),
}

/// A request about which somebody else has to be asked.
#[derive(Debug)]
pub struct Waiting {
    pub(crate) guard: Guard,
    pub(crate) step: Box<Step>,
}

/// What is asked.
#[derive(Debug)]
pub(crate) enum Step {
    Token { presented: Presented, so_far: SoFar, nonce: Option<Arc<str>> },
    User(Admission),
}

impl Waiting {
    /// Asks, and comes to an end.
    ///
    /// # Errors
    /// The answer to send.
    ///
    /// # Panics
    /// Outside of a tokio runtime with its clock enabled.
    pub async fn outcome(self) -> Result<Admission, Denial> {
        let Self { guard, mut step } = self;
        loop {
            let so_far = match *step {
                Step::Token { presented, so_far, nonce } => {
                    let token = guard.gate.go_on(presented, so_far).await?;
                    guard.go_on(Admission { gate: guard.gate.clone(), token: Some(token), user: None, nonce })
                }
                Step::User(mut admission) => {
                    if let Some(token) = &admission.token {
                        admission.user = Some(Arc::new(guard.gate.confirm(token).await?));
                    }
                    return Ok(admission);
                }
            };
            match so_far {
                Admitting::Decided(outcome) => return outcome,
                Admitting::Waits(waiting) => step = waiting.step,
            }
        }
    }
}
