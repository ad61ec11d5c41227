//! Bytes in the encodings that an import file may name.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The bytes that a value stands for; `None` if it is not of the encoding. Hexadecimal digits may be of either case,
/// base64 of either alphabet, padded or not.
pub(super) fn decoded(text: &str, encoding: &str) -> Option<Vec<u8>> {
    match encoding {
        "hex" => hexadecimal(text),
        "base64" => {
            let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
            let decode = |alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok();
            decode(&STANDARD).or_else(|| decode(&URL_SAFE))
        }
        _ => Some(text.as_bytes().to_vec()),
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// The length in bytes of what a digest gives, by the names that an import file may use.
pub(super) fn digest_length(name: &str) -> Option<usize> {
    Some(match name {
        "md4" | "md5" => 16,
        "ripemd160" | "sha1" => 20,
        "sha224" => 28,
        "sha256" => 32,
        "sha384" => 48,
        "sha512" | "whirlpool" => 64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_and_base64_are_read_in_every_allowed_form() {
        for (text, encoding) in [
            ("fBff", "hex"),
            ("FBFF", "hex"),
            ("+/8=", "base64"),
            ("+/8", "base64"),
            ("-_8=", "base64"),
            ("-_8", "base64"),
        ] {
            assert_eq!(decoded(text, encoding), Some(vec![0xfb, 0xff]), "{text}");
        }
        for (text, encoding) in [("fbf", "hex"), ("fg", "hex"), ("+_8=", "base64"), ("é", "base64")] {
            assert_eq!(decoded(text, encoding), None, "{text}");
        }
    }
}
