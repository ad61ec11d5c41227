//! Every write that was acknowledged, compared with what the table holds in the end.

use std::collections::{HashMap, HashSet};

use anyhow::Context;
use scratch_database::ScratchDatabase;

/// What one person was told. Names carry the number of the attempt; of one person there is one request at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// The id of the first acknowledged write.
    id: Option<u64>,
    /// The attempts that were acknowledged, in order.
    acknowledged: Vec<u32>,
    /// Attempts that got a refusal for an answer.
    refused: Vec<u32>,
    /// Attempts that got none, of which nobody can know.
    unanswered: Vec<u32>,
    attempts: u32,
    other_ids: usize,
    old_names: usize,
}

impl Account {
    /// The name of the next write, which is different from all before.
    pub(super) fn next_name(&mut self) -> (u32, String) {
        self.attempts += 1;
        (self.attempts, name(self.attempts))
    }

    /// The name that was acknowledged last: to write it again changes nothing.
    pub(super) fn same_name(&self) -> Option<String> {
        self.last().map(name)
    }

    /// The write was acknowledged with this body.
    pub(super) fn acknowledge(&mut self, attempt: u32, body: &str) {
        self.acknowledged.push(attempt);
        self.check_id(body);
    }

    /// The write was answered otherwise.
    pub(super) fn refuse(&mut self, attempt: u32) {
        self.refused.push(attempt);
    }

    /// The write was not answered.
    pub(super) fn give_up(&mut self, attempt: u32) {
        self.unanswered.push(attempt);
    }

    /// The person was read with this body.
    pub(super) fn read(&mut self, body: &str) {
        self.check_id(body);
        let read = body.split_once(r#""name":"Name "#).and_then(|(_, rest)| rest.split('"').next()?.parse().ok());
        self.old_names += usize::from(read < self.last());
    }

    /// Whether there was an acknowledged write.
    pub(super) fn is_known(&self) -> bool {
        !self.acknowledged.is_empty()
    }

    fn last(&self) -> Option<u32> {
        self.acknowledged.last().copied()
    }

    fn check_id(&mut self, body: &str) {
        let digits = body.split_once(r#""id":"#).map(|(_, rest)| rest.split([',', '}']).next().unwrap_or_default());
        let id = digits.and_then(|digits| digits.parse().ok());
        let first = *self.id.get_or_insert(id.unwrap_or_default());
        self.other_ids += usize::from(id != Some(first));
    }
}

fn name(attempt: u32) -> String {
    format!("Name {attempt}")
}

/// The accounts of everybody who was there, by subject.
#[derive(Debug, Default)]
pub(super) struct Ledger(HashMap<String, Account>);

/// How the accounts and the table differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Balance {
    /// Acknowledged writes that were looked up: each in the journal if there is one, else the last one of each person.
    pub(super) compared: usize,
    /// Acknowledged writes that are not there.
    pub(super) lost: usize,
    /// Writes that were acknowledged, and overwritten by an earlier one that had got no good answer.
    pub(super) overtaken: usize,
    /// People whose id is not the one they were told, at any time or in the table.
    pub(super) other_ids: usize,
    /// Writes that were refused, and are in the table all the same.
    pub(super) refused_and_made: usize,
    /// Writes that were not answered, and are in the table.
    pub(super) unanswered_and_made: usize,
    /// Answers to reads with an older name than the one acknowledged last.
    pub(super) old_names: usize,
}

/// Has the database itself keep a journal: everything that becomes of a row, in the transaction that makes it. Without it, a write
/// that is lost cannot be told from one that a later write of the same person has replaced.
///
/// # Errors
/// The table of users is not there yet.
pub(super) fn keep_journal(database_url: &str) -> anyhow::Result<()> {
    let table = "CREATE TABLE drill_journal (subject TEXT NOT NULL, name TEXT)";
    let note = "INSERT INTO drill_journal VALUES (NEW.auth0_id, NEW.name);";
    let triggers = if is_sqlite(database_url) {
        ["INSERT", "UPDATE"]
            .map(|event| format!("CREATE TRIGGER drill_{event} AFTER {event} ON users BEGIN {note} END"))
            .join(";")
    } else {
        format!(
            "CREATE FUNCTION drill_note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {note} RETURN NULL; END'; \
             CREATE TRIGGER drill_note AFTER INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION drill_note()"
        )
    };
    ScratchDatabase::at(database_url).try_execute(&format!("{table}; {triggers}")).context("the journal of writes")
}

fn is_sqlite(database_url: &str) -> bool {
    database_url.starts_with("sqlite")
}

impl Balance {
    /// Of several ledgers.
    pub(super) fn sum(balances: impl IntoIterator<Item = Self>) -> Self {
        balances.into_iter().fold(Self::default(), |sum, one| Self {
            compared: sum.compared + one.compared,
            lost: sum.lost + one.lost,
            overtaken: sum.overtaken + one.overtaken,
            other_ids: sum.other_ids + one.other_ids,
            refused_and_made: sum.refused_and_made + one.refused_and_made,
            unanswered_and_made: sum.unanswered_and_made + one.unanswered_and_made,
            old_names: sum.old_names + one.old_names,
        })
    }
}

impl Ledger {
    pub(super) fn new(accounts: impl IntoIterator<Item = (String, Account)>) -> Self {
        Self(accounts.into_iter().collect())
    }

