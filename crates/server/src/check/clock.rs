//! This machine's clock beside the issuer's, which tokens are dated by.

use std::time::Duration;

use domain::UnixTime;

use super::{CheckReport, Verdict};

/// What is worth no word: `Date` has whole seconds, and the answer took its time.
const CLOSE: Duration = Duration::from_secs(5);
/// What tokens are judged with: `auth0_verify::Leeway::default()`.
const LEEWAY: Duration = Duration::from_secs(30);

pub(super) fn compare(theirs: Option<UnixTime>, ours: UnixTime, report: &mut CheckReport) {
    let (verdict, finding) = match theirs {
        Some(theirs) => judge(theirs, ours),
        None => (Verdict::Note, "the issuer tells no time, so this machine's cannot be compared with it".to_owned()),
    };
    report.add(verdict, "clock", finding);
}

fn judge(theirs: UnixTime, ours: UnixTime) -> (Verdict, String) {
    let (apart, direction) =
        if ours >= theirs { (ours.since(theirs), "ahead of") } else { (theirs.since(ours), "behind") };
    let (seconds, tolerated) = (apart.as_secs(), LEEWAY.as_secs());
    if apart <= CLOSE {
        (Verdict::Ok, format!("within {} s of the issuer's", CLOSE.as_secs()))
    } else if apart <= LEEWAY {
        let finding =
            format!("{seconds} s {direction} the issuer's; tokens are judged with {tolerated} s of tolerance");
        (Verdict::Note, finding)
    } else {
        let finding = format!(
            "{seconds} s {direction} the issuer's, more than the {tolerated} s that are tolerated: good tokens will be \
             refused, or expired ones accepted; set this machine's clock"
        );
        (Verdict::Failed, finding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_well_within_five_seconds_worth_a_note_up_to_the_leeway_and_wrong_beyond() {
        for (apart, verdict) in [
            (0, Verdict::Ok),
            (5_000, Verdict::Ok),
            (5_001, Verdict::Note),
            (30_000, Verdict::Note),
            (30_001, Verdict::Failed),
            (i64::MAX / 4, Verdict::Failed),
        ] {
            for (millis, direction) in [(apart, "ahead"), (-apart, "behind")] {
                let (found, text) = judge(UnixTime::from_millis(0), UnixTime::from_millis(millis));
                assert_eq!(found, verdict, "{millis}: {text}");
                assert!(found == Verdict::Ok || text.contains(direction), "{millis}: {text}");
            }
        }
    }

    #[test]
    fn the_tolerance_is_the_one_that_tokens_are_judged_with() {
        assert_eq!(format!("{:?}", auth0_verify::Leeway::default()), format!("Leeway({LEEWAY:?})"));
    }
}
