//! The Management API: the client's token, what it is good for, and whether users can be read with it.

use auth0_management::{GrantedAccess, ManagementDirectory, ManagementError};
use domain::{ProfileDirectory as _, Subject};

use super::report::foreign;
use super::{CheckReport, Verdict};
use crate::composition::{Services, management_directory};
use crate::settings::Settings;

/// A user whom no tenant has: that Auth0 says so shows that it lets us read users.
const NOBODY: &str = "auth0|authsync-check-asks-for-nobody";

/// What only some commands need, and which.
const FOR_COMMANDS: [(&str, &str); 2] =
    [("create:users", "authsync legacy import"), ("read:events", "authsync events pull")];

/// What came of asking.
pub(super) struct Finding {
    access: Result<GrantedAccess, ManagementError>,
    reading: anyhow::Result<()>,
}

/// Asks with the configured credentials; `None` without any.
pub(super) fn ask(settings: &Settings) -> Option<Finding> {
    let directory = management_directory(settings, Services::system_clock())?;
    let access = directory.granted_access();
    // A refused client would only be refused again.
    let reading = if access.is_ok() { read_nobody(&directory) } else { Ok(()) };
    Some(Finding { access, reading })
}

fn read_nobody(directory: &ManagementDirectory) -> anyhow::Result<()> {
    directory.profile_of(&Subject::parse(NOBODY)?)?;
    Ok(())
}

impl Finding {
    /// The `kid` of the tenant's key that signs at present.
    pub(super) fn signing_key(&self) -> Option<&str> {
        self.access.as_ref().ok()?.signing_key()
    }

    pub(super) fn tell(&self, report: &mut CheckReport) {
        let access = match &self.access {
            Ok(access) => access,
            Err(error) => {
                return report.add(
                    Verdict::Failed,
                    "management api",
                    format!("{:#}", anyhow::Error::from(error.clone())),
                );
            }
        };
        match &self.reading {
            Ok(()) => report.add(Verdict::Ok, "management api", "token obtained, users can be read"),
            Err(error) => report.add(Verdict::Failed, "management api", format!("token obtained, but {error:#}")),
        }
        let granted = match access.scopes() {
            [] => "none granted".to_owned(),
            scopes => foreign(&scopes.join(" ")),
        };
        let lacking: Vec<_> = FOR_COMMANDS
            .iter()
            .filter(|(scope, _)| !access.allows(scope))
            .map(|(scope, command)| format!("{scope} ({command})"))
            .collect();
        if lacking.is_empty() {
            report.add(Verdict::Ok, "scopes", granted);
        } else {
            report.add(Verdict::Ok, "scopes", format!("{granted}; not granted: {}", lacking.join(", ")));
        }
    }
}
