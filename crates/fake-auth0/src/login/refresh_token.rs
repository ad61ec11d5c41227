//! Refresh tokens that change with every use, and what happens when an old one comes back.
//!
//! A token is the name of its family and a secret, with a dot between. A family knows its newest secret alone:
//! any other one is an old token used again, which means that somebody else has it, and ends the family.

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::Login;
use super::code::Grant;
use crate::random;

/// Auth0's defaults: so long after the login, and so long after the last use.
const ABSOLUTE_LIFETIME: i64 = 30 * 24 * 3600;
const IDLE_LIFETIME: i64 = 15 * 24 * 3600;

/// The tokens that follow from one login.
#[derive(Clone)]
pub(super) struct Family {
    pub(super) grant: Grant,
    secret: String,
    used_at: i64,
}

impl std::fmt::Debug for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Family").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// What a refresh token turned out to be.
#[derive(Debug)]
pub(super) enum Redeemed<T, E> {
    /// The newest of its family; the successor is good from now on.
    Newest { grant: Grant, permitted: T, successor: String },
    /// The newest of its family, and still so, because there was no permission to use it.
    Denied(E),
    /// Anything else. Where it was an old one, its family has ended.
    Nothing,
}

impl Login {
    /// Begins a family. Returns its name and its first token.
    pub(super) fn begin_family(&self, grant: Grant, now: i64) -> (String, String) {
        let secret = random::token(32);
        let family = Family { grant, secret: secret.clone(), used_at: now };
        let name = self.families.keep(family, now + ABSOLUTE_LIFETIME, now);
        let token = format!("{name}.{secret}");
        (name, token)
    }

    /// Uses a token of this client, if that is permitted.
    pub(super) fn redeem<T, E>(
        &self,
        token: &str,
        client_id: &str,
        now: i64,
        permit: impl FnOnce(&Grant) -> Result<T, E>,
    ) -> Redeemed<T, E> {
        let Some((name, secret)) = token.split_once('.') else {
            return Redeemed::Nothing;
        };
        let redeemed = self.families.change(name, now, |family| {
            if family.grant.client_id != client_id {
                // Another client's attempt must not end what is not its own.
                return Some(Redeemed::Nothing);
            }
            let is_newest = verify_slices_are_equal(family.secret.as_bytes(), secret.as_bytes()).is_ok();
            if !is_newest || family.used_at + IDLE_LIFETIME <= now {
                return None;
            }
            let permitted = match permit(&family.grant) {
                Ok(permitted) => permitted,
                Err(denied) => return Some(Redeemed::Denied(denied)),
            };
            family.secret = random::token(32);
            family.used_at = now;
            let successor = format!("{name}.{}", family.secret);
            Some(Redeemed::Newest { grant: family.grant.clone(), permitted, successor })
        });
        match redeemed {
            Some(Some(redeemed)) => redeemed,
            Some(None) => {
                self.end_family(name);
                Redeemed::Nothing
            }
            None => Redeemed::Nothing,
        }
    }

    pub(super) fn end_family(&self, name: &str) {
        self.families.remove(name);
    }

    /// Ends the family of a token of this client, old or new.
    pub(super) fn revoke(&self, token: &str, client_id: &str, now: i64) {
        let family = token.split_once('.').map(|(name, _)| name);
        if let Some(name) = family
            && self.families.find(name, now).is_some_and(|family| family.grant.client_id == client_id)
        {
            self.end_family(name);
        }
    }
}
