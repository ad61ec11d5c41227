//! Who gets an address that more than one user claims.

use std::cmp::Reverse;

use crate::{
    Auth0Record, Change, Draft, EmailAddress, Login, RepositoryError, Saved, Standing, Subject, UnixTime, User, UserId,
};

/// A user who has a claim to an address, as the table shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// Their row: it holds the address, or has none and waits for this one.
    pub user: User,
    /// What Auth0 has said of them; the default where it has said nothing.
    pub record: Auth0Record,
}

/// What is to be written, all of it or nothing, in this order, so that no address is ever held twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Another user, without the address that they lose.
    pub displaced: Option<User>,
    /// The row that the user's own is made of; `None`: a new one.
    pub base: Option<User>,
    /// The user's own row. A new one has the id 0, and the placeholder of that id where it gets no address: the database
    /// puts the id in.
    pub own: User,
    /// Other users, each with the address that they had waited for.
    pub regained: Vec<User>,
    /// Auth0's word on the user.
    pub record: Auth0Record,
}

/// What a new row has for an id before it gets one.
const NO_ID: UserId = UserId::new(0);

/// How strong a claim is; the greatest wins. A function of what is known, not of who came first, so that the same facts
/// in another order end in the same table (rule 9).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Strength {
    /// Nobody from the password era loses an address before they had a chance to come.
    legacy: bool,
    /// A tombstone gives way to anybody.
    alive: bool,
    /// Auth0 vouches.
    verified: bool,
    /// The older user; one of whom Auth0 has not told was here before it did.
    age: Reverse<Option<UnixTime>>,
    subject: Reverse<Subject>,
}

impl Strength {
    fn of(subject: &Subject, standing: Standing, verified: bool, record: &Auth0Record) -> Self {
        Self {
            legacy: subject.is_legacy(),
            alive: !matches!(standing, Standing::Deleted { .. }),
            verified,
            age: Reverse(record.created_at),
            subject: Reverse(subject.clone()),
        }
    }
}

impl Plan {
    /// What carrying it out does to the user's own row.
    #[must_use]
    pub fn outcome(self) -> Saved {
        match self.base {
            None => Saved::Created(self.own),
            Some(before) if before == self.own => Saved::Unchanged(self.own),
            Some(_) => Saved::Updated(self.own),
        }
    }

    /// Puts in the id that the database gives to a new row.
    pub fn give_id(&mut self, id: UserId) {
        if self.own.is_displaced() {
            self.own.email = EmailAddress::placeholder(id);
        }
        self.own.id = id;
    }

    /// Sees to it that each row that loses its address, and a new one without, gets a placeholder that can be written: another
    /// program may have put the obvious one into another row. To be called before anything is written, and once more when a
    /// new row has its id. `is_held` tells whether another row than this has the address.
    ///
    /// # Errors
    /// Those of `is_held`.
    pub fn evade<E>(&mut self, mut is_held: impl FnMut(&EmailAddress, UserId) -> Result<bool, E>) -> Result<(), E> {
        // What stands in for an address already goes on doing so.
        let had_one = self.base.as_ref().is_none_or(|before| !before.is_displaced());
        let own = Some(&mut self.own).filter(|own| own.is_displaced() && own.id != NO_ID && had_one);
        for user in self.displaced.iter_mut().chain(own) {
            for placeholder in EmailAddress::placeholders(user.id) {
                if !is_held(&placeholder, user.id)? {
                    user.email = placeholder;
                    break;
                }
            }
        }
        Ok(())
    }
}

impl Claimant {
    /// Whether they hold this address or wait for it.
    #[must_use]
    pub fn concerns(&self, address: &EmailAddress) -> bool {
        let waits = || {
            self.user.is_displaced() && self.record.email.as_ref().is_some_and(|email| email.value.address == *address)
        };
        self.holds(address) || waits()
    }

    fn holds(&self, address: &EmailAddress) -> bool {
        self.user.email == *address
    }

    /// Whether Auth0 vouches for their claim.
    fn is_verified(&self) -> bool {
        if self.user.is_displaced() {
            self.record.email.as_ref().is_some_and(|email| email.value.verified)
        } else {
            self.user.email_verified
        }
    }

    fn strength(&self) -> Strength {
        Strength::of(&self.user.subject, self.user.standing, self.is_verified(), &self.record)
    }

    /// Whether a login must leave them what they hold.
    fn stands_firm(&self) -> bool {
        !matches!(self.user.standing, Standing::Deleted { .. })
    }

    /// Their row with the address that they waited for.
    fn regaining(&self, address: &EmailAddress) -> User {
        User { email: address.clone(), email_verified: self.is_verified(), ..self.user.clone() }
    }
}

impl Draft {
    /// The addresses that this is about, sorted: the one to claim, and the one to give up or to wait for no longer.
    /// [`Draft::decide`] must be shown everybody with a claim to one of them, and nobody else may decide about one meanwhile.
    #[must_use]
    pub fn addresses(&self) -> Vec<EmailAddress> {
        let held = self.base.as_ref().filter(|user| !user.is_displaced()).map(|user| &user.email);
        let mut addresses: Vec<EmailAddress> =
            held.into_iter().chain(&self.waited_for).chain(&self.email).cloned().collect();
        addresses.sort();
        addresses.dedup();
        addresses
    }

