//! How much a client may say.

use std::time::Duration;

/// So many frames in each window of [`Allowance::WINDOW`], whatever they hold.
#[derive(Debug)]
pub(super) struct Allowance {
    frames: u32,
    used: u32,
    window_began: Duration,
}

impl Allowance {
    const WINDOW: Duration = Duration::from_secs(10);

    pub(super) fn new(frames: u32, uptime: Duration) -> Self {
        Self { frames, used: 0, window_began: uptime }
    }

    /// Uses up one frame. `false`: there was none left.
    pub(super) fn take(&mut self, uptime: Duration) -> bool {
        if uptime.saturating_sub(self.window_began) >= Self::WINDOW {
            self.window_began = uptime;
            self.used = 0;
        }
        self.used = self.used.saturating_add(1);
        self.used <= self.frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_so_many_frames_and_the_next_one_as_many_again() {
        let mut allowance = Allowance::new(2, Duration::from_secs(100));
        let mut take_at = |secs| allowance.take(Duration::from_secs(secs));
        assert_eq!([100, 105, 109].map(&mut take_at), [true, true, false]);
        assert_eq!([110, 119, 119].map(&mut take_at), [true, true, false]);
        assert!(take_at(1_000));
    }
}
