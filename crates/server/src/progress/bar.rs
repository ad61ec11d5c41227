//! The bar on a terminal.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

const WITHOUT_END: &str = "{prefix} {spinner} {human_pos} {msg}, {rate} a second";
const WITH_END: &str = "{prefix} {wide_bar} {human_pos} of {human_len} {msg}, {rate} a second, {eta} left";

/// A bar on standard error, whose end is not known yet.
pub(super) fn begin(task: &'static str, unit: &'static str, earlier: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
    bar.set_style(style(WITHOUT_END));
    bar.set_prefix(task);
    bar.set_message(unit);
    // What earlier runs did must not count as this run's speed.
    bar.set_position(earlier);
    bar.reset_eta();
    bar
}

/// Its end has become known.
pub(super) fn expect(bar: &ProgressBar, total: u64) {
    bar.set_length(total);
    bar.set_style(style(WITH_END));
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
        // A bar with a gap in it is no reason to stop.
        let _ = write!(out, "{:.0}", state.per_sec());
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_are_understood() {
        assert!([WITHOUT_END, WITH_END].iter().all(|template| ProgressStyle::with_template(template).is_ok()));
    }
}