    /// Compares with the table of the database at this URL, and with its journal if it keeps one.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(super) fn compare(&self, database_url: &str) -> anyhow::Result<Balance> {
        let database = ScratchDatabase::at(database_url);
        let lines = |line: &str, table: &str| {
            let (all, newline) = if is_sqlite(database_url) { ("group_concat", "char") } else { ("string_agg", "chr") };
            let lines = database.try_scalar(&format!("SELECT {all}({line}, {newline}(10)) FROM {table}"))?;
            anyhow::Ok(lines.unwrap_or_default())
        };
        let rows =
            lines("auth0_id || ' ' || id || ' ' || coalesce(name, '')", "users").context("the table of users")?;
        let mut balance = self.balance(&rows);
        if let Ok(journal) = lines("subject || ' ' || coalesce(name, '')", "drill_journal") {
            let (compared, lost) = self.look_up(&journal);
            (balance.compared, balance.lost) = (compared, balance.lost.max(lost));
        }
        Ok(balance)
    }

    /// How many writes were acknowledged, and how many of them are not in the journal, of which each line is a write: subject, name.
    fn look_up(&self, journal: &str) -> (usize, usize) {
        let notes =
            journal.lines().filter_map(|line| Some((line.split_once(' ')?.0, attempt_in(line.split_once(' ')?.1)?)));
        let notes: HashSet<(&str, u32)> = notes.collect();
        let all = || {
            let each = self.0.iter().map(|(subject, account)| (subject.as_str(), &account.acknowledged));
            each.flat_map(|(subject, attempts)| attempts.iter().map(move |&attempt| (subject, attempt)))
        };
        (all().count(), all().filter(|write| !notes.contains(write)).count())
    }

    /// Each line is a row: subject, id, name.
    fn balance(&self, table: &str) -> Balance {
        let rows: HashMap<&str, (u64, u32)> = table.lines().filter_map(row).collect();
        let mut balance = Balance::default();
        for (subject, account) in &self.0 {
            balance.old_names += account.old_names;
            let row = rows.get(subject.as_str());
            let id_differs = row.zip(account.id).is_some_and(|((id, _), told)| *id != told);
            balance.other_ids += usize::from(account.other_ids > 0 || id_differs);
            let made = row.map(|(_, attempt)| *attempt);
            let refused = made.is_some_and(|made| account.refused.contains(&made));
            let unanswered = made.is_some_and(|made| account.unanswered.contains(&made));
            balance.refused_and_made += usize::from(refused);
            balance.unanswered_and_made += usize::from(unanswered);
            if let Some(acknowledged) = account.last() {
                balance.compared += 1;
                match made {
                    Some(made) if made == acknowledged => {}
                    Some(made) if made > acknowledged && (refused || unanswered) => {}
                    // In the journal it was, once.
                    Some(_) if refused || unanswered => balance.overtaken += 1,
                    _ => balance.lost += 1,
                }
            }
        }
        balance
    }
}

fn row(line: &str) -> Option<(&str, (u64, u32))> {
    let (subject, rest) = line.split_once(' ')?;
    let (id, name) = rest.split_once(' ')?;
    Some((subject, (id.parse().ok()?, attempt_in(name)?)))
}

