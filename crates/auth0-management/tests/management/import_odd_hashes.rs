//! Hashes that Auth0 is not given, and why.

use auth0_management::{PasswordHash, Unrecognised};

#[track_caller]
fn refused(stored: &str) -> Unrecognised {
    match PasswordHash::recognise(stored) {
        Ok(found) => panic!("{stored} was taken for {}", found.format),
        Err(error) => error,
    }
}

#[test]
fn an_account_without_a_password_is_told_apart() {
    for stored in ["", "   ", "!", "!0KOs5VX3GDsBM0lW0Ormedx5VFTm7H1l57uT7txG", "!!", "*"] {
        assert!(matches!(refused(stored), Unrecognised::NoPassword(_)), "{stored:?}");
        assert_eq!(refused(stored).label(), "no password");
    }
}

#[test]
fn formats_without_a_place_at_auth0_are_named() {
    for (stored, name) in [
        ("$1$nmufFE77$HjhTqD.G31P.ewMwaMICn/", "md5-crypt"),
        ("$5$rounds=535000$VVYqaTfWN98RKA.m$jjlS5g33bF.1FF9S/o6TAU7dwvOpbl7bK8MMwJztxa.", "sha256-crypt"),
        ("$6$us0n5Yo5zEfz87A3$Q7tokS3TrsGSJOyG4P4UskTnMhPWhL9AZn/gBbCs9TnD", "sha512-crypt"),
        ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", "yescrypt"),
        ("$apr1$v93gXT5A$POrrDKa9DNdV0NXGdY3w40", "md5-crypt (Apache)"),
        ("$sha1$480000$zgWlUT.j$dEkC32quWo4SJt0GIEc/Y3KvvkVZ", "sha1-crypt"),
        ("$P$HwI/jFs7bpBQ3GaasDYEQuQGiYKa9c/", "phpass"),
        ("crypt$$D0FMaQev7/ljE", "DES crypt (Django)"),
        ("{CRYPT}$6$us0n5Yo5zEfz87A3$Q7tokS3TrsGSJOyG4P4", "{CRYPT} (LDAP)"),
        ("{CLEARTEXT}swordfish", "a scheme of LDAP"),
        ("plain$$swordfish", "plain text (Werkzeug)"),
        (
            "$bcrypt-sha256$v=2,t=2b,r=4$wJ0PRwsjA.8XIyAlJZHQoe$QTZAPBM4S3HhETw6muA1Imh.MJhVTSy",
            "bcrypt over SHA-256 (passlib)",
        ),
        ("bcrypt_sha256$$2b$04$iGCKfksq7uck7XBPYnRKCezZq1psSAa1nYYPQPgq3K.U4Z7tUIhuW", "bcrypt over SHA-256 (Django)"),
        ("$2x$05$SWSrf3wRZmhSmikBbjFsLuTz4wOyxuBzr9JeVj9LPbeuaigUpxQ/q", "bcrypt of an early, flawed variant"),
        ("$argon2d$v=19$m=512,t=2,p=1$BYDQWoux9n7Pec+5txaiFA$e6fW4o8YEyEBwo0TmxWlzcqBQpSXb+exdWzq+u2Lqm0", "argon2d"),
        ("$argon2i$m=512,t=2,p=1$BYDQWoux9n7Pec+5txaiFA$e6fW4o8YEyEBwo0TmxWlzcqBQpSXb+exdWzq+u2Lqm0", "argon2i"),
        ("sha224$$00000000000000000000000000000000000000000000000000000000", "sha224 without salt (Werkzeug)"),
    ] {
        let error = refused(stored);
        assert!(matches!(error, Unrecognised::NoMapping { .. }), "{stored}: {error}");
        assert_eq!(error.label(), name, "{stored}");
    }
}

#[test]
fn what_could_mean_two_things_is_not_guessed() {
    for stored in [
        // Werkzeug's salts, in a form that Django reads in another way.
        "sha1$0tFSFmUq8B0lT6mI$199aef568fd5ff99b2608acf1b86331923d09d51",
        "md5$ShdLeQBY$2d9e2525fe0d7b128f30561ba3358372",
        // As many iterations as were the default of the Werkzeug that made it.
        "pbkdf2:sha256$3pI8LuPbKRTSHTNx$1e8f2d8007dba6bf5b53b56c99039a88a7c92b34c579b157f7bc82b600f9d1ef",
    ] {
        assert!(matches!(refused(stored), Unrecognised::Ambiguous(_)), "{stored}");
    }
}

