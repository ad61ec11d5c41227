//! The README names everything that can be asked for.

use fake_auth0::{BadToken, Endpoint, GoodToken, SpecialToken};

#[test]
fn the_readme_names_every_endpoint_and_every_kind_of_token() {
    let readme = include_str!("../../README.md");
    let bad = BadToken::ALL.iter().map(|bad| bad.name());
    let good = GoodToken::ALL.iter().map(|good| good.name());
    let special = SpecialToken::ALL.iter().map(|special| special.name());
    for name in bad.chain(good).chain(special).chain(Endpoint::ALL.iter().map(|endpoint| endpoint.name())) {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_readme_names_every_option_of_the_program() {
    let readme = include_str!("../../README.md");
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_fake-auth0")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let options: Vec<&str> =
        help.split_whitespace().filter(|word| word.starts_with("--") && *word != "--help").collect();
    assert!(options.contains(&"--people"), "{help}");
    for option in options.iter().map(|option| option.trim_end_matches(|c: char| !c.is_ascii_lowercase())) {
        assert!(readme.contains(&format!("`{option}")), "{option}");
    }
}
