//! Which users Auth0 would refuse.

use auth0_management::{ImportDraft, ImportUser, Refusal};
use serde_json::json;

fn draft() -> ImportDraft {
    ImportDraft { email: Some("ada@example.test".to_owned()), ..ImportDraft::default() }
}

#[track_caller]
fn refusals(draft: ImportDraft) -> Vec<Refusal> {
    ImportUser::new(draft).err().unwrap_or_default()
}

fn text(character: &str, length: usize) -> Option<String> {
    Some(character.repeat(length))
}

#[test]
fn an_address_is_all_that_a_user_needs() {
    assert_eq!(refusals(draft()), []);
    assert_eq!(refusals(ImportDraft::default()), [Refusal::EmailMissing]);
    assert_eq!(refusals(ImportDraft { email: Some(String::new()), ..draft() }), [Refusal::EmailMissing]);
    assert_eq!(refusals(ImportDraft { email: Some("ada".to_owned()), ..draft() }), [Refusal::EmailMalformed]);
}

#[test]
fn texts_fit_to_the_character_and_not_beyond() {
    let longest = ImportDraft {
        user_id: text("1", 249),
        username: text("u", 128),
        name: text("é", 300),
        nickname: text("\u{1f511}", 300),
        given_name: text("é", 150),
        family_name: text("é", 150),
        ..draft()
    };
    assert_eq!(refusals(longest), []);
    let longer = ImportDraft {
        user_id: text("1", 250),
        username: text("u", 129),
        name: text("é", 301),
        nickname: text("é", 301),
        given_name: text("é", 151),
        family_name: text("é", 151),
        ..draft()
    };
    let found = refusals(longer);
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.contains(&Refusal::UserIdTooLong));
    for (member, most) in
        [("username", 128), ("name", 300), ("nickname", 300), ("given_name", 150), ("family_name", 150)]
    {
        assert!(found.contains(&Refusal::TooLong { member, most }), "{member}: {found:?}");
    }
}

#[test]
fn an_id_is_bare_and_plain() {
    for id in ["1", "00000000-0000-4000-8000-000000000000", "ada.l@example.test", "a_b~c+d:e"] {
        assert_eq!(refusals(ImportDraft { user_id: Some(id.to_owned()), ..draft() }), [], "{id}");
    }
    for id in ["auth0|1", "a b", "é", "a/b", "1\n", "a\"b", "<1>", "\u{200b}"] {
        let found = refusals(ImportDraft { user_id: Some(id.to_owned()), ..draft() });
        assert_eq!(found, [Refusal::UserIdCharacters], "{id:?}");
    }
}

#[test]
fn a_picture_is_an_absolute_web_uri() {
    for picture in ["https://cdn.example.test/a.png?x=1#y", "http://example.test"] {
        assert_eq!(refusals(ImportDraft { picture: Some(picture.to_owned()), ..draft() }), [], "{picture}");
    }
    for picture in [
        "a.png",
        "/a.png",
        "//cdn/a.png",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "https://",
        "https://a b",
    ] {
        let found = refusals(ImportDraft { picture: Some(picture.to_owned()), ..draft() });
        assert_eq!(found, [Refusal::PictureNoUri], "{picture}");
    }
}

#[test]
fn names_hold_no_control_characters() {
    let found = refusals(ImportDraft { name: Some("Ada\0".to_owned()), nickname: Some("a\nb".to_owned()), ..draft() });
    assert_eq!(found, [Refusal::ControlCharacters("name"), Refusal::ControlCharacters("nickname")]);
}

#[test]
fn metadata_must_not_shadow_a_member_of_the_user() {
    let metadata = json!({"plan": "gold", "email": "a@b.test", "user_id": 7}).as_object().cloned();
    let found = refusals(ImportDraft { app_metadata: metadata, ..draft() });
    assert_eq!(found, [Refusal::ReservedMetadata("email"), Refusal::ReservedMetadata("user_id")]);
    assert!(found.iter().all(|refusal| refusal.member() == "app_metadata"));
}

#[test]
fn every_reason_is_told_at_once() {
    let found = refusals(ImportDraft {
        email: Some("no address".to_owned()),
        user_id: text("|", 300),
        picture: Some("nowhere".to_owned()),
        ..draft()
    });
    assert_eq!(
        found,
        [Refusal::EmailMalformed, Refusal::UserIdTooLong, Refusal::UserIdCharacters, Refusal::PictureNoUri]
    );
}
