use crate::*;
use tallow_types::limits::{KEYSTORE_MEMORY_KIB_MAX, KEYSTORE_MEMORY_KIB_MIN, PASSWORD_BYTES_MAX};

/// The least that is taken.
const CHEAP: PasswordCost = PasswordCost { memory_kib: KEYSTORE_MEMORY_KIB_MIN, passes: 1, lanes: 1 };

fn password(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn sealed() -> PasswordSealed {
    PasswordSealed::seal(&password("correct"), CHEAP, b"aad", b"phrase").unwrap()
}

#[test]
fn the_password_opens() {
    let sealed = sealed();
    assert_eq!(sealed.open(&password("correct"), b"aad").unwrap().expose(), b"phrase");
    let open = |sealed: &PasswordSealed, text: &str, aad: &[u8]| sealed.open(&password(text), aad).err();
    assert_eq!(open(&sealed, "Correct", b"aad"), Some(PasswordError::Wrong));
    assert_eq!(open(&sealed, "correct", b"other"), Some(PasswordError::Wrong));
    assert_eq!(open(&sealed, "", b"aad"), Some(PasswordError::Length));
    let mut altered = sealed.clone();
    *altered.sealed.last_mut().unwrap() ^= 1;
    assert_eq!(open(&altered, "correct", b"aad"), Some(PasswordError::Wrong));
    assert_eq!(
        open(&PasswordSealed { salt: [0; 32], ..sealed.clone() }, "correct", b"aad"),
        Some(PasswordError::Wrong)
    );
    assert_eq!(
        open(&PasswordSealed { sealed: vec![], ..sealed.clone() }, "correct", b"aad"),
        Some(PasswordError::Wrong)
    );
    let costlier = PasswordCost { passes: 2, ..CHEAP };
    assert_eq!(open(&PasswordSealed { cost: costlier, ..sealed }, "correct", b"aad"), Some(PasswordError::Wrong));
}

#[test]
fn equal_secrets_look_different() {
    let (a, b) = (sealed(), sealed());
    assert_ne!(a.salt, b.salt);
    assert_ne!(a.sealed, b.sealed);
}

#[test]
fn costs_and_passwords_are_bounded() {
    let wrong = [
        PasswordCost { memory_kib: KEYSTORE_MEMORY_KIB_MIN - 1, ..CHEAP },
        PasswordCost { memory_kib: KEYSTORE_MEMORY_KIB_MAX + 1, ..CHEAP },
        PasswordCost { memory_kib: u32::MAX, ..CHEAP },
        PasswordCost { passes: 0, ..CHEAP },
        PasswordCost { passes: u32::MAX, ..CHEAP },
        PasswordCost { lanes: 0, ..CHEAP },
        PasswordCost { lanes: u32::MAX, ..CHEAP },
    ];
    for cost in wrong {
        let sealed = PasswordSealed { cost, salt: [0; 32], sealed: vec![0; 64] };
        assert_eq!(sealed.open(&password("x"), b"").err(), Some(PasswordError::Cost(cost)));
        assert_eq!(PasswordSealed::seal(&password("x"), cost, b"", b"").err(), Some(PasswordError::Cost(cost)));
    }
    for text in [String::new(), "x".repeat(PASSWORD_BYTES_MAX + 1)] {
        let sealed = PasswordSealed::seal(&Secret::new(text), CHEAP, b"", b"");
        assert_eq!(sealed.err(), Some(PasswordError::Length));
    }
}
