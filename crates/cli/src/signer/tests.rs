use super::*;

const PLACE: Place = Place { network: NetworkId([1; 32]), cluster: ClusterId([2; 32]), development: false };
const DEVELOPMENT_PLACE: Place = Place { development: true, ..PLACE };

#[test]
fn known_keys_sign_on_development_networks_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(folder.path());
    for uri in [None, Some("//Alice"), Some("secp256k1://Alice"), Some("//Bob//stash")] {
        let caller = resolve(uri, &keystore, None).unwrap();
        assert_eq!(caller.bound, Bound::Development, "{uri:?}");
        assert!(caller.bound.check(&PLACE).is_err());
        caller.bound.check(&DEVELOPMENT_PLACE).unwrap();
    }
    let own = format!("0x{}", "17".repeat(32));
    let caller = resolve(Some(&own), &keystore, None).unwrap();
    caller.bound.check(&PLACE).unwrap();
}

#[test]
fn delegates_sign_in_their_cluster_alone() {
    let bound = Bound::Cluster(PLACE.network, PLACE.cluster);
    bound.check(&PLACE).unwrap();
    assert!(bound.check(&Place { cluster: ClusterId([3; 32]), ..PLACE }).is_err());
    assert!(bound.check(&Place { network: NetworkId([3; 32]), ..PLACE }).is_err());
}
