//! `embed_migrations!` reads the directory at compile time but does not tell cargo so.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
