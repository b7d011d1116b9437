//! Which hints are followed.

use super::*;

fn at(text: &str) -> Hint {
    Hint::Address(text.parse().unwrap())
}

fn home() -> LocalNetworks {
    let own = [
        ("192.168.7.20", 16),
        ("10.8.0.2", 32),
        ("172.16.5.9", 28),
        ("fd00:1:2:3::5", 64),
        ("127.0.0.1", 8),
    ];
    LocalNetworks::new(own.map(|(ip, prefix)| (ip.parse().unwrap(), prefix)))
}

fn is_usable(address: &str) -> bool {
    !usable(&[at(address)], &home(), false).is_empty()
}

fn is_usable_in_the_demonstration(address: &str) -> bool {
    !usable(&[at(address)], &home(), true).is_empty()
}

#[test]
fn public_addresses_are_used_in_their_order() {
    let hints = [at("203.0.113.7:51820"), Hint::Role(2), at("[2001:db8::1]:4000")];
    let found = usable(&hints, &LocalNetworks::default(), false);
    assert_eq!(
        found,
        [
            "203.0.113.7:51820".parse().unwrap(),
            "[2001:db8::1]:4000".parse().unwrap()
        ]
    );
}

#[test]
fn addresses_that_mean_no_peer_are_dropped() {
    let bad = [
        "0.0.0.0:5000",
        "0.1.2.3:5000",
        "224.0.0.251:5353",
        "239.255.255.250:1900",
        "255.255.255.255:5000",
        "240.0.0.1:5000",
        "169.254.169.254:8080",
        "[::]:5000",
        "[ff02::fb]:5353",
        "[fe80::1]:5000",
        "[fec0::1]:5000",
        "[::7f00:1]:5000",
        "[::ffff:169.254.169.254]:5000",
        "[64:ff9b::a00:1]:5000",
        "[2002:a00:1::]:5000",
    ];
    for address in bad {
        assert!(!is_usable(address), "{address}");
        assert!(!is_usable_in_the_demonstration(address), "{address} with loopback");
    }
}

#[test]
fn ports_of_the_system_are_dropped() {
    assert!(!is_usable("203.0.113.7:22"));
    assert!(!is_usable("203.0.113.7:0"));
    assert!(!is_usable("203.0.113.7:1023"));
    assert!(is_usable("203.0.113.7:1024"));
    assert!(!is_usable_in_the_demonstration("127.0.0.1:80"));
}

#[test]
fn private_addresses_are_used_by_neighbours_only() {
    // (address, whether home() is near)
    let cases = [
        ("192.168.7.99:5000", true),
        // The network is a /16, but only the same /24 counts.
        ("192.168.8.99:5000", false),
        ("10.8.0.77:5000", true),
        ("10.8.1.77:5000", false),
        // A /28 is narrower than a /24.
        ("172.16.5.14:5000", true),
        ("172.16.5.17:5000", false),
        ("100.64.0.1:5000", false),
        ("[fd00:1:2:3::9]:5000", true),
        ("[fd00:1:2:4::9]:5000", false),
        ("[::ffff:192.168.7.99]:5000", true),
        ("[::ffff:192.168.9.99]:5000", false),
    ];
    for (address, near) in cases {
        assert_eq!(is_usable(address), near, "{address}");
        assert!(
            usable(&[at(address)], &LocalNetworks::default(), false).is_empty(),
            "{address} from elsewhere"
        );
    }
}

#[test]
fn this_machine_is_used_only_where_it_is_allowed() {
    for address in [
        "127.0.0.1:5000",
        "127.3.2.1:5000",
        "[::1]:5000",
        "[::ffff:127.0.0.1]:5000",
    ] {
        assert!(!is_usable(address), "{address}");
        assert!(is_usable_in_the_demonstration(address), "{address}");
    }
}

#[test]
fn at_most_four_addresses_each_once() {
    let hints: Vec<Hint> = (1..=9)
        .flat_map(|n| [at(&format!("203.0.113.{n}:5000")), at("203.0.113.1:5000")])
        .collect();
    let found = usable(&hints, &LocalNetworks::default(), false);
    let expected: Vec<SocketAddr> = (1..=4)
        .map(|n| format!("203.0.113.{n}:5000").parse().unwrap())
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn who_is_heard_nearby_is_only_looked_for_nearby() {
    let heard = [
        at("203.0.113.7:51820"),
        at("192.168.7.21:4433"),
        at("[fd00:1:2:3::9]:4433"),
        at("[2001:db8::1]:4000"),
        at("10.8.0.9:4433"),
    ];
    let expected = ["192.168.7.21:4433", "[fd00:1:2:3::9]:4433", "10.8.0.9:4433"];
    assert_eq!(
        neighbours(&heard, &home(), false),
        expected.map(|text| text.parse().unwrap())
    );
    let here = [at("127.0.0.1:4433")];
    assert_eq!(
        (
            neighbours(&here, &home(), false).len(),
            neighbours(&here, &home(), true).len()
        ),
        (0, 1)
    );
}
