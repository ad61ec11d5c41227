//! A place in PostgreSQL's write-ahead log.

/// Later places are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LogPosition(u64);

impl LogPosition {
    /// Reads what PostgreSQL writes: two hexadecimal numbers of 32 bits, `16/B374D848`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (high, low) = text.split_once('/')?;
        let half = |digits: &str| u32::from_str_radix(digits, 16).ok().map(u64::from);
        Some(Self(half(high)? << 32 | half(low)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_ordered_by_both_halves() {
        let at = |text| LogPosition::parse(text).expect(text);
        assert!(at("0/FFFFFFFF") < at("1/0"));
        assert!(at("16/B374D848") < at("16/B374D849"));
        assert_eq!(at("0/a"), at("0/A"));
    }

    #[test]
    fn what_is_no_position_is_none() {
        for text in ["", "1", "1/", "/1", "1/1/1", "g/1", "100000000/0", "-1/0"] {
            assert_eq!(LogPosition::parse(text), None, "{text}");
        }
    }
}
