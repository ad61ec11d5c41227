//! Prints the corpus with its tokens as one JSON document, for any implementation; `--tables` writes the tables of this
//! folder anew instead. See the README beside it.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a generator says by failing what it cannot do")]

mod rows;

use std::path::Path;

use rows::{ACCEPTED, ALGORITHMS, Corpus, LEEWAY_SECONDS, NOW, Row, table};
use serde_json::{Value, json};

fn main() {
    let corpus = Corpus::mint();
    if std::env::args().nth(1).as_deref() == Some("--tables") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        for (name, rows) in [("hostile.tsv", &corpus.hostile), ("unusual.tsv", &corpus.unusual)] {
            std::fs::write(folder.join(name), table(rows)).expect("the table is written");
            println!("{name}: {} rows", rows.len());
        }
    } else {
        println!("{:#}", document(&corpus));
    }
}

fn document(corpus: &Corpus) -> Value {
    let keys: Value = serde_json::from_slice(&corpus.tenant.jwks()).expect("a key set");
    let rows: Vec<Value> = corpus.hostile.iter().chain(&corpus.unusual).map(row).collect();
    json!({
        "issuer": corpus.tenant.issuer(),
        "audience": corpus.tenant.audience(),
        "now": NOW,
        "leeway": LEEWAY_SECONDS,
        "algorithms": ALGORITHMS,
        "jwks": keys,
        "rows": rows,
    })
}

fn row(row: &Row) -> Value {
    json!({
        "name": row.name,
        "accept": row.expected == ACCEPTED,
        "reason": (row.expected != ACCEPTED).then_some(row.expected),
        "source": row.source,
        "about": row.about,
        "token": row.token,
    })
}
