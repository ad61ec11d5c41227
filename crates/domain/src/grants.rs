//! What a token allows its holder.

/// The authorization that a verified token carries. Empty where the token says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// `scope`, taken apart: what the user let the client do (RFC 9068 §2.2.3, RFC 6749 §3.3).
    pub scopes: Box<[Box<str>]>,
    /// `permissions`: what Auth0's RBAC gives the user at this API. Only there if the API is set up to add it.
    pub permissions: Box<[Box<str>]>,
    /// `org_id`: the Auth0 organization that the user logged in to.
    pub organization: Option<Box<str>>,
}

impl Grants {
    /// Whether the scope is granted. Scopes are compared to the byte (RFC 6749 §3.3).
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| **granted == *scope)
    }

    /// Whether the permission is granted.
    #[must_use]
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions.iter().any(|granted| **granted == *permission)
    }

    /// Whether the user logged in to the organization with this id.
    #[must_use]
    pub fn is_of_organization(&self, id: &str) -> bool {
        self.organization.as_deref() == Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_compared_to_the_byte() {
        let grants = Grants {
            scopes: Box::new(["read:notes".into()]),
            permissions: Box::new(["write:notes".into()]),
            organization: None,
        };
        assert!(grants.has_scope("read:notes") && grants.has_permission("write:notes"));
        for other in ["read:note", "read:notes ", "Read:notes", "", "write:notes"] {
            assert!(!grants.has_scope(other), "{other:?}");
        }
        assert!(!grants.has_permission("read:notes") && !grants.is_of_organization(""));
        assert!(!Grants::default().has_scope("read:notes"));
    }
}
