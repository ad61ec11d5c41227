//! Which rows have been met.

use std::collections::BTreeMap;

use domain::UserId;

/// Ids of one chunk.
const CHUNK: u32 = 64 * 1024;
const WORDS: usize = (CHUNK / 64) as usize;

/// A set of row ids at one bit each: a million rows take 128 KiB, and the two thousand million that there can be
/// take 256 MiB.
#[derive(Debug, Default)]
pub(super) struct SeenIds {
    chunks: BTreeMap<u32, Box<[u64; WORDS]>>,
}

impl SeenIds {
    pub(super) fn insert(&mut self, id: UserId) {
        let (chunk, word, bit) = place(id);
        let words = self.chunks.entry(chunk).or_insert_with(|| Box::new([0; WORDS]));
        if let Some(word) = words.get_mut(word) {
            *word |= bit;
        }
    }

    pub(super) fn contains(&self, id: UserId) -> bool {
        let (chunk, word, bit) = place(id);
        self.chunks.get(&chunk).and_then(|words| words.get(word)).is_some_and(|word| word & bit != 0)
    }
}

fn place(id: UserId) -> (u32, usize, u64) {
    let id = id.get().cast_unsigned();
    // The word's number is below 1024.
    let word = usize::try_from(id % CHUNK / 64).unwrap_or(usize::MAX);
    (id / CHUNK, word, 1 << (id % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_in_the_set_once_it_was_put_there_and_no_other_is() {
        let mut seen = SeenIds::default();
        let ids = [0, 1, 63, 64, 65_535, 65_536, i32::MAX, -1, i32::MIN].map(UserId::new);
        for (count, id) in ids.into_iter().enumerate() {
            assert!(!seen.contains(id), "{id}");
            seen.insert(id);
            assert_eq!(ids.iter().filter(|id| seen.contains(**id)).count(), count + 1);
        }
        assert!([2, 62, 66, 65_537, i32::MAX - 1, -2].iter().all(|id| !seen.contains(UserId::new(*id))));
    }

    #[test]
    fn a_million_ids_take_128_kib() {
        let mut seen = SeenIds::default();
        (1..1_000_000).for_each(|id| seen.insert(UserId::new(id)));
        assert_eq!(seen.chunks.len() * WORDS * size_of::<u64>(), 128 * 1024);
    }
}
