//! Which of the machine's cores are whose.

use std::fs;

/// The cores of the server, and those of whoever asks: as if on machines of their own. A latency of the server's is then
/// not the scheduler's, which would have one wait for the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bench) struct Apart {
    pub(in crate::bench) server: Cores,
    pub(in crate::bench) generators: Cores,
}

/// Cores as `taskset` names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bench) struct Cores(Vec<usize>);

impl Apart {
    /// Half of the cores that this process may use for each; `None` where there is only one, or nobody can tell.
    pub(in crate::bench) fn of_this_machine() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
        Self::of(allowed(list.trim())?)
    }

    fn of(mut cores: Vec<usize>) -> Option<Self> {
        let generators = cores.split_off(cores.len().div_ceil(2));
        (!generators.is_empty()).then_some(Self { server: Cores(cores), generators: Cores(generators) })
    }
}

impl Cores {
    /// What stands before a command that is to run on these cores alone (`taskset` of util-linux; nobody needs a privilege
    /// for it).
    pub(in crate::bench) fn words(&self) -> [String; 3] {
        ["taskset".to_owned(), "--cpu-list".to_owned(), self.list()]
    }

    pub(in crate::bench) fn count(&self) -> usize {
        self.0.len()
    }

    fn list(&self) -> String {
        self.0.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
    }
}

/// `0-2,5` is 0, 1, 2 and 5 (proc(5)).
fn allowed(list: &str) -> Option<Vec<usize>> {
    let mut cores = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cores.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(cores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cores_are_dealt_out_in_two_halves_and_one_core_not_at_all() {
        let dealt = |list| Apart::of(allowed(list)?).map(|apart| (apart.server.list(), apart.generators.list()));
        assert_eq!(dealt("0-1"), Some(("0".to_owned(), "1".to_owned())));
        assert_eq!(dealt("0-2,5,8"), Some(("0,1,2".to_owned(), "5,8".to_owned())));
        assert_eq!(dealt("3"), None);
        assert_eq!(dealt("every one"), None);
    }
}
