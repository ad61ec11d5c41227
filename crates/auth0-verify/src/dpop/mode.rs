//! Whether tokens bound to a key are taken.

use std::str::FromStr;

/// What a service does about DPoP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DpopMode {
    /// A bound token is refused, and the scheme `DPoP` is as good as none.
    #[default]
    Off,
    /// A bound token needs a proof; a plain one passes as a bearer.
    Allowed,
    /// Only bound tokens pass.
    Required,
}

/// The text is no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected off, allowed or required")]
pub struct DpopModeError;

impl DpopMode {
    /// Every mode there is.
    pub const ALL: [Self; 3] = [Self::Off, Self::Allowed, Self::Required];

    /// Its name in a configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Allowed => "allowed",
            Self::Required => "required",
        }
    }
}

impl FromStr for DpopMode {
    type Err = DpopModeError;

    fn from_str(name: &str) -> Result<Self, DpopModeError> {
        Self::ALL.into_iter().find(|mode| mode.name() == name).ok_or(DpopModeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_read_from_its_name_and_from_nothing_else() {
        for mode in DpopMode::ALL {
            assert_eq!(mode.name().parse(), Ok(mode));
        }
        for text in ["", "on", "true", "Required", "off "] {
            assert_eq!(text.parse::<DpopMode>(), Err(DpopModeError), "{text:?}");
        }
        assert_eq!(DpopMode::default(), DpopMode::Off);
    }
}
