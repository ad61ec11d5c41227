//! The parts of the comparison.

use super::scenario::Scenario;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bench) enum Part {
    /// All servers under one kind of load.
    Load(Scenario),
    /// What authsync has in memory after many tokens.
    Memory,
    /// From the start of a process to its first good answer.
    ColdStart,
    /// What a forged token costs beside a good one.
    Refusal,
    /// Good tokens beside many forged ones.
    Flood,
}

impl Part {
    pub(in crate::bench) const ALL: [Self; 10] = [
        Self::Load(Scenario::VerifyHot),
        Self::Load(Scenario::VerifyWarm),
        Self::Load(Scenario::VerifyUnique),
        Self::Load(Scenario::SyncSame),
        Self::Load(Scenario::SyncNew),
        Self::Load(Scenario::Forged),
        Self::Memory,
        Self::ColdStart,
        Self::Refusal,
        Self::Flood,
    ];

    /// As `--only` has it.
    pub(in crate::bench) fn name(self) -> &'static str {
        match self {
            Self::Load(scenario) => scenario.name(),
            Self::Memory => "memory",
            Self::ColdStart => "cold-start",
            Self::Refusal => "refusal",
            Self::Flood => "flood",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_load_is_a_part() {
        for scenario in Scenario::ALL {
            assert!(Part::ALL.contains(&Part::Load(scenario)), "{scenario:?}");
        }
    }
}
