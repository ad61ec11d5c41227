//! What a token must grant before its holder may do something.

mod term;

use std::fmt;

use self::term::{Names, Term};
use crate::Grants;

/// What a route asks of those who come with a good token.
///
/// Names are compared to the byte. A list that names nothing is met by nobody: a setting that was left empty must not
/// open a door.
///
/// ```
/// use domain::{Grants, Requirement};
///
/// let rule = Requirement::permission("write:notes").and(Requirement::any_organization());
/// let mut grants = Grants { permissions: Box::new(["write:notes".into()]), ..Grants::default() };
/// assert!(rule.met_by(&grants).is_err());
/// grants.organization = Some("org_acme".into());
/// assert!(rule.met_by(&grants).is_ok());
/// assert_eq!(rule.to_string(), "permission write:notes and an organization");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement(Term);

/// A good token does not grant what is required.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token does not grant {requirement}")]
pub struct Missing {
    requirement: Requirement,
    scopes: Names,
}

impl Requirement {
    /// One scope: what the user let the client do (`scope`, RFC 9068 §2.2.3).
    #[must_use]
    pub fn scope(name: &str) -> Self {
        Self::scopes([name])
    }

    /// Every one of these scopes.
    #[must_use]
    pub fn scopes<N: Into<Box<str>>>(names: impl IntoIterator<Item = N>) -> Self {
        Self(Term::AllScopes(collected(names)))
    }

    /// One of these scopes. Where all are missing, the challenge asks for the first.
    #[must_use]
    pub fn any_scope_of<N: Into<Box<str>>>(names: impl IntoIterator<Item = N>) -> Self {
        Self(Term::AnyScope(collected(names)))
    }

    /// One permission: what the tenant lets the user do at this API (`permissions`, which Auth0 adds where the API's
    /// settings enable RBAC and "Add Permissions in the Access Token").
    #[must_use]
    pub fn permission(name: &str) -> Self {
        Self::permissions([name])
    }

    /// Every one of these permissions.
    #[must_use]
    pub fn permissions<N: Into<Box<str>>>(names: impl IntoIterator<Item = N>) -> Self {
        Self(Term::AllPermissions(collected(names)))
    }

    /// One of these permissions.
    #[must_use]
    pub fn any_permission_of<N: Into<Box<str>>>(names: impl IntoIterator<Item = N>) -> Self {
        Self(Term::AnyPermission(collected(names)))
    }

    /// A login to this Auth0 organization, by its id (`org_id`; its name may change).
    #[must_use]
    pub fn organization(id: &str) -> Self {
        Self::organization_of([id])
    }

    /// A login to one of these organizations, by their ids.
    #[must_use]
    pub fn organization_of<N: Into<Box<str>>>(ids: impl IntoIterator<Item = N>) -> Self {
        Self(Term::OrganizationOf(collected(ids)))
    }

    /// A login to an organization, whichever.
    #[must_use]
    pub fn any_organization() -> Self {
        Self(Term::AnyOrganization)
    }

    /// This and the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Term::Both(Box::new(self.0), Box::new(other.0)))
    }

    /// This or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(Term::Either(Box::new(self.0), Box::new(other.0)))
    }

    /// Whether a token that grants this may pass.
    ///
    /// # Errors
    /// [`Missing`]: it may not.
    pub fn met_by(&self, grants: &Grants) -> Result<(), Missing> {
        let look = self.0.look_at(grants);
        if look.met {
            return Ok(());
        }
        let scopes = if look.lacks_scopes { look.scopes } else { Vec::new() };
        Err(Missing { requirement: self.clone(), scopes: scopes.into() })
    }
}

