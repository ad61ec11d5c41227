//! What several rounds come to.

use std::fmt;

/// A figure of several rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::bench) struct Figure {
    pub(in crate::bench) median: f64,
    pub(in crate::bench) min: f64,
    pub(in crate::bench) max: f64,
}

impl Figure {
    /// The median of these and the ends of their range; `None` without any. Of an even number, the mean of the middle two.
    pub(in crate::bench) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (values.first().copied()?, values.last().copied()?);
        let upper = values.get(values.len() / 2).copied()?;
        let lower = values.get((values.len() - 1) / 2).copied()?;
        Some(Self { median: f64::midpoint(lower, upper), min, max })
    }

    /// How many times one is the other, round by round: what the machine did in a round is felt by both.
    pub(in crate::bench) fn ratio(ones: &[f64], others: &[f64]) -> Option<Self> {
        Self::of(ones.iter().zip(others).filter(|(_, other)| **other > 0.0).map(|(one, other)| one / other))
    }

    /// With so many digits behind the point.
    pub(in crate::bench) fn with(self, digits: usize) -> Shown {
        Shown { figure: self, digits }
    }
}

/// The figure of these, with so many digits behind the point; nothing without any.
pub(in crate::bench) fn shown(values: &[f64], digits: usize) -> String {
    Figure::of(values.iter().copied()).map_or_else(String::new, |figure| figure.with(digits).to_string())
}

/// `median (min–max)`; the median alone where there is one value.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Shown {
    figure: Figure,
    digits: usize,
}

impl fmt::Display for Shown {
    #[expect(clippy::float_cmp, reason = "the ends of a range of one value are the same bits")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figure { median, min, max } = self.figure;
        let digits = self.digits;
        f.write_str(&grouped(median, digits))?;
        if min != max {
            write!(f, " ({}–{})", grouped(min, digits), grouped(max, digits))?;
        }
        Ok(())
    }
}

/// With a comma before each three digits.
pub(in crate::bench) fn grouped(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut grouped = String::from(sign);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// A count, in threes.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(in crate::bench) fn count(number: usize) -> String {
    grouped(number as f64, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(Figure::of([3.0, 1.0, 2.0]).unwrap(), Figure { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(Figure::of([4.0, 1.0, 2.0, 3.0]).unwrap(), Figure { median: 2.5, min: 1.0, max: 4.0 });
        assert_eq!(Figure::of([7.0]).unwrap(), Figure { median: 7.0, min: 7.0, max: 7.0 });
        assert_eq!(Figure::of([]), None);
    }

    #[test]
    fn a_ratio_is_taken_in_each_round() {
        // The second round was slow for both.
        let ratio = Figure::ratio(&[90.0, 45.0, 80.0], &[100.0, 50.0, 100.0]).unwrap();
        assert_eq!(ratio, Figure { median: 0.9, min: 0.8, max: 0.9 });
        assert_eq!(Figure::ratio(&[1.0], &[0.0]), None);
    }

    #[test]
    fn figures_show_their_range_where_there_is_one() {
        assert_eq!(Figure::of([71_320.4, 60_000.0, 80_000.0]).unwrap().with(0).to_string(), "71,320 (60,000–80,000)");
        assert_eq!(Figure::of([0.5]).unwrap().with(2).to_string(), "0.50");
    }

    #[test]
    fn digits_stand_in_threes() {
        for (number, text) in [(0.0, "0"), (999.0, "999"), (1000.0, "1,000"), (-1_234_567.0, "-1,234,567")] {
            assert_eq!(grouped(number, 0), text);
        }
        assert_eq!(grouped(12_345.678, 1), "12,345.7");
    }
}
