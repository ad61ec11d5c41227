//! Nonces of ours, which show that a proof was made lately and not beforehand (RFC 9449 §8, §9, §11.2).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use domain::{Clock, Secret, UnixTime};

use crate::Leeway;

/// Nonces that need no memory: each is an HMAC over a slot of time, so every node that has the secret knows those of the
/// others.
pub struct ServerNonces {
    /// The first makes nonces; the others are known still, or already, while a secret is replaced.
    keys: Box<[hmac::Key]>,
    clock: Arc<dyn Clock>,
}

/// A secret is too short to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one or more secrets of at least {} bytes each", ServerNonces::MIN_SECRET_BYTES)]
pub struct WeakNonceSecret;

impl ServerNonces {
    /// How many bytes a secret has at least: as many as the hash gives out (RFC 2104 §3).
    pub const MIN_SECRET_BYTES: usize = 32;

    /// How long the nonce stays the same. One is good until the end of the next slot, so for 5 to 10 minutes.
    pub const SLOT: Duration = Duration::from_secs(300);

    /// So much of the HMAC is the nonce (RFC 2104 §5: no less than half).
    const NONCE_BYTES: usize = 16;

    /// The first secret makes nonces, those made with the others are good, too.
    ///
    /// # Errors
    /// [`WeakNonceSecret`] if there is none, or one of them is too short.
    pub fn new(secrets: &[Secret], clock: Arc<dyn Clock>) -> Result<Self, WeakNonceSecret> {
        let is_weak = |secret: &Secret| secret.reveal().len() < Self::MIN_SECRET_BYTES;
        if secrets.is_empty() || secrets.iter().any(is_weak) {
            return Err(WeakNonceSecret);
        }
        let key = |secret: &Secret| hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
        Ok(Self { keys: secrets.iter().map(key).collect(), clock })
    }

    /// The nonce that clients should use from now on.
    #[must_use]
    pub fn current(&self) -> String {
        let slot = slot_at(self.clock.now());
        self.keys.first().map(|key| URL_SAFE_NO_PAD.encode(made_with(key, slot))).unwrap_or_default()
    }

    /// Whether the nonce is the one of this slot or of the last, by any of the secrets. The next one counts already where
    /// another node's clock may have come to it.
    pub(super) fn knows(&self, nonce: &str) -> bool {
        let Ok(nonce) = URL_SAFE_NO_PAD.decode(nonce) else { return false };
        let now = self.clock.now();
        let slot = slot_at(now);
        let last = slot_at(now.plus(Leeway::default().as_duration()));
        (slot.saturating_sub(1)..=last)
            .any(|slot| self.keys.iter().any(|key| verify_slices_are_equal(&made_with(key, slot), &nonce).is_ok()))
    }
}

impl fmt::Debug for ServerNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerNonces").finish_non_exhaustive()
    }
}

fn slot_at(time: UnixTime) -> i64 {
    let slot = i64::try_from(ServerNonces::SLOT.as_secs()).unwrap_or(i64::MAX);
    time.as_secs().div_euclid(slot)
}

fn made_with(key: &hmac::Key, slot: i64) -> Vec<u8> {
    // With a name in front, a secret that serves something else, too, lends nobody a nonce.
    let mut context = hmac::Context::with_key(key);
    context.update(b"DPoP-Nonce\0");
    context.update(&slot.to_be_bytes());
    context.sign().as_ref().iter().copied().take(ServerNonces::NONCE_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ManualClock;

    const SECRET: &str = "a secret of thirty-two bytes, at least";
    const NEXT: &str = "the secret that will be in use thereafter";

    fn nonces(secrets: &[&str], clock: &Arc<ManualClock>) -> ServerNonces {
        let secrets: Vec<_> = secrets.iter().map(|text| Secret::new(*text)).collect();
        ServerNonces::new(&secrets, clock.clone()).expect("long secrets")
    }

    fn clock() -> Arc<ManualClock> {
        Arc::new(ManualClock::at(UnixTime::from_secs(1_800_000_000)))
    }

    #[test]
    fn a_nonce_is_good_in_its_slot_and_in_the_next() {
        let clock = clock();
        let nonces = nonces(&[SECRET], &clock);
        let first = nonces.current();
        assert_eq!(first.len(), 22);
        assert!(nonces.knows(&first));
        clock.advance(ServerNonces::SLOT);
        assert!(nonces.knows(&first) && nonces.current() != first);
        clock.advance(ServerNonces::SLOT);
        assert!(!nonces.knows(&first));
    }

    #[test]
    fn a_nonce_of_a_node_whose_clock_is_a_little_ahead_is_good() {
        let (clock, ahead, far_ahead) = (clock(), clock(), clock());
        clock.advance(Duration::from_secs(299));
        ahead.advance(Duration::from_secs(301));
        far_ahead.advance(Duration::from_secs(601));
        let ours = nonces(&[SECRET], &clock);
        assert!(ours.knows(&nonces(&[SECRET], &ahead).current()));
        assert!(!ours.knows(&nonces(&[SECRET], &far_ahead).current()));
    }

    #[test]
    fn a_secret_is_replaced_without_a_refusal() {
        let clock = clock();
        let [old, both, new] = [&[SECRET][..], &[NEXT, SECRET], &[NEXT]].map(|secrets| nonces(secrets, &clock));
        assert!(both.knows(&old.current()) && both.knows(&new.current()));
        assert_eq!(both.current(), new.current());
        assert!(!old.knows(&new.current()) && !new.knows(&old.current()));
    }

    #[test]
    fn what_nobody_made_is_no_nonce() {
        let nonces = nonces(&[SECRET], &clock());
        let good = nonces.current();
        for text in ["", "a", &good[1..], &format!("{good}="), &format!("{good}AA"), "AAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(!nonces.knows(text), "{text:?}");
        }
    }

    #[test]
    fn a_secret_has_32_bytes_or_more() {
        for secrets in [&[][..], &["short"], &[SECRET, "short"], &[&SECRET[..31]]] {
            let secrets: Vec<_> = secrets.iter().map(|text| Secret::new(*text)).collect();
            assert_eq!(ServerNonces::new(&secrets, clock()).err(), Some(WeakNonceSecret));
        }
        assert!(ServerNonces::new(&[Secret::new(&SECRET[..32])], clock()).is_ok());
    }
}
