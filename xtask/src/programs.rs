//! Programs that a command needs: found, installed where that is possible, or named with the line that installs them.

use anyhow::bail;

use crate::apt_get;
use crate::screen::Screen;

/// A program, and Debian's package for it.
pub(crate) struct Needed {
    pub(crate) is_there: fn() -> bool,
    pub(crate) package: &'static str,
}

/// Makes sure that all of these are there. `by_hand` says what to do where there is no `apt-get`.
///
/// # Errors
/// Something is missing; the message holds the line that installs it.
pub(crate) fn ensure(needed: &[Needed], by_hand: &str, screen: Screen) -> anyhow::Result<()> {
    let missing = missing(needed);
    if missing.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get install -y {}", missing.join(" "));
    if !apt_get::may_install() {
        bail!("{}", advice(&missing, &line, by_hand));
    }
    screen.line(format_args!("{} not found; installing: {line}", missing.join(", ")));
    if !apt_get::install(&missing)? {
        bail!("{}", advice(&missing, &line, by_hand));
    }
    let missing = self::missing(needed);
    if !missing.is_empty() {
        bail!("{} was installed and is still not to be found. {by_hand}", missing.join(", "));
    }
    Ok(())
}

fn missing(needed: &[Needed]) -> Vec<&'static str> {
    needed.iter().filter(|program| !(program.is_there)()).map(|program| program.package).collect()
}

fn advice(missing: &[&str], line: &str, by_hand: &str) -> String {
    let what = missing.join(", ");
    if apt_get::exists() {
        format!("missing: {what}. Type `sudo {line}`")
    } else {
        format!("missing: {what}. {by_hand}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_a_line_to_type_or_what_to_do_without_it() {
        let advice = advice(&["npm", "chromium"], "apt-get install -y npm chromium", "Put them on the PATH");
        let line =
            if apt_get::exists() { "Type `sudo apt-get install -y npm chromium`" } else { "Put them on the PATH" };
        assert_eq!(advice, format!("missing: npm, chromium. {line}"));
    }

    #[test]
    fn only_what_is_not_there_is_missing() {
        let needed = [Needed { is_there: || true, package: "a" }, Needed { is_there: || false, package: "b" }];
        assert_eq!(missing(&needed), ["b"]);
    }
}
