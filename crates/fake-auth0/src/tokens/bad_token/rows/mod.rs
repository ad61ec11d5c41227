//! The list, by the place where the flaw is.

mod form;
mod header;
mod keys;
mod parties;
mod signature;
mod time;

use super::BadToken;

const PLACES: [&[BadToken]; 6] = [time::ROWS, parties::ROWS, header::ROWS, keys::ROWS, signature::ROWS, form::ROWS];

const COUNT: usize = {
    let [a, b, c, d, e, f] = PLACES;
    a.len() + b.len() + c.len() + d.len() + e.len() + f.len()
};

/// All of them, one place after the other.
pub(super) static ALL: [BadToken; COUNT] = in_one(PLACES);

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which refuses an index out of range")]
const fn in_one(places: [&[BadToken]; 6]) -> [BadToken; COUNT] {
    let mut all = [BadToken::Expired; COUNT];
    let (mut place, mut filled) = (0, 0);
    while place < places.len() {
        let mut row = 0;
        while row < places[place].len() {
            all[filled] = places[place][row];
            row += 1;
            filled += 1;
        }
        place += 1;
    }
    all
}
