//! Who may deliver events.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use domain::{EventInbox, Secret};

/// The door of the webhook: the tokens that open it, and what is behind.
pub struct Webhook {
    /// Hashes of one length, so that comparing them shows neither a token nor its length.
    tokens: Vec<Digest>,
    /// What is remembered of events.
    pub(crate) inbox: Arc<dyn EventInbox>,
}

impl Webhook {
    /// A webhook that these tokens open. None without any: then it does not exist.
    #[must_use]
    pub fn behind(tokens: &[Secret], inbox: Arc<dyn EventInbox>) -> Option<Self> {
        let tokens: Vec<Digest> = tokens.iter().map(|token| digest(&SHA256, token.reveal().as_bytes())).collect();
        (!tokens.is_empty()).then_some(Self { tokens, inbox })
    }

    /// Whether this is one of the tokens. Takes the same time whatever the answer, and compares with all of them.
    #[must_use]
    pub(crate) fn opens_to(&self, token: &str) -> bool {
        let given = digest(&SHA256, token.as_bytes());
        let is = |known: &Digest| verify_slices_are_equal(known.as_ref(), given.as_ref()).is_ok();
        self.tokens.iter().fold(false, |opened, known| opened | is(known))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("tokens", &self.tokens.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use domain::in_memory_inbox::InMemoryEventInbox;

    use super::*;

    fn webhook(tokens: &[&str]) -> Option<Webhook> {
        let tokens: Vec<Secret> = tokens.iter().map(|token| Secret::new(*token)).collect();
        Webhook::behind(&tokens, Arc::new(InMemoryEventInbox::default()))
    }

    #[test]
    fn each_of_the_tokens_opens_and_nothing_else_does() {
        let webhook = webhook(&["the-old-one", "the-new-one"]).expect("a webhook");
        assert!(webhook.opens_to("the-old-one") && webhook.opens_to("the-new-one"));
        for token in ["", "the-old-on", "the-old-one ", "THE-OLD-ONE", "the-old-one,the-new-one", "another"] {
            assert!(!webhook.opens_to(token), "{token}");
        }
    }

    #[test]
    fn without_a_token_there_is_no_webhook() {
        assert!(webhook(&[]).is_none());
    }

    #[test]
    fn debug_of_a_webhook_hides_its_tokens() {
        assert!(!format!("{:?}", webhook(&["hunter2"])).contains("hunter2"));
    }
}
