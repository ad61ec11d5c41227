//! Auth0's events: taken in as they come, from whichever side, and what becomes of those that cannot be.

mod dead_letters;
mod letter_list;
mod position;
mod pull;
mod puller;
mod receive;
mod stop;
mod webhook;

pub use self::dead_letters::{dead_letters_list, dead_letters_retry};
pub use self::pull::pull;
pub use self::puller::{Pace, Puller};
pub use self::stop::Stop;
pub use self::webhook::Webhook;

pub(crate) use self::receive::{Outcome, Received, Source, receive};
