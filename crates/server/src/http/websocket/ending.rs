//! Why a socket ends, and what the client is told of it.

use actix_ws::{CloseCode, CloseReason};

/// The end of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client said goodbye.
    ByClient,
    /// The connection is gone without a word, or cannot be written to.
    Lost,
    /// We are about to stop.
    GoingAway,
    /// The client broke the protocol (RFC 6455).
    ProtocolError,
    /// A text frame that is no UTF-8.
    NotUtf8,
    /// The client sends too much.
    Flood,
    /// The client did not answer two pings in a row.
    Unresponsive,
    /// The client does not take what it is sent.
    TooSlow,
    /// A message longer than any that means something.
    TooBig,
    /// The token has ended.
    Expired,
    /// The user is gone, or no longer let in.
    NoUser,
}

impl Ending {
    /// Every end there is.
    pub(crate) const ALL: [Self; 11] = [
        Self::ByClient,
        Self::Lost,
        Self::GoingAway,
        Self::ProtocolError,
        Self::NotUtf8,
        Self::Flood,
        Self::Unresponsive,
        Self::TooSlow,
        Self::TooBig,
        Self::Expired,
        Self::NoUser,
    ];

    /// The code on the wire and the words with it; nothing where nobody would read them.
    fn words(self) -> Option<(u16, &'static str)> {
        match self {
            Self::ByClient | Self::Lost | Self::TooSlow => None,
            Self::GoingAway => Some((1001, "going away")),
            Self::ProtocolError => Some((1002, "protocol error")),
            Self::NotUtf8 => Some((1007, "not UTF-8")),
            Self::Flood => Some((1008, "too many messages")),
            Self::Unresponsive => Some((1008, "no pong")),
            Self::TooBig => Some((1009, "message too big")),
            Self::Expired => Some((4401, "token expired")),
            Self::NoUser => Some((4403, "no such user")),
        }
    }

    /// The close frame that we send of our own accord.
    pub(super) fn close_frame(self) -> Option<CloseReason> {
        self.words().map(|(code, text)| CloseReason { code: CloseCode::from(code), description: Some(text.to_owned()) })
    }

    /// The value of the metric's label `code`: the code that we sent, or who ended it otherwise.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::ByClient => "client",
            Self::Lost => "lost",
            Self::GoingAway => "1001",
            Self::ProtocolError => "1002",
            Self::NotUtf8 => "1007",
            Self::Flood | Self::Unresponsive => "1008",
            Self::TooSlow => "slow",
            Self::TooBig => "1009",
            Self::Expired => "4401",
            Self::NoUser => "4403",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_on_the_wire_is_the_code_that_is_counted() {
        for ending in Ending::ALL {
            if let Some((code, _)) = ending.words() {
                assert_eq!(ending.label(), code.to_string(), "{ending:?}");
                assert_eq!(ending.close_frame().map(|frame| u16::from(frame.code)), Some(code), "{ending:?}");
            }
        }
    }
}