    /// The row as it stands, if row and record are what they were, so that there is nothing to decide and nothing to write.
    #[must_use]
    pub fn unchanged(&self, known: &Auth0Record) -> Option<&User> {
        let is_as_it_was =
            |user: &&User| user.subject == self.subject && **user == self.row(user.id, self.email.as_ref());
        self.base.as_ref().filter(|_| self.record == *known).filter(is_as_it_was)
    }

    /// Decides about the addresses, given everybody with a claim to one of them (rules 4, 5 and 9).
    ///
    /// # Errors
    /// [`RepositoryError::EmailTaken`] when a login cannot have its address, and [`RepositoryError::PasswordEra`] when a
    /// statement of Auth0's is about somebody whom the table may know from the password era and who cannot be linked yet:
    /// nothing is to change then.
    pub fn decide(mut self, change: Change<'_>, claimants: &[Claimant]) -> Result<Plan, RepositoryError> {
        let addresses = self.addresses();
        if let Some(heir) = self.inheritance(claimants) {
            // Rule 5: the verified owner of an address takes over the row that the password era left for them.
            let user = heir.user.clone();
            self.name = self.name.or_else(|| user.name.clone());
            self.picture = self.picture.or_else(|| user.picture.clone());
            self.base = Some(user);
        }
        let own_id = self.base.as_ref().map(|user| user.id);
        let others = || claimants.iter().filter(move |claimant| Some(claimant.user.id) != own_id);
        let mut own = self.row(own_id.unwrap_or(NO_ID), None);
        let mut loser = None;
        if let Some(address) = &self.email {
            // Only another program brings it about that two hold one address. A login does not settle that: both keep what
            // they have until Auth0 tells of one of them.
            let is_login = matches!(change, Change::Login(_));
            let holds_it = self.base.as_ref().is_some_and(|user| user.email == *address);
            let is_doubled = |rival: &Claimant| is_login && holds_it && rival.holds(address);
            let rivals = || others().filter(|rival| rival.concerns(address) && !is_doubled(rival));
            let strength = Strength::of(&self.subject, self.standing, self.email_verified, &self.record);
            let beaten_by = rivals().filter(|rival| !self.yields(rival, change) && rival.strength() > strength).count();
            let kept_out = is_login
                && rivals().any(|rival| rival.holds(address) && rival.stands_firm() && !self.yields(rival, change));
            if beaten_by == 0 && !kept_out {
                loser = rivals().find(|rival| rival.holds(address)).map(|rival| displaced(&rival.user));
                own = self.row(own.id, Some(address));
            } else if is_login {
                // Rule 8 before rule 4: whoever is blocked already is told so. What a directory says beside it goes into the
                // table as a fact.
                let hears_nothing = matches!(change, Change::Login(login) if login.directory.is_none());
                let stays_barred = |user: &&User| self.standing == Standing::Blocked && user.standing == self.standing;
                let barred = self.base.as_ref().filter(stays_barred).filter(|_| hears_nothing);
                own = barred.cloned().ok_or(RepositoryError::EmailTaken)?;
            } else if self.is_a_newcomer_at_a_legacy_door(rivals()) {
                return Err(RepositoryError::PasswordEra);
            }
        }
        // An address that nobody holds after this goes to the strongest of those who wait for it.
        let is_held = |address: &EmailAddress| {
            let others_hold = others()
                .any(|other| other.holds(address) && loser.as_ref().is_none_or(|loser| loser.id != other.user.id));
            own.email == *address || others_hold
        };
        let regained = addresses.iter().filter(|address| !is_held(address)).filter_map(|address| {
            let waiting = others().filter(|rival| rival.concerns(address) && rival.user.is_displaced());
            waiting.max_by_key(|rival| rival.strength()).map(|heir| heir.regaining(address))
        });
        let regained = regained.collect();
        Ok(Plan { displaced: loser, base: self.base, own, regained, record: self.record })
    }

    /// The row from the password era that a user without one takes over: theirs by an address that Auth0 vouches for.
    fn inheritance<'c>(&self, claimants: &'c [Claimant]) -> Option<&'c Claimant> {
        let address = self.email.as_ref().filter(|_| self.base.is_none() && self.email_verified)?;
        claimants.iter().find(|claimant| claimant.holds(address) && claimant.user.subject.is_legacy())
    }

    fn is_a_newcomer_at_a_legacy_door<'c>(&self, mut rivals: impl Iterator<Item = &'c Claimant>) -> bool {
        self.base.is_none() && rivals.any(|rival| rival.user.subject.is_legacy())
    }

    fn yields(&self, rival: &Claimant, change: Change<'_>) -> bool {
        matches!(change, Change::Login(Login { gives_way: Some(subject), .. }) if *subject == rival.user.subject)
    }

    /// The row with this address, or without one.
    fn row(&self, id: UserId, address: Option<&EmailAddress>) -> User {
        let address = address.filter(|address| !address.is_a_placeholder());
        let stand_in = || {
            let kept = self.base.as_ref().filter(|user| user.is_displaced()).map(|user| user.email.clone());
            kept.unwrap_or_else(|| EmailAddress::placeholder(id))
        };
        User {
            id,
            subject: self.subject.clone(),
            email: address.cloned().unwrap_or_else(stand_in),
            email_verified: address.is_some() && self.email_verified,
            name: self.name.clone(),
            picture: self.picture.clone(),
            standing: self.standing,
        }
    }
}

fn displaced(user: &User) -> User {
    User { email: EmailAddress::placeholder(user.id), email_verified: false, ..user.clone() }
}
