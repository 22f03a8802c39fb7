use super::*;

fn local(root: &Path) -> Local {
    Local { root: Some(root.to_owned()) }
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let local = local(folder.path());
    let pin =
        Pin { network: NetworkId([1; 32]), cluster: ClusterId([2; 32]), ledger_epoch: 0, ledger_height: 4, height: 9 };
    local.set_pin("http://127.0.0.1:1/", &pin).unwrap();
    assert_eq!(local.pin("http://127.0.0.1:1"), Some(pin));
    assert_eq!(local.pin("http://127.0.0.1:2"), None);

    local.set_metadata(CodeHash([2; 32]), b"{}").unwrap();
    assert_eq!(local.metadata(CodeHash([2; 32])), Some(b"{}".to_vec()));
}

#[test]
fn a_damaged_or_giant_record_counts_as_none() {
    let folder = tempfile::tempdir().unwrap();
    let local = local(folder.path());
    local.write(&pin_name("u"), b"{\"network\":").unwrap();
    assert_eq!(local.pin("u"), None);
    local.write(&pin_name("u"), &vec![b' '; RECORD_BYTES_MAX as usize + 1]).unwrap();
    assert_eq!(local.pin("u"), None);
}

#[test]
fn without_a_home_nothing_is_kept_and_writing_says_so() {
    let local = Local { root: None };
    assert_eq!(local.metadata(CodeHash::default()), None);
    assert!(local.set_metadata(CodeHash::default(), b"{}").is_err());
}

#[cfg(unix)]
#[test]
fn keys_of_receipts_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let sent =
        SentCommand { response_key: "0x00".to_owned(), contract: None, code: None, message: None, constructor: false };
    local(folder.path()).set_command(CommandId([3; 32]), &sent).unwrap();
    let path = folder.path().join(command_name(CommandId([3; 32])));
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}