fn attempt_in(name: &str) -> Option<u32> {
    name.strip_prefix("Name ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attempts 1 to 4: unanswered, acknowledged, refused, unanswered.
    fn account() -> Account {
        let mut account = Account::default();
        let [first, second, third, fourth] = std::array::from_fn(|_| account.next_name().0);
        account.give_up(first);
        account.acknowledge(second, r#"{"id":7,"email":"a@b.c","name":"Name 2"}"#);
        account.refuse(third);
        account.give_up(fourth);
        account
    }

    fn balance(account: Account, table: &str) -> Balance {
        Ledger::new([("a".to_owned(), account)]).balance(table)
    }

    #[test]
    fn a_row_holds_the_acknowledged_write_or_a_later_one_of_which_nobody_knows() {
        let good = Balance { compared: 1, ..Balance::default() };
        assert_eq!(balance(account(), "a 7 Name 2"), good);
        assert_eq!(balance(account(), "a 7 Name 3"), Balance { refused_and_made: 1, ..good });
        assert_eq!(balance(account(), "a 7 Name 4"), Balance { unanswered_and_made: 1, ..good });
    }

    #[test]
    fn what_is_missing_or_older_is_lost() {
        let lost = Balance { compared: 1, lost: 1, ..Balance::default() };
        assert_eq!(balance(account(), ""), lost);
        assert_eq!(balance(account(), "a 7 Name 0"), lost);
        let overtaken = Balance { lost: 0, overtaken: 1, unanswered_and_made: 1, ..lost };
        assert_eq!(balance(account(), "a 7 Name 1"), overtaken);
    }

    #[test]
    fn a_write_that_a_later_one_has_replaced_is_looked_up_as_well() {
        let mut account = account();
        let fifth = account.next_name().0;
        account.acknowledge(fifth, r#"{"id":7,"email":"a@b.c","name":"Name 5"}"#);
        let ledger = Ledger::new([("a".to_owned(), account)]);
        assert_eq!(ledger.look_up("a Name 2\na Name 5\nb Name 1"), (2, 0));
        assert_eq!(ledger.look_up("a Name 5\nb Name 2"), (2, 1));
    }

    #[test]
    fn both_databases_keep_a_journal() {
        let database = ScratchDatabase::sqlite();
        database.execute("CREATE TABLE users (auth0_id TEXT, id INTEGER, name TEXT)");
        keep_journal(database.url()).unwrap();
        database.execute("INSERT INTO users VALUES ('a', 7, 'Name 1'); UPDATE users SET name = 'Name 2'");
        let balance = Ledger::new([("a".to_owned(), account())]).compare(database.url()).unwrap();
        assert_eq!(balance, Balance { compared: 1, ..Balance::default() });
        let database = ScratchDatabase::postgres();
        database.execute("CREATE TABLE users (auth0_id TEXT, id INTEGER, name TEXT)");
        keep_journal(database.url()).unwrap();
        database.execute("INSERT INTO users VALUES ('a', 7, 'Name 1'); UPDATE users SET name = 'Name 3'");
        let balance = Ledger::new([("a".to_owned(), account())]).compare(database.url()).unwrap();
        assert_eq!((balance.compared, balance.lost, balance.refused_and_made), (1, 1, 1));
    }

    #[test]
    fn an_id_that_changes_is_noticed_in_the_table_and_in_answers() {
        assert_eq!(balance(account(), "a 8 Name 2").other_ids, 1);
        let mut account = account();
        account.read(r#"{"valid":true,"user":{"id":8,"email":"a@b.c","name":"Name 2"}}"#);
        let balance = balance(account, "a 7 Name 2");
        assert_eq!((balance.other_ids, balance.old_names), (1, 0));
    }

    #[test]
    fn a_read_that_is_older_than_what_was_acknowledged_is_noticed() {
        let mut account = account();
        account.read(r#"{"valid":true,"user":{"id":7,"email":"a@b.c","name":"Name 1"}}"#);
        account.read(r#"{"valid":true,"user":{"id":7,"email":"a@b.c","name":"Name 4"}}"#);
        assert_eq!(balance(account, "a 7 Name 4").old_names, 1);
    }
}
