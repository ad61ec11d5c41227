//! A user with the answers about them.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use domain::{DisplayName, KnownUser, PictureUrl, VerifiedToken};

use super::generations::Ticket;
use super::last_unchanged::LastUnchanged;
use super::validity::Validity;
use crate::http::{sync_body, verify_body};

/// A row that was read, and what clients are told of it, made once.
#[derive(Debug)]
pub(crate) struct ReadyUser {
    known: Arc<KnownUser>,
    verify: Bytes,
    sync: Bytes,
    pub(super) ticket: Ticket,
    pub(super) validity: Validity,
    /// When the ticket was drawn, in uptime.
    pub(super) read_at: Duration,
    last_unchanged: LastUnchanged,
}

impl ReadyUser {
    /// `None` if the answers cannot be written, which does not happen.
    pub(super) fn new(known: Arc<KnownUser>, ticket: Ticket, read_at: Duration) -> Option<Self> {
        let (verify, sync) = (verify_body(&known.user).ok()?, sync_body(&known.user).ok()?);
        Some(Self {
            known,
            verify: verify.into(),
            sync: sync.into(),
            ticket,
            validity: Validity::default(),
            read_at,
            last_unchanged: LastUnchanged::default(),
        })
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

    /// Whether the last sync that changed nothing of this row was this one.
    pub(crate) fn is_unchanged_by(&self, token: &Arc<VerifiedToken>, body: &[u8]) -> bool {
        self.last_unchanged.is(token, body)
    }

    /// Takes note of a sync that changed nothing of this row, and would not if it came again.
    pub(crate) fn note_unchanged(&self, token: &Arc<VerifiedToken>, body: &[u8]) {
        self.last_unchanged.note(token, body);
    }

    /// What it takes up, to a few dozen bytes.
    pub(super) fn bytes(&self) -> u64 {
        const FIXED: usize = size_of::<ReadyUser>() + size_of::<KnownUser>() + LastUnchanged::BYTES + 160;
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
