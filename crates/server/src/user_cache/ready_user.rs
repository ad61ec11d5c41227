//! A user with the answers about them.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use domain::{DisplayName, KnownUser, PictureUrl};

use super::generations::Ticket;
use crate::http::{sync_body, verify_body};

/// A row that was read, and what clients are told of it, made once.
#[derive(Debug)]
pub(crate) struct ReadyUser {
    known: Arc<KnownUser>,
    verify: Bytes,
    sync: Bytes,
    pub(super) ticket: Ticket,
    /// When the ticket was drawn, in uptime.
    pub(super) read_at: Duration,
}

impl ReadyUser {
    /// `None` if the answers cannot be written, which does not happen.
    pub(super) fn new(known: Arc<KnownUser>, ticket: Ticket, read_at: Duration) -> Option<Self> {
        let (verify, sync) = (verify_body(&known.user).ok()?, sync_body(&known.user).ok()?);
        Some(Self { known, verify: verify.into(), sync: sync.into(), ticket, read_at })
    }

    /// The row.
    pub(crate) fn known(&self) -> &Arc<KnownUser> {
        &self.known
    }

    /// The body of `GET /auth/verify`.
    pub(crate) fn verify_body(&self) -> Bytes {
        self.verify.clone()
    }

    /// The body of `POST /auth/sync`.
    pub(crate) fn sync_body(&self) -> Bytes {
        self.sync.clone()
    }

    /// What it takes up, to a few dozen bytes.
    pub(super) fn bytes(&self) -> u64 {
        const FIXED: usize = size_of::<ReadyUser>() + size_of::<KnownUser>() + 160;
        let user = &self.known.user;
        let texts = user.subject.as_str().len() * 2
            + user.email.as_str().len()
            + user.name.as_ref().map_or(0, |name: &DisplayName| name.as_str().len())
            + user.picture.as_ref().map_or(0, |picture: &PictureUrl| picture.as_str().len());
        // What Auth0 said is mostly the same texts once more.
        let record = if self.known.record.is_some() { texts } else { 0 };
        (FIXED + texts + record + self.verify.len() + self.sync.len()) as u64
    }
}
