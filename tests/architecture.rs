//! Holds the architecture: which room may import which, what a pure room may name, how long a file may be.
//!
//! It reads the sources as text, so it needs no build of them and says the file and line of what it found.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the top down: a room may import rooms of a lower floor, and itself. Rooms of one floor do not know each other,
/// but for the pure ones, which are one floor of values.
const FLOORS: &[&[&str]] = &[
    &["ui", "cli"],
    &["client"],
    &["worker"],
    &["engine"],
    &["net", "email", "store", "blobs", "desktop", "service"],
    &["failure", "party", "invitation", "identity", "time"],
];

/// Rooms without IO, clock or randomness of their own.
const PURE: &[&str] = &["failure", "party", "invitation", "identity", "time"];

/// What a pure room does not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net::Udp",
    "std::net::Tcp",
    "std::io::stdin",
    "std::env",
    "std::process",
    "std::thread",
    "Instant",
    "SystemTime",
    "tokio::",
    "rand::rng(",
    "SysRng",
];

/// Which room alone names a crate. `net` opens and accepts every connection; what goes over one for files is said by
/// `iroh_blobs`, which asks for the connection itself, so `blobs` has to name its type.
const OWNERS: &[(&str, &[&str])] = &[
    ("egui", &["ui"]),
    ("eframe", &["ui"]),
    ("arboard", &["ui"]),
    ("qrcode", &["ui"]),
    ("iroh", &["net", "blobs"]),
    ("iroh_mdns_address_lookup", &["net"]),
    ("swarm_discovery", &["net"]),
    ("iroh_blobs", &["blobs"]),
    ("image", &["blobs", "desktop"]),
    ("rfd", &["desktop"]),
    ("rqrr", &["desktop"]),
    ("linuxvideo", &["desktop"]),
    ("rustix", &["desktop"]),
    ("zbus", &["desktop"]),
    ("notify_rust", &["desktop"]),
    ("rusqlite", &["store", "service"]),
    ("keyring_core", &["store"]),
    ("argon2", &["store"]),
    ("pakery_cpace", &["invitation"]),
    ("clap", &["cli"]),
    ("axum", &["service"]),
    ("hyper", &["service"]),
    ("hyper_util", &["service"]),
    ("tokio_postgres", &["service"]),
    ("tokio_postgres_rustls", &["service"]),
    ("deadpool_postgres", &["service"]),
    ("lettre", &["service"]),
    ("minijinja", &["service"]),
];

/// Modules that are compiled for tests only.
const TEST_MODULES: &[&str] = &["tests", "fixture", "crowd", "duet"];

const MAX_LINES: usize = 600;

struct Source {
    path: PathBuf,
    /// The room, or none for `lib.rs` and `main.rs`.
    room: Option<String>,
    text: String,
}

impl Source {
    /// Lines of the program itself: no tests, no comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(index, line)| (index + 1, line))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
                let room = first.trim_end_matches(".rs").to_owned();
                let room = (room != "lib" && room != "main").then_some(room);
                found.push(Source {
                    room,
                    text: fs::read_to_string(&path).unwrap(),
                    path,
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Files of a room that are compiled for its tests only.
fn is_test_file(path: &Path) -> bool {
    path.components()
        .skip_while(|part| part.as_os_str() != "src")
        .map(|part| Path::new(part.as_os_str()).with_extension(""))
        .any(|part| TEST_MODULES.iter().any(|name| part == Path::new(name)))
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms that a line imports: `crate::room::…`, also within braces (`crate::{a, b::c}`).
fn imported(line: &str) -> Vec<String> {
    line.split("crate::")
        .skip(1)
        .flat_map(|rest| {
            let names = rest
                .strip_prefix('{')
                .map_or_else(|| vec![rest], |inside| inside.split(',').collect());
            names.into_iter().map(|name| {
                name.trim()
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect::<String>()
            })
        })
        .collect()
}

#[test]
fn no_arrow_points_up() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(room) = &source.room else { continue };
        let own = floor(room).unwrap_or_else(|| panic!("{room} stands on no floor: add it to FLOORS"));
        for (line, text) in source.code() {
            for target in imported(text) {
                let Some(other) = floor(&target) else { continue };
                let pure_floor = FLOORS.len() - 1;
                let allowed = target == *room || other > own || (own == pure_floor && other == pure_floor);
                if !allowed {
                    wrong.push(format!("{}:{line}: {room} imports {target}", source.path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up:\n{}", wrong.join("\n"));
}

#[test]
fn faces_stay_out_of_the_engine_the_network_and_the_store() {
    for source in sources() {
        if !matches!(source.room.as_deref(), Some("ui" | "cli" | "client")) {
            continue;
        }
        for (line, text) in source.code() {
            for target in imported(text) {
                assert!(
                    !matches!(target.as_str(), "engine" | "net" | "store"),
                    "{}:{line}: a face names {target}; what it may know stands in worker",
                    source.path.display()
                );
            }
        }
    }
}

#[test]
fn pure_rooms_do_no_io() {
    for source in sources() {
        if !source.room.as_deref().is_some_and(|room| PURE.contains(&room)) || is_test_file(&source.path) {
            continue;
        }
        assert!(
            source.text.contains("No IO"),
            "{}: say `No IO.` in the first lines",
            source.path.display()
        );
        for (line, text) in source.code() {
            for name in IMPURE {
                assert!(
                    !text.contains(name),
                    "{}:{line}: a pure room names {name}",
                    source.path.display()
                );
            }
        }
    }
}

#[test]
fn each_heavy_crate_has_its_room() {
    for source in sources() {
        for (line, text) in source.code() {
            for (name, owners) in OWNERS {
                let names = text.contains(&format!("{name}::")) || text.contains(&format!("use {name}"));
                let part_of_longer = text.contains(&format!("_{name}::"));
                if names && !part_of_longer {
                    // `main.rs` reads the command line before there is a room to hand it to.
                    let allowed = source.room.as_deref().is_none_or(|room| owners.contains(&room));
                    assert!(
                        allowed,
                        "{}:{line}: only {} names {name}",
                        source.path.display(),
                        owners.join(" and ")
                    );
                }
            }
        }
    }
}

#[test]
fn files_say_what_they_are_and_stay_short() {
    for source in sources().iter().filter(|source| !is_test_file(&source.path)) {
        let lines = source.text.lines().count();
        assert!(
            lines <= MAX_LINES,
            "{}: {lines} lines; more than {MAX_LINES} is two files",
            source.path.display()
        );
        assert!(
            source.text.starts_with("//!") || source.text.starts_with("#![doc"),
            "{}",
            source.path.display()
        );
    }
}
