//! The headers in which a token and its proof come.

use auth0_verify::Credentials;
use domain::{Presented, RequestTarget};

use super::tenant::tenant;

/// Each line of the input is a header's value: of `DPoP` behind a `d`, of `Authorization` otherwise; `{good}` stands for a
/// good token. What is taken for a token stood behind a scheme in the only `Authorization` header, and nothing but the
/// good one is verified.
pub fn authorization_header(input: &[u8]) {
    let good = tenant().good().as_bytes();
    let lines: Vec<Vec<u8>> = input.split(|byte| *byte == b'\n').map(|line| with_token(line, good)).collect();
    let authorization: Vec<&[u8]> =
        lines.iter().filter(|line| line.first() != Some(&b'd')).map(Vec::as_slice).collect();
    let dpop: Vec<&[u8]> = lines.iter().filter_map(|line| line.strip_prefix(b"d")).collect();
    let credentials = Credentials::of(authorization.iter().copied(), dpop.iter().copied());
    let request = || RequestTarget { method: "GET".into(), path: "/".into() };
    let Ok(presented) = credentials.for_request(request) else { return };

    let [value] = authorization[..] else { panic!("a token of {} headers", authorization.len()) };
    let token = presented.token().reveal().as_bytes();
    let scheme: &[u8] = match &presented {
        Presented::Bearer(_) => b"bearer ",
        Presented::Dpop(proven) => {
            if let Some(proof) = &proven.proof {
                let [header] = dpop[..] else { panic!("a proof of {} headers", dpop.len()) };
                assert_eq!(header.trim_ascii(), proof.reveal().as_bytes());
            }
            b"dpop "
        }
    };
    let value = value.trim_ascii();
    assert!(value.to_ascii_lowercase().starts_with(scheme) && value.ends_with(token), "not what stood there");
    assert!(!token.is_empty() && token == token.trim_ascii() && value.is_ascii(), "no token");
    assert!(!token.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t'), "a character that no header has");
    if tenant().judge(&presented).is_ok() {
        assert_eq!(token, good, "another token than the signed one");
    }
}

fn with_token(line: &[u8], good: &[u8]) -> Vec<u8> {
    const PLACE: &[u8] = b"{good}";
    match line.windows(PLACE.len()).position(|window| window == PLACE) {
        Some(at) => [&line[..at], good, &line[at + PLACE.len()..]].concat(),
        None => line.to_vec(),
    }
}
