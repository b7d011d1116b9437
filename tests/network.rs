//! Links through real networks, made of network namespaces: who can be reached how, and what leaves a machine on the way.
//!
//! Needs root, `ip` and `nft` (Linux). Where it may not make namespaces, each test says so and passes.

#[cfg(test)]
#[path = "network/actor.rs"]
mod actor;
#[cfg(test)]
#[path = "network/lab.rs"]
#[expect(dead_code, reason = "the tests of real programs use more of it")]
mod lab;

use lab::Lab;

/// Not a test: the program that runs inside a namespace, this same binary started again by [`Lab::start`].
#[test]
fn actor() {
    actor::run_if_asked();
}

#[test]
fn in_local_network_mode_two_machines_link_by_address_and_nothing_else_leaves_them() {
    let Some(lab) = Lab::cable("direct") else { return };
    let alice = lab.start("a", "local");
    let bob = lab.start("b", "local");
    bob.tell(&format!("connect {} 10.77.1.1:{} -", alice.id, alice.port));
    bob.expect("opened direct");
    bob.expect("echo");
    bob.expect("closed Local");
    alice.expect("closed Code(0)");
    drop((alice, bob));
    assert!(lab.packets("a", "peer") > 0, "the counters count");
    assert_eq!(
        (lab.packets("a", "other"), lab.packets("b", "other")),
        (0, 0),
        "something else left the machine"
    );
}

#[test]
fn on_one_network_the_id_is_enough_while_the_other_side_announces_itself() {
    let Some(lab) = Lab::cable("mdns") else { return };
    let alice = lab.start("a", "local");
    let bob = lab.start("b", "local");
    bob.tell(&format!("connect {} - -", alice.id));
    bob.expect("opened direct");
    bob.expect("echo");
    bob.expect("closed Local");

    let carol = lab.start("a", "local quiet");
    bob.tell(&format!("connect {} - -", carol.id));
    bob.expect("closed Unreachable");
    carol.tell("advertise on");
    carol.expect("advertising");
    bob.tell(&format!("connect {} - -", carol.id));
    bob.expect("opened direct");
    bob.expect("closed Local");
    alice.expect("closed Code(0)");
    assert_eq!(
        (lab.packets("a", "other"), lab.packets("b", "other")),
        (0, 0),
        "something else left the machine"
    );
}

#[test]
fn an_own_relay_carries_a_link_where_there_is_no_other_way_and_nothing_goes_to_anybody_else() {
    let Some(lab) = Lab::relay("relay") else { return };
    let mode = "relay http://10.77.9.1:3340 sesame";
    let _relay = lab.start("r", "server 10.77.9.1:3340 sesame");
    let alice = lab.start("a", mode);
    alice.expect("relay 10.77.9.1:3340");
    let bob = lab.start("b", mode);
    bob.tell(&format!("connect {} - 10.77.9.1:3340", alice.id));
    bob.expect("opened relayed");
    bob.expect("echo");
    bob.expect("closed Local");
    alice.expect("closed Code(0)");
    assert!(lab.packets("a", "peer") > 0, "the counters count");
    assert_eq!(
        (lab.packets("a", "other"), lab.packets("b", "other")),
        (0, 0),
        "something else left the machine"
    );
}

#[test]
fn in_local_network_mode_a_relay_in_a_code_is_never_contacted() {
    let Some(lab) = Lab::relay("norelay") else { return };
    let _relay = lab.start("r", "server 10.77.9.1:3340 sesame");
    let alice = lab.start("a", "relay http://10.77.9.1:3340 sesame");
    alice.expect("relay 10.77.9.1:3340");
    let bob = lab.start("b", "local");
    bob.tell(&format!("connect {} - 10.77.9.1:3340", alice.id));
    bob.expect("closed Unreachable");
    assert_eq!(lab.packets("b", "peer"), 0, "the relay was contacted");
    assert_eq!(lab.packets("b", "other"), 0, "something else left the machine");
}
