//! An RSA key of 1,024 bits. The cryptographic library makes none and signs with none, so this one is written down, and
//! its one operation is written out. It protects nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The length of its modulus and of its signatures.
pub(crate) const MODULUS_BYTES: usize = LIMBS * 8;

const LIMBS: usize = 16;
/// A number, its lowest 64 bits first.
type Number = [u64; LIMBS];

const MODULUS: Number = [
    0x0296aede33613c7f,
    0xad0440a6d86e28a2,
    0xca4190219c11d006,
    0xa35b666432e08893,
    0x93ad074db50ef952,
    0x2d35b4e2f01f6e9d,
    0x2573f9b98e0e4310,
    0x433ecb5142cee074,
    0x121674b1248a7364,
    0x04ec2734ac3c1d7a,
    0x04ec92c85d991a8d,
    0xffb7455e80a251be,
    0x42e254d58a10d39a,
    0xa3749e01adbd161f,
    0x7f47eefdfa9c19d7,
    0xcd468934581f1325,
];
const PRIVATE_EXPONENT: Number = [
    0xfddd234bb762b1a1,
    0x140430c74f60adde,
    0xf8cb194dabffcec7,
    0x0353c2a586175046,
    0x27b60f776fd0cb9f,
    0x8bc4798130db07b3,
    0x605c72bd412a8449,
    0xd08f917c94245a50,
    0x7adca01f14ab4570,
    0x71815621c877d3be,
    0xb6dc3ef135196ac7,
    0x27d0a23837c37088,
    0x259eb301204ab044,
    0x4344dc39a4312cb9,
    0x8f1e73751282c2a4,
    0x581718f2198edc4c,
];

/// Its public half; the exponent is 65,537.
pub(crate) fn jwk(kid: &str) -> Value {
    let modulus = URL_SAFE_NO_PAD.encode(to_bytes(&MODULUS));
    json!({ "kty": "RSA", "use": "sig", "kid": kid, "alg": "RS256", "n": modulus, "e": "AQAB" })
}

/// What only the owner of the key can compute: the number to the power of the private exponent. The number is below the
/// modulus, its greatest byte first.
pub(crate) fn private_operation(number: &[u8]) -> Vec<u8> {
    // 1 times 2^1024 and that squared, both modulo the modulus: the way into Montgomery's form.
    let mut doubled = [0; LIMBS];
    doubled[0] = 1;
    for _ in 0..LIMBS * 64 {
        doubled = double(&doubled);
    }
    let one = doubled;
    for _ in 0..LIMBS * 64 {
        doubled = double(&doubled);
    }
    let base = montgomery(&from_bytes(number), &doubled);
    let mut power = one;
    for bit in (0..LIMBS * 64).rev() {
        power = montgomery(&power, &power);
        let limb = PRIVATE_EXPONENT.get(bit / 64).copied().unwrap_or_default();
        if limb >> (bit % 64) & 1 == 1 {
            power = montgomery(&power, &base);
        }
    }
    let mut plain_one = [0; LIMBS];
    plain_one[0] = 1;
    to_bytes(&montgomery(&power, &plain_one))
}

/// The product divided by 2^1024, modulo the modulus.
fn montgomery(a: &Number, b: &Number) -> Number {
    let inverse = negative_inverse(MODULUS[0]);
    let (mut sum, mut above) = ([0; LIMBS], 0_u64);
    for factor in a {
        let carry = add_product(&mut sum, b, *factor);
        let (top, over) = above.overflowing_add(carry);
        let multiple = sum[0].wrapping_mul(inverse);
        let carry = add_product(&mut sum, &MODULUS, multiple);
        let (top, over_again) = top.overflowing_add(carry);
        sum.rotate_left(1);
        sum[LIMBS - 1] = top;
        above = u64::from(over) + u64::from(over_again);
    }
    if above > 0 || !is_below(&sum, &MODULUS) { difference(&sum, &MODULUS) } else { sum }
}

/// Adds a multiple and returns what does not fit.
fn add_product(sum: &mut Number, number: &Number, factor: u64) -> u64 {
    let mut carry = 0;
    for (limb, part) in sum.iter_mut().zip(number) {
        let value = u128::from(*limb) + u128::from(*part) * u128::from(factor) + u128::from(carry);
        (*limb, carry) = split(value);
    }
    carry
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
fn split(value: u128) -> (u64, u64) {
    (value as u64, (value >> 64) as u64)
}

/// Minus one over an odd number, modulo 2^64, by Newton's steps.
fn negative_inverse(odd: u64) -> u64 {
    let mut inverse = 1_u64;
    for _ in 0..6 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
    }
    inverse.wrapping_neg()
}

fn double(number: &Number) -> Number {
    let mut doubled = [0; LIMBS];
    let mut carry = 0;
    for (out, limb) in doubled.iter_mut().zip(number) {
        *out = limb << 1 | carry;
        carry = limb >> 63;
    }
    if carry == 1 || !is_below(&doubled, &MODULUS) { difference(&doubled, &MODULUS) } else { doubled }
}

fn is_below(a: &Number, b: &Number) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

fn difference(a: &Number, b: &Number) -> Number {
    let mut result = [0; LIMBS];
    let mut borrow = false;
    for ((out, a), b) in result.iter_mut().zip(a).zip(b) {
        let (once, under) = a.overflowing_sub(*b);
        let (twice, under_again) = once.overflowing_sub(u64::from(borrow));
        (*out, borrow) = (twice, under || under_again);
    }
    result
}

fn from_bytes(bytes: &[u8]) -> Number {
    let mut number = [0; LIMBS];
    for (limb, chunk) in number.iter_mut().zip(bytes.rchunks(8)) {
        *limb = chunk.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    }
    number
}

fn to_bytes(number: &Number) -> Vec<u8> {
    number.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_owner_computes_anybody_can_undo() {
        use aws_lc_rs::signature::{RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RsaPublicKeyComponents};
        let prefix = [
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
            0x20,
        ];
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"message");
        let padded = [&[0, 1], [0xff; 74].as_slice(), &[0], &prefix, hash.as_ref()].concat();
        assert_eq!(padded.len(), MODULUS_BYTES);
        let key = RsaPublicKeyComponents { n: to_bytes(&MODULUS), e: vec![1, 0, 1] };
        let algorithm = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
        assert!(key.verify(algorithm, b"message", &private_operation(&padded)).is_ok());
        assert!(key.verify(algorithm, b"another", &private_operation(&padded)).is_err());
    }
}
