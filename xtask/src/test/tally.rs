//! Counts tests from what `cargo test` prints.

/// The count so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) ignored: u64,
    /// Tests against a real PostgreSQL that passed: those of integration tests with `postgres` in their path.
    pub(super) on_postgres: u64,
    pub(super) failed_names: Vec<String>,
    in_integration_tests: bool,
}

impl Tally {
    /// Takes in one line.
    pub(super) fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(binary) = line.strip_prefix("Running ") {
            // A unit test about `postgres://` needs no database.
            self.in_integration_tests = binary.starts_with("tests");
        } else if line.starts_with("Doc-tests ") {
            self.in_integration_tests = false;
        } else if let Some(counts) = line.strip_prefix("test result: ") {
            self.add(counts);
        } else if let Some((name, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) {
            match outcome {
                "ok" if self.in_integration_tests && name.contains("postgres") => self.on_postgres += 1,
                "FAILED" => self.failed_names.push(name.to_owned()),
                _ => {}
            }
        }
    }

    /// `ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
    fn add(&mut self, counts: &str) {
        for part in counts.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(kind)) = (words.next().and_then(|word| word.parse::<u64>().ok()), words.next())
            else {
                continue;
            };
            match kind {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
   Compiling persistence v0.1.0
     Running unittests src/lib.rs (target/debug/deps/persistence-1)

running 2 tests
test database_url::tests::a_postgres_url_is_understood ... ok
test pool::tests::a_pool_is_small ... ok

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

     Running tests/repository/main.rs (target/debug/deps/repository-1)

running 3 tests
test postgres::one_user_has_one_row ... ok
test sqlite::one_user_has_one_row ... ok
test postgres::ids_are_not_burnt ... FAILED

failures:
    postgres::ids_are_not_burnt

test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.52s

   Doc-tests persistence

running 1 test
test crates/persistence/src/postgres.rs - open (line 3) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.61s
";

    #[test]
    fn all_result_lines_are_added_up() {
        let mut tally = Tally::default();
        OUTPUT.lines().for_each(|line| tally.read(line));
        assert_eq!((tally.passed, tally.failed, tally.ignored), (5, 1, 1));
        assert_eq!(tally.failed_names, ["postgres::ids_are_not_burnt"]);
    }

    #[test]
    fn only_tests_against_a_real_postgresql_count_as_such() {
        let mut tally = Tally::default();
        OUTPUT.lines().for_each(|line| tally.read(line));
        assert_eq!(tally.on_postgres, 1);
    }
}
