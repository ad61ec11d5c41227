//! What a client announces, before anything of it is kept.
//!
//! The library below collects a frame until it is whole and asks for its size only then, and it takes in whatever has
//! come. So frames are judged here by their first bytes, and handed on one at a time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_ws::ProtocolError;
use futures_core::Stream;
use thiserror::Error;

use super::ending::Ending;

/// The longest message, all of its pieces together: a token of 16 KiB, the longest there is, fits in with room to spare.
const MAX_MESSAGE_BYTES: usize = 32 * 1024;
/// The longest control frame (RFC 6455 §5.5).
const MAX_CONTROL_BYTES: usize = 125;
const MASK_BYTES: usize = 4;
const CLOSE: u8 = 0x8;

/// What is not taken in, and how the socket ends for it.
#[derive(Debug, Error)]
#[error("a frame that is not taken in")]
pub(super) struct Refused(pub(super) Ending);

/// The bytes of a client, up to the end of one frame at a time; an error that holds a [`Refused`] in place of a frame that
/// announces too much.
pub(super) struct FrameByFrame {
    payload: Payload,
    frames: Frames,
    /// Has come in and was not handed on yet.
    ahead: Bytes,
    /// A frame is whole: whoever reads is to look at it before there is more.
    is_whole: bool,
}

/// Where one frame ends and the next one begins.
#[derive(Debug)]
struct Frames {
    place: Place,
    /// What the pieces of the message so far have announced together.
    message_bytes: usize,
    /// A goodbye as far as it has come, behind its length.
    goodbye: Option<Vec<u8>>,
}

/// What the next byte of a frame is (RFC 6455 §5.2).
#[derive(Clone, Copy, Debug)]
enum Place {
    Opcode,
    Length { opcode: u8 },
    LongLength { opcode: u8, is_masked: bool, length: u64, missing: u8 },
    Rest { missing: usize },
}

impl FrameByFrame {
    pub(super) fn new(payload: Payload) -> Self {
        Self { payload, frames: Frames::new(), ahead: Bytes::new(), is_whole: false }
    }

    pub(super) fn into_payload(self) -> Payload {
        Payload::Stream { payload: Box::pin(self) }
    }
}

impl Stream for FrameByFrame {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if std::mem::take(&mut this.is_whole) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if this.ahead.is_empty() {
            match ready!(Pin::new(&mut this.payload).poll_next(context)) {
                Some(Ok(bytes)) => this.ahead = bytes,
                other => return Poll::Ready(other),
            }
        }
        Poll::Ready(Some(match this.frames.pass(&this.ahead) {
            Ok((count, is_whole)) => {
                this.is_whole = is_whole;
                Ok(this.ahead.split_to(count))
            }
            Err(refused) => Err(PayloadError::Io(io::Error::other(refused))),
        }))
    }
}

impl Refused {
    /// As it comes back through the library.
    pub(super) fn within(error: &ProtocolError) -> Option<&Self> {
        let ProtocolError::Io(error) = error else { return None };
        match error.get_ref()?.downcast_ref()? {
            PayloadError::Io(error) => error.get_ref()?.downcast_ref(),
            _ => None,
        }
    }
}

impl Frames {
    fn new() -> Self {
        Self { place: Place::Opcode, message_bytes: 0, goodbye: None }
    }

    /// How many of these bytes belong to the frame that has begun or begins with them, and whether it is whole then.
    fn pass(&mut self, bytes: &[u8]) -> Result<(usize, bool), Refused> {
        let mut count = 0;
        for byte in bytes {
            self.place = match self.place {
                Place::Opcode => Place::Length { opcode: byte & 0x0f },
                Place::Length { opcode } => {
                    let is_masked = byte & 0x80 != 0;
                    match byte & 0x7f {
                        126 => Place::LongLength { opcode, is_masked, length: 0, missing: 2 },
                        127 => Place::LongLength { opcode, is_masked, length: 0, missing: 8 },
                        length => self.admit(opcode, is_masked, length.into())?,
                    }
                }
                Place::LongLength { opcode, is_masked, length, missing } => {
                    let length = length << 8 | u64::from(*byte);
                    match missing {
                        1 => self.admit(opcode, is_masked, length)?,
                        _ => Place::LongLength { opcode, is_masked, length, missing: missing - 1 },
                    }
                }
                Place::Rest { .. } => break,
            };
            count += 1;
        }
        let Place::Rest { missing } = self.place else { return Ok((count, false)) };
        let here = missing.min(bytes.len() - count);
        let is_whole = here == missing;
        self.place = if is_whole { Place::Opcode } else { Place::Rest { missing: missing - here } };
        if let Some(goodbye) = &mut self.goodbye {
            goodbye.extend(bytes.iter().skip(count).take(here));
        }
        match self.goodbye.take_if(|_| is_whole) {
            Some(goodbye) if !is_in_words(&goodbye) => Err(Refused(Ending::NotUtf8)),
            _ => Ok((count + here, is_whole)),
        }
    }

