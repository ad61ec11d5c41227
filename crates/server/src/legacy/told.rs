//! Progress of a step in the database, on the screen.

use std::ops::ControlFlow;

use crate::progress::{Progress, Screen};

/// Hears of a step's parts: those that count rows get a bar, the others a line.
pub(super) struct Told<'a> {
    task: &'static str,
    screen: &'a Screen,
    part: String,
    bar: Option<Progress>,
}

impl<'a> Told<'a> {
    pub(super) fn of(task: &'static str, screen: &'a Screen) -> Self {
        Self { task, screen, part: String::new(), bar: None }
    }

    pub(super) fn hear(&mut self, progress: &persistence::Progress) -> ControlFlow<()> {
        if progress.step != self.part {
            progress.step.clone_into(&mut self.part);
            self.bar = None;
            self.screen.say(&format!("{}: {}", self.task, self.part));
        }
        if let Some(total) = progress.total {
            let bar = self.bar.get_or_insert_with(|| self.screen.begin(self.task, "rows", 0));
            bar.expect(total);
            bar.add(progress.done.saturating_sub(bar.done()));
        }
        ControlFlow::Continue(())
    }
}

impl std::fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told").field("part", &self.part).finish_non_exhaustive()
    }
}
