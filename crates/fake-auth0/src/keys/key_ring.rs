//! The keys of one tenant and their roles, as Auth0 rotates them.

use super::SigningKey;
use crate::algorithm::{Algorithm, KeyType};

/// What a key is to its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyRole {
    /// Signs at present.
    Current,
    /// Published ahead of time, signs after the next rotation.
    Next,
    /// Signed until a rotation.
    Previous,
    /// Published beside them for tokens of another algorithm or under another name.
    Extra,
}

/// One of a tenant's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// The `kid`.
    pub kid: String,
    /// The `alg` that it is published for.
    pub algorithm: Algorithm,
    /// What it is to the tenant.
    pub role: KeyRole,
    /// Whether the key set lists it. A withdrawn key is not listed.
    pub published: bool,
}

#[derive(Debug)]
struct Held {
    key: SigningKey,
    role: KeyRole,
    published: bool,
}

/// Never without a current key.
#[derive(Debug)]
pub(crate) struct KeyRing {
    algorithm: Algorithm,
    current: Held,
    others: Vec<Held>,
}

impl KeyRing {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let (current, next) = SigningKey::draw_two(algorithm);
        Self {
            algorithm,
            current: Held { key: current, role: KeyRole::Current, published: true },
            others: vec![Held { key: next, role: KeyRole::Next, published: true }],
        }
    }

    pub(crate) fn current(&self) -> &SigningKey {
        &self.current.key
    }

    pub(crate) fn by_kid(&self, kid: &str) -> Option<&SigningKey> {
        self.all().map(|held| &held.key).find(|key| key.kid() == kid)
    }

    /// The youngest key of a role.
    pub(crate) fn by_role(&self, role: KeyRole) -> Option<&SigningKey> {
        self.all().filter(|held| held.role == role).last().map(|held| &held.key)
    }

    /// A published key of a kind.
    pub(crate) fn published_of_type(&self, key_type: KeyType) -> Option<&SigningKey> {
        self.all().filter(|held| held.published).map(|held| &held.key).find(|key| key.key_type() == key_type)
    }

    /// The published keys: current, next, then the others.
    pub(crate) fn published(&self) -> impl Iterator<Item = &SigningKey> {
        self.all().filter(|held| held.published).map(|held| &held.key)
    }

    pub(crate) fn infos(&self) -> Vec<KeyInfo> {
        self.all()
            .map(|held| KeyInfo {
                kid: held.key.kid().to_owned(),
                algorithm: held.key.algorithm(),
                role: held.role,
                published: held.published,
            })
            .collect()
    }

    /// The next key signs; another is published ahead in its place.
    pub(crate) fn rotate(&mut self) -> String {
        let next = match self.others.iter().position(|held| held.role == KeyRole::Next) {
            Some(position) => self.others.remove(position).key,
            None => SigningKey::draw(self.algorithm),
        };
        let ahead = SigningKey::draw(self.algorithm);
        self.others.insert(0, Held { key: ahead, role: KeyRole::Next, published: true });
        self.replace_current(next)
    }

    /// A key signs that was published nowhere before. The one published ahead stays.
    pub(crate) fn rotate_suddenly(&mut self) -> String {
        self.replace_current(SigningKey::draw(self.algorithm))
    }

    /// Publishes one more key and names it.
    pub(crate) fn publish_another(&mut self, algorithm: Algorithm) -> String {
        let key = SigningKey::draw(algorithm);
        let kid = key.kid().to_owned();
        self.others.push(Held { key, role: KeyRole::Extra, published: true });
        kid
    }

    /// The name of a published key for this algorithm; one is published if there is none.
    pub(crate) fn published_for(&mut self, algorithm: Algorithm) -> String {
        let found = self.published().find(|key| key.algorithm() == algorithm).map(|key| key.kid().to_owned());
        found.unwrap_or_else(|| self.publish_another(algorithm))
    }

    /// Publishes the current key under one more name.
    pub(crate) fn publish_current_as(&mut self, kid: &str) {
        let key = self.current.key.with_kid(kid);
        self.others.retain(|held| held.key.kid() != kid);
        self.others.push(Held { key, role: KeyRole::Extra, published: true });
    }

    /// Takes a key out of the key set. It can still sign. `false`: no such key was listed.
    pub(crate) fn withdraw(&mut self, kid: &str) -> bool {
        let mut withdrawn = false;
        for held in self.all_mut().filter(|held| held.published && held.key.kid() == kid) {
            held.published = false;
            withdrawn = true;
        }
        withdrawn
    }

    /// Takes all previous keys out of the key set and names them.
    pub(crate) fn withdraw_previous(&mut self) -> Vec<String> {
        let mut withdrawn = Vec::new();
        for held in self.all_mut().filter(|held| held.published && held.role == KeyRole::Previous) {
            held.published = false;
            withdrawn.push(held.key.kid().to_owned());
        }
        withdrawn
    }

    fn replace_current(&mut self, key: SigningKey) -> String {
        let kid = key.kid().to_owned();
        let current = Held { key, role: KeyRole::Current, published: true };
        let mut previous = std::mem::replace(&mut self.current, current);
        previous.role = KeyRole::Previous;
        self.others.push(previous);
        kid
    }

    fn all(&self) -> impl Iterator<Item = &Held> {
        std::iter::once(&self.current).chain(&self.others)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Held> {
        std::iter::once(&mut self.current).chain(&mut self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kids(ring: &KeyRing) -> Vec<String> {
        ring.published().map(|key| key.kid().to_owned()).collect()
    }

    #[test]
    fn rotation_takes_the_key_that_was_published_ahead_and_keeps_the_old_one() {
        let mut ring = KeyRing::new(Algorithm::Es256);
        let (old, ahead) = (ring.current().kid().to_owned(), ring.by_role(KeyRole::Next).unwrap().kid().to_owned());
        assert_eq!(ring.rotate(), ahead);
        assert_eq!(ring.current().kid(), ahead);
        assert_eq!(kids(&ring)[0], ahead);
        assert!(kids(&ring).contains(&old));
        assert_eq!(kids(&ring).len(), 3);
        assert_eq!(ring.by_role(KeyRole::Previous).unwrap().kid(), old);
    }

    #[test]
    fn a_sudden_rotation_takes_a_key_that_was_not_listed() {
        let mut ring = KeyRing::new(Algorithm::Es256);
        let before = kids(&ring);
        let sudden = ring.rotate_suddenly();
        assert!(!before.contains(&sudden));
        assert!(kids(&ring).contains(&sudden));
    }

    #[test]
    fn a_withdrawn_key_is_listed_no_more_but_still_signs() {
        let mut ring = KeyRing::new(Algorithm::Es256);
        let old = ring.current().kid().to_owned();
        ring.rotate();
        assert_eq!(ring.withdraw_previous(), std::slice::from_ref(&old));
        assert!(!kids(&ring).contains(&old));
        assert!(ring.by_kid(&old).is_some());
        assert!(!ring.withdraw(&old));
    }
}
