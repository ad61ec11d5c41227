//! The parts of a requirement, and how each stands to what a token grants.

use std::fmt::{self, Display as _};

use crate::Grants;

/// One part of a requirement, or two of them joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    AllScopes(Names),
    AnyScope(Names),
    AllPermissions(Names),
    AnyPermission(Names),
    OrganizationOf(Names),
    AnyOrganization,
    Both(Box<Term>, Box<Term>),
    Either(Box<Term>, Box<Term>),
}

/// A list of names as it was given.
pub(super) type Names = Box<[Box<str>]>;

/// How a term stands to some grants.
pub(super) struct Look {
    pub(super) met: bool,
    /// Whether more scopes would help.
    pub(super) lacks_scopes: bool,
    /// The scopes of the way through, granted or not.
    pub(super) scopes: Vec<Box<str>>,
}

impl Term {
    pub(super) fn look_at(&self, grants: &Grants) -> Look {
        match self {
            Self::AllScopes(names) => {
                Look::at_scopes(all(names, |name| grants.has_scope(name)), names.iter().map(|name| &**name))
            }
            Self::AnyScope(names) => {
                let granted = names.iter().find(|name| grants.has_scope(name));
                Look::at_scopes(granted.is_some(), granted.or(names.first()).into_iter().map(|name| &**name))
            }
            Self::AllPermissions(names) => Look::beyond_scopes(all(names, |name| grants.has_permission(name))),
            Self::AnyPermission(names) => Look::beyond_scopes(names.iter().any(|name| grants.has_permission(name))),
            Self::OrganizationOf(ids) => Look::beyond_scopes(ids.iter().any(|id| grants.is_of_organization(id))),
            Self::AnyOrganization => Look::beyond_scopes(grants.organization.is_some()),
            Self::Both(one, other) => one.look_at(grants).and(other.look_at(grants)),
            Self::Either(one, other) => one.look_at(grants).or(other.look_at(grants)),
        }
    }
}

impl Look {
    fn at_scopes<'a>(met: bool, scopes: impl Iterator<Item = &'a str>) -> Self {
        Self { met, lacks_scopes: !met, scopes: scopes.filter(|name| is_scope_token(name)).map(Box::from).collect() }
    }

    fn beyond_scopes(met: bool) -> Self {
        Self { met, lacks_scopes: false, scopes: Vec::new() }
    }

    /// A client that asked for what is missing alone would lose what it has, so both sides' scopes are kept.
    fn and(mut self, other: Self) -> Self {
        let new: Vec<_> = other.scopes.into_iter().filter(|name| !self.scopes.contains(name)).collect();
        self.scopes.extend(new);
        Self { met: self.met && other.met, lacks_scopes: self.lacks_scopes || other.lacks_scopes, scopes: self.scopes }
    }

    /// The way that is open, or the first that scopes would open.
    fn or(self, other: Self) -> Self {
        let is_better = other.met || (other.lacks_scopes && !self.lacks_scopes);
        if !self.met && is_better { other } else { self }
    }
}

fn all(names: &Names, is_granted: impl Fn(&str) -> bool) -> bool {
    !names.is_empty() && names.iter().all(|name| is_granted(name))
}

/// RFC 6749 §3.3: visible ASCII but for the quote and the backslash.
fn is_scope_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllScopes(names) => listed(f, "scope", names, " and "),
            Self::AnyScope(names) => listed(f, "scope", names, " or "),
            Self::AllPermissions(names) => listed(f, "permission", names, " and "),
            Self::AnyPermission(names) => listed(f, "permission", names, " or "),
            Self::OrganizationOf(ids) => listed(f, "organization", ids, " or "),
            Self::AnyOrganization => f.write_str("an organization"),
            Self::Both(one, other) => {
                grouped(f, one)?;
                f.write_str(" and ")?;
                grouped(f, other)
            }
            Self::Either(one, other) => {
                grouped(f, one)?;
                f.write_str(" or ")?;
                grouped(f, other)
            }
        }
    }
}

fn listed(f: &mut fmt::Formatter<'_>, what: &str, names: &Names, between: &str) -> fmt::Result {
    match &**names {
        [] => write!(f, "no {what} at all"),
        [name] => write!(f, "{what} {name}"),
        names => write!(f, "({what} {})", names.join(between)),
    }
}

fn grouped(f: &mut fmt::Formatter<'_>, term: &Term) -> fmt::Result {
    match term {
        Term::Both(..) | Term::Either(..) => write!(f, "({term})"),
        term => term.fmt(f),
    }
}
