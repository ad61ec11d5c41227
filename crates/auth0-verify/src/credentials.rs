//! What a request brought to show who it is: the headers `Authorization` and `DPoP`, whatever framework read them.

use domain::{AccessToken, DpopProof, Presented, ProvenToken, Rejection, RequestTarget};

/// The access token of a request, as far as it can be told without judging it.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// No token: no header, another scheme, or nothing behind the scheme.
    None,
    /// One token behind the scheme `Bearer` (RFC 6750 §2.1).
    Bearer(AccessToken),
    /// One token behind the scheme `DPoP`, and the proof where exactly one came (RFC 9449 §7.1, §4.3).
    Dpop(AccessToken, Option<DpopProof>),
    /// Something that was meant as a token and cannot be one: two headers at once, or characters that no token has.
    Unreadable,
}

impl Credentials {
    /// Reads all values of the header `Authorization`, and all of `DPoP`.
    #[must_use]
    pub fn of<'a>(authorization: impl IntoIterator<Item = &'a [u8]>, dpop: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut values = authorization.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(value), None) => Self::behind_scheme(value, dpop),
            // Which of two would speak for the caller? RFC 9110 §5.3 allows one.
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }

    /// Scheme names ignore case, and any number of spaces may follow (RFC 9110 §11.4).
    fn behind_scheme<'a>(value: &[u8], dpop: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let Some(text) = readable(value) else { return Self::Unreadable };
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        let token = token.trim();
        if token.is_empty() {
            return Self::None;
        }
        if scheme.eq_ignore_ascii_case("Bearer") {
            Self::Bearer(AccessToken::new(token))
        } else if scheme.eq_ignore_ascii_case("DPoP") {
            let mut proofs = dpop.into_iter();
            let proof = match (proofs.next(), proofs.next()) {
                (Some(one), None) => readable(one).map(DpopProof::new),
                _ => None,
            };
            Self::Dpop(AccessToken::new(token), proof)
        } else {
            Self::None
        }
    }

    /// What is to be judged.
    ///
    /// # Errors
    /// [`NotPresented`] where there is nothing that could be.
    pub fn for_request(self, request: impl FnOnce() -> RequestTarget) -> Result<Presented, NotPresented> {
        match self {
            Self::None => Err(NotPresented::NoToken),
            Self::Unreadable => Err(NotPresented::Rejected(Rejection::Malformed)),
            Self::Bearer(token) => Ok(Presented::Bearer(token)),
            Self::Dpop(token, proof) => Ok(Presented::Dpop(ProvenToken { token, proof, request: request() })),
        }
    }
}

/// Why there is nothing to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPresented {
    /// No token came.
    NoToken,
    /// One came that cannot be judged.
    Rejected(Rejection),
}

/// The text of a header: visible ASCII and white space, without that around it (RFC 9110 §5.5, §5.6.3).
fn readable(value: &[u8]) -> Option<&str> {
    let text = str::from_utf8(value).ok()?.trim_matches([' ', '\t']);
    // To the end in any case: a loop without a way out is done many bytes at a time, and a token has hundreds.
    let is_strange = |byte: u8| byte != b'\t' && !(b' '..=b'~').contains(&byte);
    let any_strange = text.bytes().fold(false, |any, byte| any | is_strange(byte));
    (!any_strange).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(authorization: &[&str], dpop: &[&str]) -> String {
        match Credentials::of(
            authorization.iter().map(|value| value.as_bytes()),
            dpop.iter().map(|value| value.as_bytes()),
        ) {
            Credentials::None => "none".to_owned(),
            Credentials::Unreadable => "unreadable".to_owned(),
            Credentials::Bearer(token) => format!("bearer {}", token.reveal()),
            Credentials::Dpop(token, proof) => {
                format!("dpop {} {}", token.reveal(), proof.as_ref().map_or("-", DpopProof::reveal))
            }
        }
    }

    #[test]
    fn the_scheme_may_be_spelt_in_any_case_and_followed_by_any_number_of_spaces() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "] {
            assert_eq!(read(&[value], &[]), "bearer a.b.c", "{value:?}");
        }
        assert_eq!(read(&["dpop  a.b.c"], &["p.r.f"]), "dpop a.b.c p.r.f");
    }

    #[test]
    fn other_schemes_and_empty_tokens_are_no_credentials() {
        for value in ["", "Bearer", "Bearer ", "DPoP", "Basic dTpw", "a.b.c", "Bearera.b.c"] {
            assert_eq!(read(&[value], &[]), "none", "{value:?}");
        }
        assert_eq!(read(&[], &["p.r.f"]), "none");
    }

    #[test]
    fn two_headers_and_bytes_outside_ascii_are_unreadable() {
        assert_eq!(read(&["Bearer a.b.c", "Bearer a.b.c"], &[]), "unreadable");
        assert_eq!(read(&["Bearer ü"], &[]), "unreadable");
        assert_eq!(read(&["Bearer a\0b"], &[]), "unreadable");
        // White space, but not that of a header.
        assert_eq!(read(&["Bearer a.b.c\u{b}"], &[]), "unreadable");
        assert_eq!(read(&["Bearer a.b.c\u{a0}"], &[]), "unreadable");
    }

    #[test]
    fn of_proofs_there_must_be_exactly_one() {
        assert_eq!(read(&["DPoP a.b.c"], &[]), "dpop a.b.c -");
        assert_eq!(read(&["DPoP a.b.c"], &["p.r.f", "p.r.f"]), "dpop a.b.c -");
        assert_eq!(read(&["DPoP a.b.c"], &["ü"]), "dpop a.b.c -");
        // Beside a plain bearer a proof is of no account (RFC 9449 §7.2).
        assert_eq!(read(&["Bearer a.b.c"], &["p.r.f"]), "bearer a.b.c");
    }

    #[test]
    fn what_is_to_be_judged_keeps_the_request_of_its_proof() {
        let target = || RequestTarget { method: "GET".into(), path: "/notes".into() };
        let credentials = Credentials::of([b"DPoP a.b.c".as_slice()], [b"p.r.f".as_slice()]);
        let Ok(Presented::Dpop(proven)) = credentials.for_request(target) else { panic!("a token with a proof") };
        assert_eq!(proven.token.reveal(), "a.b.c");
        assert_eq!(proven.proof.as_ref().map(DpopProof::reveal), Some("p.r.f"));
        assert_eq!(proven.request, target());
        assert!(matches!(Credentials::None.for_request(target), Err(NotPresented::NoToken)));
        let two = Credentials::Unreadable.for_request(target);
        assert!(matches!(two, Err(NotPresented::Rejected(Rejection::Malformed))));
    }
}
