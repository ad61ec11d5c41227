//! Rows of a kind: how many, and the ids of the first.

use std::fmt;

use serde::Serialize;

/// How many ids are kept, and how many are shown to a person.
const KEPT: usize = 100;
const SHOWN: usize = 10;

/// Rows that have something in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sample {
    /// How many there are.
    pub(super) rows: u64,
    /// Their ids, at most a hundred.
    pub(super) first_ids: Vec<i64>,
}

impl Sample {
    pub(super) fn add(&mut self, id: i64) {
        self.rows += 1;
        if self.first_ids.len() < KEPT {
            self.first_ids.push(id);
        }
    }
}

/// `ids 1, 5, 9, …`
impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.first_ids.iter().take(SHOWN).map(i64::to_string).collect();
        let more = usize::try_from(self.rows).is_ok_and(|rows| rows > shown.len());
        write!(f, "id{} {}", if shown.len() == 1 && !more { "" } else { "s" }, shown.join(", "))?;
        if more { f.write_str(", …") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_ids_stand_for_many() {
        let of = |count: i64| {
            let mut sample = Sample::default();
            (1..=count).for_each(|id| sample.add(id));
            (sample.rows, sample.first_ids.len(), sample.to_string())
        };
        assert_eq!(of(1), (1, 1, "id 1".to_owned()));
        assert_eq!(of(2), (2, 2, "ids 1, 2".to_owned()));
        assert_eq!(of(500), (500, 100, "ids 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …".to_owned()));
    }
}
