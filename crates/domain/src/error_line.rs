//! How an error reads in the log.

use std::error::Error;

/// An error and its causes in one line: `what: why: why`.
#[must_use]
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DirectoryError;

    #[test]
    fn causes_stand_behind_the_error_in_their_order() {
        let error = DirectoryError(Box::new(DirectoryError("no route".into())));
        let line = "the profile directory is unavailable: the profile directory is unavailable: no route";
        assert_eq!(in_one_line(&error), line);
    }
}
