//! For how long an answer may be used, as its sender says.

use std::time::Duration;

/// Reads `Cache-Control` (RFC 9111 §5.2.2), all lines of it. `None` where it says nothing about the time; no time at all
/// where it forbids keeping the answer (`no-store`, `no-cache`) or names a time that is none: RFC 9111 §4.2.1 has such an
/// answer taken for stale. Of several times the shortest counts.
pub(crate) fn stated_freshness<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Duration> {
    lines.flat_map(directives).filter_map(freshness_of).min()
}

/// The parts between commas that stand in no quotes.
fn directives(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |byte| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    })
}

fn freshness_of(directive: &[u8]) -> Option<Duration> {
    let mut parts = directive.splitn(2, |byte| *byte == b'=');
    let name = parts.next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    match name.as_slice() {
        b"no-store" | b"no-cache" => Some(Duration::ZERO),
        b"max-age" => Some(parts.next().and_then(delta_seconds).unwrap_or_default()),
        _ => None,
    }
}

/// RFC 9111 §1.2.2: digits, which may be quoted; more of them than fit mean a very long time.
fn delta_seconds(value: &[u8]) -> Option<Duration> {
    let value = value.trim_ascii();
    let digits = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = str::from_utf8(digits).ok()?.parse::<u32>().unwrap_or(u32::MAX);
    Some(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(lines: &[&[u8]]) -> Option<u64> {
        stated_freshness(lines.iter().copied()).map(|time| time.as_secs())
    }

    #[test]
    fn a_time_is_read_wherever_and_however_it_stands() {
        for line in [
            "max-age=300",
            "public, max-age=300, stale-while-revalidate=15, stale-if-error=86400",
            "Public,MAX-AGE=300",
            " max-age = 300 ",
            "max-age=\"300\"",
            "private=\"set-cookie, max-age=1\", max-age=300",
            "s-maxage=1, max-age=300",
            "max-age=0300",
        ] {
            assert_eq!(stated(&[line.as_bytes()]), Some(300), "{line}");
        }
    }

    #[test]
    fn nothing_is_said_without_a_time() {
        assert_eq!(stated(&[]), None);
        for line in ["", ",,", "public", "s-maxage=1", "xmax-age=1", "stale-if-error=86400", "\"max-age=1\""] {
            assert_eq!(stated(&[line.as_bytes()]), None, "{line}");
        }
    }

    #[test]
    fn what_must_not_be_kept_and_what_is_no_time_is_good_for_none() {
        for line in [
            "no-store",
            "No-Cache",
            "no-cache=\"set-cookie\", max-age=300",
            "max-age=0",
            "max-age",
            "max-age=",
            "max-age=-300",
            "max-age=+300",
            "max-age=3e2",
            "max-age=300.5",
            "max-age=0x12c",
            "max-age=\"300",
            "max-age=300;public",
            "max-age=ten",
        ] {
            assert_eq!(stated(&[line.as_bytes()]), Some(0), "{line}");
        }
        assert_eq!(stated(&[b"max-age=\xff"]), Some(0));
    }

    #[test]
    fn a_time_beyond_all_numbers_is_a_long_time() {
        for line in ["max-age=4294967296", "max-age=99999999999999999999999999999999"] {
            assert_eq!(stated(&[line.as_bytes()]), Some(u64::from(u32::MAX)), "{line}");
        }
    }

    #[test]
    fn of_several_times_the_shortest_counts() {
        assert_eq!(stated(&[b"max-age=300, max-age=60"]), Some(60));
        assert_eq!(stated(&[b"max-age=300", b"max-age=86400"]), Some(300));
        assert_eq!(stated(&[b"max-age=300", b"no-store"]), Some(0));
    }
}
