//! `GET /ws`: a socket that knows who is behind it, until the token ends or the user does.
//!
//! [`handshake`] judges everything that can be judged before the upgrade, so that a refusal is an ordinary answer. Then
//! one task serves the socket ([`live`]): what the client says is measured by [`announced`] and comes in through [`inbox`],
//! what it is told goes out through [`outbox`], what is due at which moment is [`schedule`]'s, and [`registry`] wakes the
//! sockets of a user whose row may have changed. `docs/websocket.md` describes the messages and the close codes.

mod allowance;
mod announced;
mod ending;
mod handshake;
mod inbox;
mod live;
mod message;
mod origins;
mod outbox;
mod registry;
mod schedule;

pub(crate) use self::ending::Ending;
pub(crate) use self::handshake::open;
pub(crate) use self::message::Refusal;
pub(crate) use self::origins::AllowedOrigins;
pub use self::registry::Sockets;
