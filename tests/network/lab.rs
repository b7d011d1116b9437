//! Machines made of network namespaces, with counters at their doors.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Until an actor says the next thing: long enough for a look-up that finds nobody, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// A few machines. Gone with the value.
pub(super) struct Lab {
    prefix: String,
    machines: Vec<&'static str>,
}

impl Lab {
    /// `a` (10.77.1.1) and `b` (10.77.1.2) on one cable.
    pub(super) fn cable(name: &str) -> Option<Self> {
        let lab = Self::machines(name, &["a", "b"])?;
        lab.cable_between(("a", "10.77.1.1"), ("b", "10.77.1.2"));
        lab.ip("a", "route add default via 10.77.1.2");
        lab.ip("b", "route add default via 10.77.1.1");
        lab.count("a", "10.77.1.2");
        lab.count("b", "10.77.1.1");
        Some(lab)
    }

    /// `a` and `b`, each on a cable of its own to `r`, which does not forward. A relay can listen there, at 10.77.9.1.
    pub(super) fn relay(name: &str) -> Option<Self> {
        let lab = Self::machines(name, &["a", "b", "r"])?;
        lab.cable_between(("a", "10.77.1.1"), ("r", "10.77.1.2"));
        lab.cable_between(("b", "10.77.2.1"), ("r", "10.77.2.2"));
        lab.ip("r", "address add 10.77.9.1/32 dev lo");
        lab.ip("a", "route add default via 10.77.1.2");
        lab.ip("b", "route add default via 10.77.2.2");
        // Through the relay the two learn each other's addresses, and try them, in vain here.
        lab.count("a", "{ 10.77.9.1, 10.77.2.1 }");
        lab.count("b", "{ 10.77.9.1, 10.77.1.1 }");
        Some(lab)
    }

    /// `a` (10.77.1.1), `b` (10.77.1.2 and 10.77.2.2) and `c` (10.77.2.1) in a row; `b` does not forward.
    pub(super) fn row(name: &str) -> Option<Self> {
        let lab = Self::machines(name, &["a", "b", "c"])?;
        lab.cable_between(("a", "10.77.1.1"), ("b", "10.77.1.2"));
        lab.cable_between(("c", "10.77.2.1"), ("b", "10.77.2.2"));
        Some(lab)
    }

