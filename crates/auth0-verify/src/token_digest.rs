//! What stands for a token where the token itself must not be kept.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The SHA-256 of a whole token, as it came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenDigest([u8; 32]);

impl TokenDigest {
    pub(crate) fn of(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }

    /// How a proof names its token (`ath`, RFC 9449 §4.2).
    pub(crate) fn as_ath(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The eight bytes at one of the four places: each as good as random, and none depends on another.
    pub(crate) fn word(&self, place: usize) -> u64 {
        let (words, _) = self.0.as_chunks();
        words.get(place).map_or(0, |word| u64::from_le_bytes(*word))
    }
}

impl Hash for TokenDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.word(0));
    }
}

/// How maps place digests: a digest is a hash already.
pub(crate) type DigestPlacing = BuildHasherDefault<FirstWord>;

/// Takes the one word that a digest writes for its hash.
#[derive(Default)]
pub(crate) struct FirstWord(u64);

impl Hasher for FirstWord {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher as _;

    use super::*;

    /// FIPS 180-2, appendix B.1.
    #[test]
    fn the_digest_is_sha_256_of_the_whole_token() {
        let digest = TokenDigest::of("abc");
        assert_eq!(digest.as_ath(), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
        assert_eq!(digest.word(0), u64::from_le_bytes([0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea]));
        assert_eq!(digest.word(3), u64::from_le_bytes([0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad]));
        assert_eq!(DigestPlacing::default().hash_one(digest), digest.word(0));
    }
}