#[test]
fn what_is_no_hash_is_unknown() {
    let long = "a".repeat(1_000_000);
    for stored in [
        "swordfish",
        "D0FMaQev7/ljE",
        "$",
        "$$$",
        "$$$$$$$$",
        "{}",
        "{",
        "pässwörd",
        "\0",
        "a\n",
        "deadbeef",
        "=",
        &long,
    ] {
        let error = refused(stored);
        let is_fine = matches!(error, Unrecognised::Unknown | Unrecognised::NoMapping { .. });
        assert!(is_fine, "{:?}: {error}", stored.chars().take(20).collect::<String>());
    }
}

/// One of each form; every proper beginning of it must be refused.
const WHOLE: [&str; 13] = [
    "$2b$10$LCnzdxd/66HtJxzg.YoSZ.qrGxPpGQT0U.US2ESxFB2DeHwj1UIIS",
    "bcrypt$$2b$05$T8LVEd3zppkg4JBs2gNLnuhPVx7QwxX6Eg4aGf69zN8HzBO3O0rl6",
    "pbkdf2_sha256$1000$iSj4iYvHBF66kH0kmDWzXV$Vq6xC/kTD+SI/SOltM63KW4od7gXb9UiKynTSn9YQ00=",
    "pbkdf2:sha1:1000$w4TMqc1eLItrob5h$1495a5ef4cd3adf6630ac3112ce3153453a46384",
    "$pbkdf2$1000$hlBqDSGEECJkjBFCaE0pJQ$4x9RMNYPWoFMiDG0wiun/lmdr1E",
    "$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHQ$kmbOP9aUY8JSboc+O5yIh5rv+fojH/hiPMrAg3AdHSA",
    "{PBKDF2}1000$ec.Zcy6l9P6fk5LynvMe4w$MMc5z.XaFfwsCM57T7Ev4VwYuNM",
    "scrypt$1024$salt$8$5$+htMn/Fg23CKQHjupPuS4zB0uDFXapLuRYP50bPE2xExWJQ+yU/zH4DOWYoWHiE9j2tE5xQJKPV+COiX3qdhgw==",
    "scrypt:1024:8:1$89305T0YoWl5YicD$510359c069c997a36a596ac28d098e7f1d724fc00c43ad0cb41004d2079bfe94f78687e202288d411d48c60db6a47e153456446368a26734e900c3c415817d01",
    "sha1$POc1RIbDprJh$ede20ed824de5fb1d8acf9704ed6928c95118064",
    "sha256$x3wKlDR1WCkjtIvh$09db9a55d916d34eeb16b3f910301c275eb060461c5af5a9b4d7de0fdef4d1a7",
    "{SHA}qC3dpRFU51eFwSVoPAhDp9G1F+c=",
    "{MD5}+69UVR+TT8OSLWffkCBB9g==",
];

#[test]
fn a_hash_that_was_cut_off_is_refused_wherever_the_cut_is() {
    for whole in WHOLE {
        assert!(PasswordHash::recognise(whole).is_ok(), "{whole}");
        for end in 1..whole.len() {
            refused(&whole[..end]);
        }
    }
}

#[test]
fn a_cut_is_noticed_at_most_places_even_where_the_form_does_not_say_how_long_the_hash_is() {
    let argon2 = "$argon2id$v=19$m=512,t=2,p=2$MAbAWKuVMobwfq/1PodwTg$G6WcOv3vTq0QWBe8Jgwdb/xXzi45WoSIYZMPWIbtXEw";
    let scrypt = "$scrypt$ln=10,r=8,p=1$wBhDKIVwbg0hhNB6r7VWSg$MyQKirI6BWkcL6LM37g07ewu6pJz5AWc4jgLwTgdmyI";
    for whole in [argon2, scrypt] {
        // Eight bytes fewer could be a shorter hash; less than that, none has.
        for end in (1..whole.len()).filter(|end| *end != whole.len() - 11) {
            refused(&whole[..end]);
        }
    }
}

#[test]
fn a_hash_with_something_behind_it_is_refused() {
    for whole in WHOLE {
        for more in ["x", "0", "=", "$", "\n", "é", "$x"] {
            refused(&format!("{whole}{more}"));
        }
    }
}

#[test]
fn a_character_of_another_alphabet_in_the_hash_is_refused() {
    for whole in WHOLE {
        let at = whole.len() - 6;
        for odd in ["-", "_", "é", " ", "\0", "*"] {
            refused(&format!("{}{odd}{}", &whole[..at], &whole[at + 1..]));
        }
    }
    // passlib's dot where a plus has to be, and the reverse.
    refused("pbkdf2_sha256$1000$iSj4iYvHBF66kH0kmDWzXV$Vq6xC/kTD.SI/SOltM63KW4od7gXb9UiKynTSn9YQ00=");
    refused("$pbkdf2-sha256$1000$lbLWuhdibG0NoTTGeM/5Pw$kmbOP9aUY8JSboc+O5yIh5rv.fojH/hiPMrAg3AdHSA");
}

