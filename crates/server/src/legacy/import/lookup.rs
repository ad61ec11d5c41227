//! Who of some users Auth0 has already, as an export tells.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use auth0_management::{JobClient, JobError};
use domain::UnixTime;
use serde::Deserialize;

use crate::progress::Screen;
use crate::user_export::UserExport;

/// Users to be looked for, by local id. Addresses are kept as fingerprints: there may be very many.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    addresses: HashMap<i64, u64>,
    fingerprints: RandomState,
}

/// Who was found.
#[derive(Debug, Default)]
pub(super) struct There {
    /// Under their id, with their address: they are imported.
    pub(super) same: HashSet<i64>,
    /// Under their id there is somebody with another address.
    pub(super) others: HashSet<i64>,
}

#[derive(Deserialize)]
struct Line {
    user_id: String,
    email: Option<String>,
}

impl Wanted {
    pub(super) fn add(&mut self, id: i64, email: &str) {
        self.addresses.insert(id, self.fingerprints.hash_one(email.to_lowercase()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// Reads everybody whom the tenant has. Ids are unique in a tenant, whatever the connection.
    pub(super) fn look_up(&self, jobs: &JobClient, now: UnixTime, screen: &Screen) -> Result<There, JobError> {
        let export = UserExport::order(jobs, None, now)?;
        let total = export.finish("import", screen)?;
        let progress = screen.begin("look up", "users at auth0", 0);
        total.into_iter().for_each(|total| progress.expect(total));
        let (mut there, mut batches) = (There::default(), export.batches(0));
        while let Some(batch) = batches.next_batch()? {
            progress.add(u64::try_from(batch.len()).unwrap_or(0));
            for line in batch.iter().filter_map(|line| serde_json::from_slice(line.text.as_deref().ok()?).ok()) {
                self.take(&line, &mut there);
            }
        }
        Ok(there)
    }

    fn take(&self, line: &Line, there: &mut There) {
        let id = line.user_id.strip_prefix("auth0|").and_then(|id| id.parse::<i64>().ok());
        // `auth0|007` is not the user 7.
        let Some(id) = id.filter(|id| line.user_id == format!("auth0|{id}")) else { return };
        let Some(wanted) = self.addresses.get(&id) else { return };
        let email = line.email.as_deref().unwrap_or_default().to_lowercase();
        let found = if self.fingerprints.hash_one(email) == *wanted { &mut there.same } else { &mut there.others };
        found.insert(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_id_with_the_same_address_is_the_same_user() {
        let mut wanted = Wanted::default();
        for (id, email) in [(7, "Ada@example.com"), (8, "bob@example.com"), (9, "eve@example.com")] {
            wanted.add(id, email);
        }
        let mut there = There::default();
        for (user_id, email) in [
            ("auth0|7", Some("ada@EXAMPLE.com")),
            ("auth0|8", Some("mallory@example.com")),
            ("auth0|009", Some("eve@example.com")),
            ("google-oauth2|9", Some("eve@example.com")),
            ("auth0|10", None),
        ] {
            wanted.take(&Line { user_id: user_id.into(), email: email.map(str::to_owned) }, &mut there);
        }
        assert_eq!((there.same, there.others), (HashSet::from([7]), HashSet::from([8])));
    }
}
