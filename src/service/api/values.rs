//! How much there is in a JSON text, before it is read: a value takes up to eighty times the memory of its text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// How many values a JSON text has, those within others too.
pub(super) struct Values(pub(super) usize);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Counting).map(Self)
    }
}

struct Counting;

impl<'de> Visitor<'de> for Counting {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(1)
    }

    fn visit_bool<E>(self, _value: bool) -> Result<usize, E> {
        Ok(1)
    }

    fn visit_i64<E>(self, _value: i64) -> Result<usize, E> {
        Ok(1)
    }

    fn visit_u64<E>(self, _value: u64) -> Result<usize, E> {
        Ok(1)
    }

    fn visit_f64<E>(self, _value: f64) -> Result<usize, E> {
        Ok(1)
    }

    fn visit_str<E>(self, _value: &str) -> Result<usize, E> {
        Ok(1)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<usize, A::Error> {
        let mut all = 1;
        while let Some(Values(inside)) = items.next_element()? {
            all += inside;
        }
        Ok(all)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<usize, A::Error> {
        let mut all = 1;
        while let Some((IgnoredAny, Values(inside))) = members.next_entry()? {
            all += inside;
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_within_values_count() {
        for (text, expected) in [
            ("null", 1),
            ("{}", 1),
            (r#"{"a":1,"b":"x","c":[true,1.5,-1,{}]}"#, 8),
            (r#"[[[]]]"#, 3),
        ] {
            let Values(all) = serde_json::from_str(text).unwrap();
            assert_eq!(all, expected, "{text}");
        }
        assert!(serde_json::from_str::<Values>("[1").is_err());
    }
}
