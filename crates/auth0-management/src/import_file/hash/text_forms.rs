//! Numbers and bytes as hashes write them: every spelling but one is an error, so that nothing cut off passes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// A decimal number without a sign or leading zeros.
pub(super) fn decimal(text: &str) -> Option<u32> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_shortest = text == "0" || !text.starts_with('0');
    if is_plain && is_shortest { text.parse().ok() } else { None }
}

/// `name=<decimal>`.
pub(super) fn parameter(text: &str, name: &str) -> Option<u32> {
    decimal(text.strip_prefix(name)?.strip_prefix('=')?)
}

/// Pairs of hexadecimal digits of either case.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes().chunks(2).map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.last()?)?)).collect()
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Base64 with padding.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// B64 of the PHC string format: base64 without padding.
pub(super) fn b64(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}

/// passlib's "adapted base64": B64 with `.` in the place of `+`.
pub(super) fn adapted_b64(text: &str) -> Option<Vec<u8>> {
    if text.contains('+') { None } else { b64(&text.replace('.', "+")) }
}

pub(super) fn to_b64(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// Whether a hash may have this length where its form does not say which: 16 bytes or more, in steps of 8. Nobody
/// chooses others, and most texts that were cut off have one.
pub(super) fn is_usual_length(bytes: usize) -> bool {
    bytes >= 16 && bytes.is_multiple_of(8)
}

/// As many parts between `$` as the pattern has.
pub(super) fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    let parts: Vec<&str> = text.split('$').collect();
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        assert_eq!((decimal("0"), decimal("4294967295")), (Some(0), Some(u32::MAX)));
        for text in ["", "+1", "-1", "01", "00", "1 ", "1e3", "٣", "4294967296"] {
            assert_eq!(decimal(text), None, "{text:?}");
        }
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs_of_either_case() {
        assert_eq!(hex("00fFa0"), Some(vec![0, 255, 160]));
        assert_eq!(to_hex(&[0, 255, 160]), "00ffa0");
        for text in ["0", "0g", "é", " 0"] {
            assert_eq!(hex(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_three_spellings_of_base64_are_told_apart() {
        let bytes = vec![0xfb, 0xef, 0xbe, 0xff];
        assert_eq!(base64("++++/w==").as_ref(), Some(&bytes));
        assert_eq!(b64("++++/w").as_ref(), Some(&bytes));
        assert_eq!(adapted_b64("..../w").as_ref(), Some(&bytes));
        assert_eq!((base64("++++/w"), b64("++++/w=="), b64("..../w"), adapted_b64("++++/w")), (None, None, None, None));
        // One character cut off, or bits that belong to no byte.
        assert_eq!((b64("++++/"), b64("++++/x")), (None, None));
    }
}