    /// So many of a hundred datagrams that come to a machine are lost from now on.
    pub(super) fn lose(&self, machine: &str, percent: u32) {
        self.rules(
            machine,
            &format!(
                "table inet lossy {{
                    chain in {{
                        type filter hook input priority 0; policy accept;
                        meta l4proto udp numgen random mod 100 < {percent} drop
                    }}
                }}"
            ),
        );
    }

    fn machines(name: &str, machines: &[&'static str]) -> Option<Self> {
        let mut lab = Self {
            prefix: format!("pl{}{name}", std::process::id()),
            machines: Vec::new(),
        };
        if let Err(why) = run("nft --version") {
            return skip(name, &why);
        }
        for machine in machines {
            if let Err(why) = run(&format!("ip netns add {}", lab.name(machine))) {
                return skip(name, &why);
            }
            lab.machines.push(machine);
            lab.ip(machine, "link set lo up");
        }
        Some(lab)
    }

    fn name(&self, machine: &str) -> String {
        format!("{}-{machine}", self.prefix)
    }

    fn ip(&self, machine: &str, arguments: &str) {
        run(&format!("ip -n {} {arguments}", self.name(machine))).unwrap();
    }

    fn cable_between(&self, (left, left_ip): (&str, &str), (right, right_ip): (&str, &str)) {
        self.ip(
            left,
            &format!(
                "link add to-{right} type veth peer name to-{left} netns {}",
                self.name(right)
            ),
        );
        for (machine, other, ip) in [(left, right, left_ip), (right, left, right_ip)] {
            self.ip(machine, &format!("address add {ip}/24 dev to-{other}"));
            self.ip(machine, &format!("link set to-{other} up"));
        }
    }

    /// Counts what leaves a machine: to those it may talk to, mDNS, and everything else that is not the kernel's own
    /// housekeeping (neighbour discovery, multicast membership). The way to one's own router (`UPnP`, NAT-PMP) is
    /// counted apart.
    fn count(&self, machine: &str, peer: &str) {
        let rules = format!(
            "table inet door {{
                counter peer {{}}
                counter mdns {{}}
                counter router {{}}
                counter other {{}}
                chain out {{
                    type filter hook output priority 0; policy accept;
                    oifname \"lo\" accept
                    meta l4proto {{ icmp, icmpv6, igmp }} accept
                    ip daddr {peer} counter name peer accept
                    udp dport 5353 ip daddr 224.0.0.251 counter name mdns accept
                    udp dport 5353 ip6 daddr ff02::fb counter name mdns accept
                    udp dport {{ 1900, 5351 }} counter name router accept
                    counter name other accept
                }}
            }}"
        );
        self.rules(machine, &rules);
    }

    fn rules(&self, machine: &str, rules: &str) {
        let mut nft = Command::new("ip")
            .args(["netns", "exec", &self.name(machine), "nft", "-f", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        nft.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
        assert!(nft.wait().unwrap().success());
    }

    /// How many packets of a kind have left a machine.
    pub(super) fn packets(&self, machine: &str, counter: &str) -> u64 {
        let listing = run(&format!(
            "ip netns exec {} nft list counter inet door {counter}",
            self.name(machine)
        ))
        .unwrap();
        let mut words = listing.split_whitespace().skip_while(|word| *word != "packets").skip(1);
        words.next().unwrap().parse().unwrap()
    }

    /// A program that is to run in a machine.
    pub(super) fn command(&self, machine: &str, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(machine)]).arg(program);
        command
    }

    /// Starts the actor in a machine and waits until it is there.
    pub(super) fn start(&self, machine: &str, role: &str) -> Actor {
        let program = std::env::current_exe().unwrap();
        let mut child = self
            .command(machine, &program)
            .args(["--exact", "actor", "--nocapture"])
            .env("PARTYLINE_ACTOR", role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::Builder::new()
            .name("actor".to_owned())
            .spawn(move || {
                // The test harness of the child writes lines too; an actor's begin with @.
                for line in output.lines().map_while(Result::ok) {
                    if let Some(said) = line.split_once('@').map(|(_, said)| said.to_owned())
                        && sender.send(said).is_err()
                    {
                        break;
                    }
                }
            })
            .unwrap();
        let input = child.stdin.take();
        let mut actor = Actor {
            child,
            input,
            lines,
            id: String::new(),
            port: 0,
        };
        let ready = actor.next();
        let mut words = ready.strip_prefix("ready ").expect("ready first").split_whitespace();
        actor.id = words.next().unwrap().to_owned();
        actor.port = words.next().unwrap().parse().unwrap();
        actor
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for machine in &self.machines {
            if let Err(why) = run(&format!("ip netns delete {}", self.name(machine))) {
                say(&why);
            }
        }
    }
}

/// A program in a machine. It ends with the value.
pub(super) struct Actor {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Its endpoint id, in hex.
    pub(super) id: String,
    /// Its UDP port.
    pub(super) port: u16,
}

impl Actor {
    /// Gives an order.
    pub(super) fn tell(&self, order: &str) {
        writeln!(self.input.as_ref().unwrap(), "{order}").unwrap();
    }

    /// Waits until it says this; what it says before is passed over.
    pub(super) fn expect(&self, wanted: &str) {
        let mut before = Vec::new();
        loop {
            let said = self.next();
            if said == wanted {
                return;
            }
            before.push(said);
            assert!(
                before.last().unwrap() != "gone",
                "expected {wanted:?}, after {before:?}"
            );
        }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| "gone".to_owned())
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // The end of its input is the order to leave.
        self.input = None;
        self.child.wait().unwrap();
    }
}

/// Runs a command; its output, or why it failed.
fn run(command: &str) -> Result<String, String> {
    let mut words = command.split_whitespace();
    let output = Command::new(words.next().unwrap()).args(words).output();
    let output = output.map_err(|error| format!("`{command}`: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!(
            "`{command}`: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))
    }
}

fn skip(name: &str, why: &str) -> Option<Lab> {
    say(&format!(
        "SKIPPED: the network test `{name}` cannot make network namespaces here: {why}"
    ));
    None
}

/// Says something past the test harness, which would keep the words of a passing test.
fn say(what: &str) {
    let mut err = std::io::stderr();
    writeln!(err, "{what}").unwrap();
}