    /// Judges what a frame announces. Whether it may come at all is the library's to say.
    fn admit(&mut self, opcode: u8, is_masked: bool, length: u64) -> Result<Place, Refused> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let is_control = opcode & 0x8 != 0;
        self.goodbye = (opcode == CLOSE).then(Vec::new);
        if is_control && length > MAX_CONTROL_BYTES {
            return Err(Refused(Ending::ProtocolError));
        }
        if !is_control {
            let before = if opcode == 0 { self.message_bytes } else { 0 };
            self.message_bytes = before.saturating_add(length);
        }
        if self.message_bytes > MAX_MESSAGE_BYTES {
            return Err(Refused(Ending::TooBig));
        }
        Ok(Place::Rest { missing: length + if is_masked { MASK_BYTES } else { 0 } })
    }
}

/// The words behind the code of a goodbye are UTF-8 (RFC 6455 §5.5.1). The library tells a code that there is not and words
/// that are none in the same way; they end differently.
fn is_in_words(mask_and_goodbye: &[u8]) -> bool {
    let Some((mask, goodbye)) = mask_and_goodbye.split_at_checked(MASK_BYTES) else { return true };
    let words: Vec<u8> = goodbye.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).skip(2).collect();
    std::str::from_utf8(&words).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame, and the same without what it announces.
    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut frame = vec![first];
        match length {
            0..=125 => frame.push(0x80 | u8::try_from(length).expect("a short one")),
            126..=0xffff => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(length).expect("a middling one").to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend(u64::try_from(length).expect("a length").to_be_bytes());
            }
        }
        frame.extend(vec![0xff; MASK_BYTES + length]);
        frame
    }

    /// Where frames end, when the bytes come in pieces of this size; up to the refusal where there is one.
    fn ends(bytes: &[u8], size: usize) -> (Vec<usize>, Option<Ending>) {
        let (mut frames, mut ends, mut at) = (Frames::new(), Vec::new(), 0);
        for mut piece in bytes.chunks(size) {
            while !piece.is_empty() {
                match frames.pass(piece) {
                    Ok((count, is_whole)) => {
                        assert!(count > 0, "no way forward");
                        at += count;
                        piece = &piece[count..];
                        ends.extend(is_whole.then_some(at));
                    }
                    Err(Refused(ending)) => return (ends, Some(ending)),
                }
            }
        }
        (ends, None)
    }

    #[test]
    fn frames_end_where_they_say_however_they_are_cut() {
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        let unmasked = vec![0x8a, 2, 0, 0];
        let lengths = [0, 1, 125, 126, 0x7fff, 0x8000, 3];
        for frame in lengths.map(|length| frame(0x81, length)).into_iter().chain([unmasked, frame(0x89, 125)]) {
            bytes.extend(frame);
            expected.push(bytes.len());
        }
        for size in [1, 2, 3, 7, 11, 4096, bytes.len()] {
            assert_eq!(ends(&bytes, size), (expected.clone(), None), "{size}");
        }
    }

    #[test]
    fn a_message_may_announce_so_much_in_all_of_its_pieces_and_the_next_one_as_much_again() {
        let control = frame(0x89, 125);
        let whole = [frame(0x01, 20_000), control.clone(), frame(0x00, 12_768), control, frame(0x80, 0)].concat();
        assert_eq!(ends(&[&whole[..], &whole].concat(), 1_000).1, None);
        let more = [&whole[..whole.len() - 6], &frame(0x80, 1)].concat();
        assert_eq!(ends(&more, 1_000).1, Some(Ending::TooBig));
    }

    #[test]
    fn too_much_is_refused_with_the_last_byte_of_its_length() {
        for (first, length, expected) in
            [(0x82, 0x8001, Ending::TooBig), (0x82, 0x1_0000, Ending::TooBig), (0x89, 126, Ending::ProtocolError)]
        {
            let frame = frame(first, length);
            let known = frame.len() - length - MASK_BYTES;
            assert_eq!(ends(&frame[..known - 1], 1), (vec![], None), "{first:#x}");
            assert_eq!(ends(&frame[..known], 1), (vec![], Some(expected)), "{first:#x}");
        }
    }
}
