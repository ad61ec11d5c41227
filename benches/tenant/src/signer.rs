//! Tokens as the tenant makes them, by the hundred thousand.

use std::path::Path;
use std::thread;

use anyhow::{Context, anyhow};
use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::ledger::Claims;

const FILE: &str = "key.pk8";

/// An RSA key of 2048 bits, as Auth0 has them.
pub(crate) struct Signer {
    pair: RsaKeyPair,
    kid: String,
}

impl Signer {
    /// The key in this folder; made if there is none.
    ///
    /// # Errors
    /// The file cannot be read or written, or is no key.
    pub(crate) fn kept_in(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        let pair = match std::fs::read(&file) {
            Ok(bytes) => RsaKeyPair::from_pkcs8(&bytes).with_context(|| file.display().to_string())?,
            Err(_) => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
                let bytes: Pkcs8V1Der<'_> = pair.as_der()?;
                std::fs::write(&file, bytes.as_ref()).with_context(|| file.display().to_string())?;
                pair
            }
        };
        let digest = digest::digest(&digest::SHA256, pair.public_key().as_ref());
        let kid = URL_SAFE_NO_PAD.encode(digest.as_ref().get(..15).unwrap_or_default());
        Ok(Self { pair, kid })
    }

    /// The name of the key: the same for the same key.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// What is published of it.
    pub(crate) fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The tokens of these people, signed on all cores.
    ///
    /// # Errors
    /// A thread panicked, or the key does not sign.
    pub(crate) fn tokens(&self, claims: &Claims, from: usize, count: usize) -> anyhow::Result<Vec<String>> {
        let share = count.div_ceil(thread::available_parallelism()?.get()).max(1);
        let end = from + count;
        thread::scope(|scope| {
            let shares: Vec<_> = (from..end)
                .step_by(share)
                .map(|begin| scope.spawn(move || self.share(claims, begin, end.min(begin + share))))
                .collect();
            let mut tokens = Vec::with_capacity(count);
            for share in shares {
                tokens.extend(share.join().map_err(|_| anyhow!("a thread panicked"))??);
            }
            Ok(tokens)
        })
    }

    fn share(&self, claims: &Claims, from: usize, end: usize) -> anyhow::Result<Vec<String>> {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid }).to_string());
        let random = SystemRandom::new();
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let tokens = (from..end).map(|number| {
            let payload = URL_SAFE_NO_PAD.encode(payload(claims, number).to_string());
            let message = format!("{header}.{payload}");
            self.pair.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature)?;
            Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(&signature)))
        });
        tokens.collect()
    }
}

/// What Auth0 writes into the token of an application that logs people in.
fn payload(claims: &Claims, number: usize) -> Value {
    let Claims { terms, issued_at, expires_at } = claims;
    json!({
        "iss": terms.issuer,
        "sub": format!("auth0|bench-{number}"),
        "aud": [terms.audience, format!("{}userinfo", terms.issuer)],
        "iat": issued_at,
        "exp": expires_at,
        "scope": "openid profile email",
        "azp": fake_auth0::FRONTEND_CLIENT_ID,
    })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;
    use crate::ledger::Terms;

    #[test]
    fn tokens_come_in_order_and_are_signed_by_the_key_that_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kid = Signer::kept_in(folder.path()).unwrap().kid().to_owned();
        let signer = Signer::kept_in(folder.path()).unwrap();
        assert_eq!((signer.kid(), &signer.jwk()["kid"]), (kid.as_str(), &json!(kid)));

        let terms = Terms { issuer: "https://i/".to_owned(), audience: "a".to_owned(), kid };
        let claims = Claims { terms, issued_at: 1, expires_at: 2 };
        let tokens = signer.tokens(&claims, 5, 7).unwrap();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, signer.pair.public_key().as_ref());
        for (token, number) in tokens.iter().zip(5..) {
            let (message, signature) = token.rsplit_once('.').unwrap();
            key.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
            let payload = URL_SAFE_NO_PAD.decode(message.split_once('.').unwrap().1).unwrap();
            let payload: Value = serde_json::from_slice(&payload).unwrap();
            assert_eq!(payload["sub"], format!("auth0|bench-{number}"));
        }
        assert_eq!(tokens.len(), 7);
    }
}
