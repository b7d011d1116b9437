//! Hex, and the files of `tests/vectors`.
#![expect(clippy::string_slice, reason = "hex digits are ASCII")]

use serde_json::Value;

/// The bytes of hex digits.
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "{hex}");
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// A field of hex digits.
pub(crate) fn field(value: &Value, name: &str) -> Vec<u8> {
    bytes(value[name].as_str().unwrap_or_else(|| panic!("{name} is missing")))
}

/// A field of exactly `N` bytes.
pub(crate) fn array<const N: usize>(value: &Value, name: &str) -> [u8; N] {
    field(value, name).try_into().unwrap()
}

/// The hex digits of bytes.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file of `tests/vectors`.
pub(crate) fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
