//! The service as its README shows it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing loudly; outside of #[test] functions clippy does not know that"
)]

mod program;
mod readme;

use crate::program::Program;

#[test]
fn every_line_of_the_readme_answers_what_is_shown() {
    let program = Program::start(env!("CARGO_BIN_EXE_actix-notes"));
    let steps = readme::steps(include_str!("../../README.md"));
    assert!(steps.len() > 8, "the README shows too little");
    for step in &steps {
        step.perform(&program.address, &program.tenant);
    }
}
