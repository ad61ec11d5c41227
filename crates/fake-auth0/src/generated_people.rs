//! People by the million, computed when they are asked for.

use crate::timestamp::iso8601;
use crate::users::FakeUser;

const GIVEN_NAMES: [&str; 10] =
    ["Alice", "Bjørn", "Chloé", "Dmitri", "Esra", "Fatima", "Grzegorz", "Hana", "Imre", "Joaquín"];
const FAMILY_NAMES: [&str; 9] =
    ["Abbot", "Bakker", "Černý", "Duarte", "Eriksson", "Fischer", "Gómez", "Haddad", "Ivanova"];

/// What every generated id begins with; twelve hexadecimal digits follow, so that the whole has Auth0's length.
const ID_PREFIX: &str = "auth0|67656e657261";

/// 2020-01-01T00:00:00Z, in milliseconds.
const FIRST_CREATED: i64 = 1_577_836_800_000;

/// The first so many generated people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GeneratedPeople(pub(crate) u64);

impl GeneratedPeople {
    /// The person of this id, if there are so many.
    pub(crate) fn find(self, user_id: &str) -> Option<FakeUser> {
        let digits = user_id.strip_prefix(ID_PREFIX)?;
        let index = u64::from_str_radix(digits, 16).ok().filter(|index| *index < self.0)?;
        Some(FakeUser::generated(index)).filter(|user| user.user_id == user_id)
    }
}

impl FakeUser {
    /// The generated person of this number, from 0, as a tenant with
    /// [`generated_people`](crate::Builder::generated_people) has them: always the same one.
    ///
    /// Ids and addresses are unique. The address is verified but for the numbers that end in 9. Nobody is blocked.
    #[must_use]
    pub fn generated(number: u64) -> Self {
        let given = pick(&GIVEN_NAMES, number);
        let family = pick(&FAMILY_NAMES, number);
        let seconds = i64::try_from(number).unwrap_or(0);
        let created = FIRST_CREATED + seconds * 1000;
        Self {
            user_id: format!("{ID_PREFIX}{number:012x}"),
            email: Some(format!("person-{number}@generated.example.test")),
            email_verified: Some(number % 10 != 9),
            name: Some(format!("{given} {family}")),
            picture: Some(format!("https://cdn.example.test/people/{number}.png")),
            created_at: Some(iso8601(created)),
            updated_at: Some(iso8601(created + 86_400_000 + seconds % 1000)),
            ..Self::default()
        }
    }
}

fn pick<'a>(names: &[&'a str], number: u64) -> &'a str {
    let count = u64::try_from(names.len()).unwrap_or(1);
    usize::try_from(number % count).ok().and_then(|position| names.get(position)).copied().unwrap_or("Nobody")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_person_is_found_by_id_and_nobody_beyond_the_last() {
        let people = GeneratedPeople(1_000_000);
        for number in [0, 1, 9, 999_999] {
            let person = FakeUser::generated(number);
            assert_eq!(person.user_id.len(), "auth0|".len() + 24);
            assert_eq!(people.find(&person.user_id), Some(person));
        }
        assert_eq!(people.find(&FakeUser::generated(1_000_000).user_id), None);
        for odd in
            ["auth0|67656e657261+00000000001", "auth0|67656e6572611", "auth0|67656E657261000000000001", "auth0|1"]
        {
            assert_eq!(people.find(odd), None, "{odd}");
        }
    }
}
