use crate::{
    Policy,
    address::{Reach, reach},
};

fn all(expected: Reach, addresses: &[&str]) {
    for address in addresses {
        assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
    }
}

#[test]
fn the_internet_is_public() {
    all(Reach::Public, &["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1"]);
    all(Reach::Public, &["192.0.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111"]);
    all(Reach::Public, &["2001:4860:4860::8888", "2a00:1450::1"]);
}

#[test]
fn this_machine_is_loopback() {
    all(Reach::Loopback, &["127.0.0.1", "127.255.255.254", "::1"]);
}

#[test]
fn the_operators_network_is_private() {
    all(Reach::Private, &["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255"]);
    all(Reach::Private, &["fc00::1", "fd12:3456::1"]);
}

#[test]
fn special_ranges_are_never_reachable() {
    all(Reach::Never, &["0.0.0.0", "0.1.2.3", "169.254.0.1", "169.254.169.254", "224.0.0.1", "239.255.255.255"]);
    all(Reach::Never, &["240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1"]);
    all(Reach::Never, &["192.0.0.192", "192.88.99.1", "::", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1"]);
    all(Reach::Never, &["3fff::1", "100::1", "2001:10::1", "2001:20::1"]);
}

#[test]
fn an_ipv4_address_inside_an_ipv6_one_is_no_way_around() {
    all(Reach::Never, &["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1"]);
    all(Reach::Never, &["2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2001:0:7f00:1::"]);
}

#[test]
fn cloud_metadata_is_refused_even_where_private_ranges_are_open() {
    let open = Policy { allow_loopback: true, allow_private: true, allow_http: true, allow_addresses: Vec::new() };
    for address in ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "192.0.0.192"] {
        assert!(!open.permits(address.parse().unwrap()), "{address}");
    }
    assert!(open.permits("10.0.0.1".parse().unwrap()));
    assert!(open.permits("127.0.0.1".parse().unwrap()));
}

#[test]
fn a_named_address_is_permitted_and_its_neighbours_are_not() {
    let policy = Policy { allow_addresses: vec!["10.1.2.3".parse().unwrap()], ..Policy::internet() };
    assert!(policy.permits("10.1.2.3".parse().unwrap()));
    assert!(!policy.permits("10.1.2.4".parse().unwrap()));
}
