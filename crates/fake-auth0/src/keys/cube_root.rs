//! Cube roots of large numbers: all that it takes to forge a signature for an RSA key of exponent 3, where the verifier
//! looks at the beginning of the padded hash alone (CVE-2006-4339).

use std::cmp::Ordering;

/// A number, its lowest 32 bits first.
type Number = Vec<u32>;

/// The least number whose cube begins with these bytes, in so many bytes, both with the greatest byte first.
pub(crate) fn ceiling_of(beginning: &[u8], bytes: usize) -> Vec<u8> {
    let mut target = beginning.to_vec();
    target.resize(bytes, 0);
    let target = from_bytes(&target);
    let mut root: Number = vec![0; bytes / 12 + 1];
    for bit in (0..root.len() * 32).rev() {
        let mut candidate = root.clone();
        set(&mut candidate, bit);
        if compare(&product(&product(&candidate, &candidate), &candidate), &target) == Ordering::Less {
            root = candidate;
        }
    }
    increment(&mut root);
    to_bytes(&root, bytes)
}

fn set(number: &mut Number, bit: usize) {
    if let Some(limb) = number.get_mut(bit / 32) {
        *limb |= 1 << (bit % 32);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
fn product(a: &[u32], b: &[u32]) -> Number {
    let mut result = vec![0_u32; a.len() + b.len()];
    for (shift, factor) in a.iter().enumerate() {
        let mut carry = 0_u64;
        for (place, limb) in result.iter_mut().skip(shift).enumerate() {
            let part = b.get(place).copied().unwrap_or_default();
            let value = u64::from(*limb) + u64::from(*factor) * u64::from(part) + carry;
            (*limb, carry) = (value as u32, value >> 32);
        }
    }
    result
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    let limb = |number: &[u32], place: usize| number.get(place).copied().unwrap_or_default();
    let places = (0..a.len().max(b.len())).rev();
    places.map(|place| limb(a, place).cmp(&limb(b, place))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn increment(number: &mut Number) {
    for limb in number {
        let (sum, over) = limb.overflowing_add(1);
        *limb = sum;
        if !over {
            return;
        }
    }
}

fn from_bytes(bytes: &[u8]) -> Number {
    bytes.rchunks(4).map(|chunk| chunk.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))).collect()
}

fn to_bytes(number: &[u32], length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = number.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    bytes.resize(length, 0);
    bytes.reverse();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cube_begins_with_what_was_asked_for() {
        let beginning: Vec<u8> = (1..=62).collect();
        let root = from_bytes(&ceiling_of(&beginning, 256));
        let cube = to_bytes(&product(&product(&root, &root), &root), 256);
        assert_eq!(cube[..62], beginning);
    }

    #[test]
    fn the_root_of_a_cube_is_found() {
        assert_eq!(ceiling_of(&[27], 1), [3]);
        assert_eq!(ceiling_of(&[28], 1), [4]);
    }
}
