//! What comes in on a socket, frame by frame.

use std::io;

use actix_web::web::{Bytes, BytesMut};
use actix_ws::{CloseReason, Item, Message, MessageStream, ProtocolError};

use super::announced::Refused;
use super::ending::Ending;

/// One frame of a client, as far as it means something.
pub(super) enum Incoming {
    /// A text message, whole.
    Text(String),
    /// A binary message, whole or its first piece.
    Binary,
    /// A piece of a message whose end is to come.
    Piece,
    /// To be answered with what it holds.
    Ping(Bytes),
    /// The answer to a ping.
    Pong,
    /// A goodbye.
    Close(Option<CloseReason>),
}

/// The frames of one socket. Holds one unfinished message at most; how long that may be is not judged here.
pub(super) struct Inbox {
    stream: MessageStream,
    unfinished: Unfinished,
}

/// A message that comes in pieces (RFC 6455 §5.4).
enum Unfinished {
    None,
    Text(BytesMut),
    /// Only its end is waited for.
    Binary,
}

impl Inbox {
    pub(super) fn new(stream: MessageStream) -> Self {
        Self { stream, unfinished: Unfinished::None }
    }

    /// Waits for the next frame. Nothing is lost when the waiting is broken off.
    pub(super) async fn next(&mut self) -> Result<Incoming, Ending> {
        match self.stream.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Incoming::Text(String::from(text))),
            Some(Ok(Message::Binary(_))) => Ok(Incoming::Binary),
            Some(Ok(Message::Continuation(item))) => self.join(item),
            Some(Ok(Message::Ping(bytes))) => Ok(Incoming::Ping(bytes)),
            Some(Ok(Message::Pong(_))) => Ok(Incoming::Pong),
            Some(Ok(Message::Close(reason))) => Ok(Incoming::Close(reason)),
            Some(Ok(Message::Nop)) => Ok(Incoming::Piece),
            Some(Err(error)) => Err(end_for(&error)),
            None => Err(Ending::Lost),
        }
    }

    /// The codec below sees to it that pieces come in their order.
    fn join(&mut self, item: Item) -> Result<Incoming, Ending> {
        match (item, std::mem::replace(&mut self.unfinished, Unfinished::None)) {
            (Item::FirstText(piece), _) => {
                self.unfinished = Unfinished::Text(BytesMut::from(piece.as_ref()));
                Ok(Incoming::Piece)
            }
            (Item::FirstBinary(_), _) => {
                self.unfinished = Unfinished::Binary;
                Ok(Incoming::Binary)
            }
            (Item::Continue(piece), Unfinished::Text(mut text)) => {
                text.extend_from_slice(&piece);
                self.unfinished = Unfinished::Text(text);
                Ok(Incoming::Piece)
            }
            (Item::Last(piece), Unfinished::Text(mut text)) => {
                text.extend_from_slice(&piece);
                String::from_utf8(text.into()).map(Incoming::Text).map_err(|_| Ending::NotUtf8)
            }
            (Item::Continue(_), unfinished) => {
                self.unfinished = unfinished;
                Ok(Incoming::Piece)
            }
            (Item::Last(_), _) => Ok(Incoming::Piece),
        }
    }
}

fn end_for(error: &ProtocolError) -> Ending {
    if let Some(Refused(ending)) = Refused::within(error) {
        return *ending;
    }
    match error {
        // The codec's own finding about the bytes of a frame; a frame with reserved bits is told in the same way.
        ProtocolError::Io(error) if error.kind() == io::ErrorKind::InvalidData => match error.get_ref() {
            Some(cause) if cause.is::<std::str::Utf8Error>() => Ending::NotUtf8,
            _ => Ending::ProtocolError,
        },
        ProtocolError::Io(_) => Ending::Lost,
        _ => Ending::ProtocolError,
    }
}