#[test]
fn costs_that_no_login_could_bear_or_no_algorithm_has_are_refused() {
    let bcrypt = |cost: &str| format!("$2b${cost}$LCnzdxd/66HtJxzg.YoSZ.qrGxPpGQT0U.US2ESxFB2DeHwj1UIIS");
    for cost in ["", "0", "00", "3", "03", "4", "21", "31", "32", "99", "010", "-1", "1e", "٣٣"] {
        refused(&bcrypt(cost));
    }
    assert!(["04", "09", "20"].iter().all(|cost| PasswordHash::recognise(&bcrypt(cost)).is_ok()));
    let django = |rounds: &str| format!("pbkdf2_sha1${rounds}$tYycTbu91atgcTxW$D5kjSS9gJnOJgXHjHVOhPsR5rAI=");
    for rounds in ["", "0", "-1", "01", "1 ", "1_000", "100000001", "4294967296", "99999999999999999999"] {
        refused(&django(rounds));
    }
    assert!(PasswordHash::recognise(&django("100000000")).is_ok());
    let scrypt =
        |cost: &str| format!("$scrypt${cost}$wBhDKIVwbg0hhNB6r7VWSg$MyQKirI6BWkcL6LM37g07ewu6pJz5AWc4jgLwTgdmyI");
    for cost in [
        "",
        "ln=0,r=8,p=1",
        "ln=32,r=8,p=1",
        "ln=22,r=8,p=1",
        "ln=10,r=0,p=1",
        "ln=10,r=8,p=0",
        "ln=10,r=8",
        "r=8,p=1,ln=10",
        "ln=10,r=4294967295,p=4294967295",
        "ln=10,r=8,p=1025",
        "ln=10,r=8,p=1,x=1",
    ] {
        refused(&scrypt(cost));
    }
    for n in ["0", "1", "1000", "4294967295"] {
        refused(&format!("scrypt:{n}:8:1$salt${}", "00".repeat(64)));
    }
    let argon2 = |costs: &str| {
        format!("$argon2id$v=19${costs}$MAbAWKuVMobwfq/1PodwTg$G6WcOv3vTq0QWBe8Jgwdb/xXzi45WoSIYZMPWIbtXEw")
    };
    for costs in [
        "",
        "m=512",
        "m=512,t=2",
        "t=2,m=512,p=1",
        "m=0,t=1,p=1",
        "m=512,t=0,p=1",
        "m=512,t=1,p=0",
        "m=7,t=1,p=1",
        "m=4294967295,t=1,p=1",
        "m=512,t=4294967295,p=1",
        "m=512,t=2,p=1,keyid=AAAA",
        "m=512,t=2,p=1,data=AAAA",
    ] {
        refused(&argon2(costs));
    }
}

#[test]
fn a_salt_or_hash_too_short_to_be_one_is_refused() {
    for stored in [
        "pbkdf2_sha1$1000$$D5kjSS9gJnOJgXHjHVOhPsR5rAI=",
        "$pbkdf2$1000$$4x9RMNYPWoFMiDG0wiun/lmdr1E",
        "$pbkdf2-sha256$i=1000$c2FsdA$AAAA",
        "$pbkdf2-sha256$i=1000,l=64$c2FsdHNhbHQ$kmbOP9aUY8JSboc+O5yIh5rv+fojH/hiPMrAg3AdHSA",
        "$pbkdf2-sha256$l=32$c2FsdHNhbHQ$kmbOP9aUY8JSboc+O5yIh5rv+fojH/hiPMrAg3AdHSA",
        "$scrypt$ln=10,r=8,p=1$$MyQKirI6BWkcL6LM37g07ewu6pJz5AWc4jgLwTgdmyI",
        "$scrypt$ln=10,r=8,p=1$wBhDKIVwbg0hhNB6r7VWSg$AAAA",
        "$argon2id$v=19$m=512,t=2,p=2$AAAA$G6WcOv3vTq0QWBe8Jgwdb/xXzi45WoSIYZMPWIbtXEw",
        "$argon2id$v=19$m=512,t=2,p=2$MAbAWKuVMobwfq/1PodwTg$AAAA",
        // A scheme with a salt, and none there.
        "{SSHA}qC3dpRFU51eFwSVoPAhDp9G1F+c=",
    ] {
        refused(stored);
    }
}

#[test]
fn no_reason_repeats_what_was_stored() {
    for whole in WHOLE {
        for end in 12..whole.len() {
            let error = refused(&whole[..end]);
            let shown = format!("{error} {error:?}");
            let parts = whole.split(['$', '}']).filter(|part| part.len() > 12 && !part.starts_with("pbkdf2"));
            assert!(parts.into_iter().all(|part| !shown.contains(&part[..8])), "{shown}");
        }
    }
}
