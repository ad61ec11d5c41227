//! Users of a running tenant, and who may read them.

use super::FakeAuth0;
use crate::lock::lock;
use crate::users::FakeUser;

/// Users and the Management API.
impl FakeAuth0 {
    /// Adds a user, in place of one with the same id.
    pub fn add_user(&self, user: FakeUser) {
        self.tenant.users().put(user);
    }

    /// Changes a user. `false`: there is none of this id.
    pub fn update_user(&self, user_id: &str, change: impl FnOnce(&mut FakeUser)) -> bool {
        self.tenant.users().change(user_id, change)
    }

    /// Deletes a user. `false`: there was none of this id.
    pub fn delete_user(&self, user_id: &str) -> bool {
        self.tenant.users().remove(user_id)
    }

    /// The user of this id, added or generated.
    #[must_use]
    pub fn user(&self, user_id: &str) -> Option<FakeUser> {
        self.tenant.users().person(user_id)
    }

    /// The people who were added, imported or changed, in the order of their ids; generated ones are not among them.
    #[must_use]
    pub fn users(&self) -> Vec<FakeUser> {
        self.tenant.users().all().cloned().collect()
    }

    /// The id of the machine-to-machine client.
    #[must_use]
    pub fn client_id(&self) -> String {
        lock(&self.tenant.machine_client).id.clone()
    }

    /// The secret of the machine-to-machine client.
    #[must_use]
    pub fn client_secret(&self) -> String {
        lock(&self.tenant.machine_client).secret.clone()
    }

    /// The client's secret from now on. Tokens given out stay good.
    pub fn set_client_secret(&self, secret: impl Into<String>) {
        lock(&self.tenant.machine_client).secret = secret.into();
    }

    /// The scopes of Management API tokens given from now on, separated by spaces. `read:users` reads profiles.
    pub fn set_management_scope(&self, scope: impl Into<String>) {
        lock(&self.tenant.machine_client).management_scope = scope.into();
    }

    /// Seconds that machine and Management API tokens given from now on last; a day unless set.
    pub fn set_machine_token_lifetime(&self, seconds: i64) {
        lock(&self.tenant.machine_client).lifetime = seconds;
    }

    /// Makes every Management API token given so far a bad one (401), as if the client had been authorised anew.
    pub fn revoke_management_tokens(&self) {
        lock(&self.tenant.grants).clear();
    }

    /// The audience of the Management API: the issuer and `api/v2/`.
    #[must_use]
    pub fn management_audience(&self) -> String {
        self.tenant.management_audience()
    }
}