impl Missing {
    /// The scopes that a client should ask for in its next token, those among them that it has already: the `scope` of
    /// the challenge (RFC 6750 §3). Empty where scopes are not what is missing. Each is a `scope-token` (RFC 6749 §3.3),
    /// so that it can stand between quotes.
    #[must_use]
    pub fn into_scopes(self) -> Box<[Box<str>]> {
        self.scopes
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn collected<N: Into<Box<str>>>(names: impl IntoIterator<Item = N>) -> Names {
    names.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(scopes: &str, permissions: &str, organization: &str) -> Grants {
        let names = |text: &str| collected(text.split_whitespace());
        let organization = Some(organization).filter(|id| !id.is_empty()).map(Box::from);
        Grants { scopes: names(scopes), permissions: names(permissions), organization }
    }

    /// `ok`, or the scopes that the challenge names.
    fn outcome(requirement: &Requirement, grants: &Grants) -> String {
        match requirement.met_by(grants) {
            Ok(()) => "ok".to_owned(),
            Err(missing) => missing.into_scopes().join(" "),
        }
    }

    #[test]
    fn each_requirement_is_met_by_the_grants_it_names_and_by_no_others() {
        let nothing = grants("", "", "");
        // A scope is no permission, nor the other way about.
        let crossed = grants("write", "read", "");
        let one = grants("read openid", "write", "");
        let both = grants("share read", "write admin", "");
        let acme = grants("", "", "org_acme");
        for (requirement, expected) in [
            (Requirement::scope("read"), ["read", "read", "ok", "ok", "read"]),
            (Requirement::scopes(["read", "share"]), ["read share", "read share", "read share", "ok", "read share"]),
            (Requirement::any_scope_of(["share", "read"]), ["share", "share", "ok", "ok", "share"]),
            (Requirement::permission("write"), ["", "", "ok", "ok", ""]),
            (Requirement::permissions(["write", "admin"]), ["", "", "", "ok", ""]),
            (Requirement::any_permission_of(["admin", "write"]), ["", "", "ok", "ok", ""]),
            (Requirement::organization("org_acme"), ["", "", "", "", "ok"]),
            (Requirement::organization("ORG_ACME"), ["", "", "", "", ""]),
            (Requirement::organization_of(["org_b", "org_acme"]), ["", "", "", "", "ok"]),
            (Requirement::organization_of(["org_b", "org_c"]), ["", "", "", "", ""]),
            (Requirement::any_organization(), ["", "", "", "", "ok"]),
            (Requirement::scope("read").and(Requirement::permission("write")), ["read", "read", "ok", "ok", "read"]),
            (Requirement::permission("write").or(Requirement::any_organization()), ["", "", "ok", "ok", "ok"]),
        ] {
            let seen = [&nothing, &crossed, &one, &both, &acme].map(|grants| outcome(&requirement, grants));
            assert_eq!(seen, expected, "{requirement}");
        }
    }

    #[test]
    fn a_list_that_names_nothing_is_met_by_nobody() {
        let everything = grants("read", "write", "org_acme");
        let none: [&str; 0] = [];
        for requirement in [
            Requirement::scopes(none),
            Requirement::any_scope_of(none),
            Requirement::permissions(none),
            Requirement::any_permission_of(none),
            Requirement::organization_of(none),
        ] {
            assert!(requirement.met_by(&everything).is_err(), "{requirement}");
        }
    }

    #[test]
    fn the_challenge_keeps_the_scopes_that_the_client_has_already() {
        let rule = Requirement::scope("read").and(Requirement::scope("share")).and(Requirement::scope("read"));
        assert_eq!(outcome(&rule, &grants("read", "", "")), "read share");
        // Scopes are not what is missing here, although some are named.
        let rule = Requirement::scope("read").and(Requirement::any_organization());
        assert_eq!(outcome(&rule, &grants("read", "", "")), "");
        assert_eq!(outcome(&rule, &grants("", "", "")), "read");
    }

    #[test]
    fn of_two_ways_in_the_challenge_names_the_first_that_scopes_open() {
        let rule = Requirement::permission("write").or(Requirement::scope("write")).or(Requirement::scope("admin"));
        assert_eq!(outcome(&rule, &grants("", "", "")), "write");
        let rule = Requirement::scope("share").and(Requirement::scope("read").or(Requirement::permission("read")));
        assert_eq!(outcome(&rule, &grants("", "read", "")), "share");
    }

    #[test]
    fn a_name_that_is_no_scope_token_stands_in_no_challenge() {
        let rule = Requirement::scopes(["re\"ad", "a\\b", "two words", "l\u{e4}nger", "", "read"]);
        assert_eq!(outcome(&rule, &grants("", "", "")), "read");
    }

    #[test]
    fn a_requirement_says_what_it_asks_for() {
        let rule = Requirement::scopes(["a", "b"]).or(Requirement::permission("c").and(Requirement::organization("o")));
        assert_eq!(rule.to_string(), "(scope a and b) or (permission c and organization o)");
        let missing = Requirement::any_permission_of(["c", "d"]).met_by(&Grants::default()).expect_err("nothing");
        assert_eq!(missing.to_string(), "the token does not grant (permission c or d)");
        assert_eq!(Requirement::organization_of([""; 0]).to_string(), "no organization at all");
    }
}
