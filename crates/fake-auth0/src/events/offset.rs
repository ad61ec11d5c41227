//! Places in the feed, as opaque text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Why a place is not to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OffsetProblem {
    /// The tenant never gave this text.
    Malformed,
    /// It is of a time that is over.
    Expired,
}

/// Writes and reads offsets of one tenant. A later generation does not know those of an earlier one.
#[derive(Debug)]
pub(super) struct Offsets {
    tenant: String,
    pub(super) generation: u64,
}

impl Offsets {
    pub(super) fn new(tenant: String) -> Self {
        Self { tenant, generation: 0 }
    }

    /// The place behind the event of this number.
    pub(super) fn write(&self, number: u64) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}.{}.{number}", self.tenant, self.generation))
    }

    /// The number of the event that the place is behind.
    pub(super) fn read(&self, offset: &str) -> Result<u64, OffsetProblem> {
        let bytes = URL_SAFE_NO_PAD.decode(offset).map_err(|_| OffsetProblem::Malformed)?;
        let text = String::from_utf8(bytes).map_err(|_| OffsetProblem::Malformed)?;
        let (place, number) = text.rsplit_once('.').ok_or(OffsetProblem::Malformed)?;
        let (tenant, generation) = place.rsplit_once('.').ok_or(OffsetProblem::Malformed)?;
        let number = number.parse().map_err(|_| OffsetProblem::Malformed)?;
        let generation: u64 = generation.parse().map_err(|_| OffsetProblem::Malformed)?;
        match tenant == self.tenant {
            true if generation == self.generation => Ok(number),
            true if generation < self.generation => Err(OffsetProblem::Expired),
            _ => Err(OffsetProblem::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_read_back_until_its_generation_is_over() {
        let mut offsets = Offsets::new("a".to_owned());
        let offset = offsets.write(7);
        assert_eq!(offsets.read(&offset), Ok(7));
        offsets.generation += 1;
        assert_eq!(offsets.read(&offset), Err(OffsetProblem::Expired));
        for other in [Offsets::new("b".to_owned()).write(7), "7".to_owned(), "!".to_owned(), String::new()] {
            assert_eq!(offsets.read(&other), Err(OffsetProblem::Malformed), "{other}");
        }
    }
}
