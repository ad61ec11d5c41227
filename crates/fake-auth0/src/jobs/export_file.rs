//! An export's file while it is sent: made line by line, never held whole.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::export::Export;
use crate::generated_people::GeneratedPeople;
use crate::users::{FakeUser, Users};

/// A piece of the file is sent when it has this many bytes.
const PIECE: usize = 16 * 1024;

/// Lines that a client must not stumble over, put in one after the other.
const MALFORMED: [&[u8]; 6] = [
    b"{\"user_id\":\"auth0|cut",
    b"not json",
    b"[]",
    b"{\"user_id\":7}",
    b"{\"email\":\"no-id@example.test\"}",
    b"\xff\xfe",
];

/// What goes wrong with downloads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ExportFaults {
    /// The connection ends after so many people.
    pub(crate) break_after: Option<u64>,
    /// A malformed line before every such person.
    pub(crate) malformed_every: Option<u64>,
}

/// The body of a download: gzip of one JSON object a line, people who were added first, generated ones after them.
pub(crate) struct ExportFile {
    export: Export,
    added: vec::IntoIter<FakeUser>,
    generated: GeneratedPeople,
    next_generated: u64,
    /// Generated people who were changed (and are among the added ones) or deleted.
    hidden: BTreeSet<String>,
    faults: ExportFaults,
    sent: u64,
    /// `None` once the file is at its end.
    gzip: Option<GzEncoder<Vec<u8>>>,
    breaking: Breaking,
}

#[derive(Clone, Copy, PartialEq)]
enum Breaking {
    No,
    /// What was given so far is written before the next poll.
    Flushing,
    Now,
}

impl ExportFile {
    pub(crate) fn new(export: Export, users: &Users, faults: ExportFaults) -> Self {
        let added: Vec<FakeUser> = users.all().filter(|user| export.includes(user)).cloned().collect();
        let (generated, hidden) = users.generated();
        Self {
            export,
            added: added.into_iter(),
            generated,
            next_generated: 0,
            hidden: hidden.cloned().collect(),
            faults,
            sent: 0,
            gzip: Some(GzEncoder::new(Vec::new(), Compression::fast())),
            breaking: Breaking::No,
        }
    }

    fn next_person(&mut self) -> Option<FakeUser> {
        if self.export.limit.is_some_and(|limit| self.sent >= limit) {
            return None;
        }
        if let Some(user) = self.added.next() {
            return Some(user);
        }
        while self.next_generated < self.generated.0 {
            let user = FakeUser::generated(self.next_generated);
            self.next_generated += 1;
            if !self.hidden.contains(&user.user_id) {
                return Some(user);
            }
        }
        None
    }

    /// More of the file; `None` at its end.
    fn piece(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let Some(mut gzip) = self.gzip.take() else {
                return Ok(None);
            };
            if self.faults.break_after.is_some_and(|people| self.sent >= people) {
                gzip.flush()?;
                self.breaking = Breaking::Flushing;
                return Ok(Some(std::mem::take(gzip.get_mut()).into()));
            }
            let Some(user) = self.next_person() else {
                return Ok(Some(gzip.finish()?.into()));
            };
            if let Some(every) = self.faults.malformed_every
                && self.sent.checked_rem(every) == Some(0)
                && let Some(line) = self.malformed(self.sent / every)
            {
                gzip.write_all(line)?;
                gzip.write_all(b"\n")?;
            }
            gzip.write_all(self.export.line(&user).as_bytes())?;
            gzip.write_all(b"\n")?;
            self.sent += 1;
            let ready = gzip.get_ref().len() >= PIECE;
            let gzip = self.gzip.insert(gzip);
            if ready {
                return Ok(Some(std::mem::take(gzip.get_mut()).into()));
            }
        }
    }

    fn malformed(&self, number: u64) -> Option<&'static [u8]> {
        let count = u64::try_from(MALFORMED.len()).ok()?;
        MALFORMED.get(usize::try_from(number % count).ok()?).copied()
    }
}

impl MessageBody for ExportFile {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match self.breaking {
            Breaking::No => Poll::Ready(self.piece().transpose()),
            Breaking::Flushing => {
                self.breaking = Breaking::Now;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Breaking::Now => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
        }
    }
}
