//! Names that nobody has used before.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// So many random bytes, in base64url.
#[expect(clippy::expect_used, reason = "a machine without random numbers can run no tenant")]
pub(crate) fn token(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut random).expect("the system gives random numbers");
    URL_SAFE_NO_PAD.encode(random)
}
