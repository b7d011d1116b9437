//! What was given, key by key, with its place: the file's values, then the variables over them.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{CONFIG_VARIABLE, ConfigError, KEYS, PREFIX};

/// The values by their keys.
pub(super) struct Given {
    name: String,
    values: BTreeMap<&'static str, (Value, Place)>,
}

/// One value.
enum Value {
    Text(String),
    Number(i64),
    Switch(bool),
}

/// Where a value stands.
enum Place {
    Line(usize),
    Variable(String),
}

impl Given {
    pub(super) fn read(
        name: &str,
        text: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut given = Self {
            name: name.to_owned(),
            values: BTreeMap::new(),
        };
        let table = DeTable::parse(text).map_err(|error| {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            let written = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            let key = written.split('=').next().unwrap_or_default().trim();
            given.mistake(
                key,
                &Place::Line(line),
                &format!("cannot be read as TOML: {}", error.message().trim()),
            )
        })?;
        given.take_table(text, "", table.get_ref())?;
        for (variable, value) in variables {
            if variable.starts_with(PREFIX) && variable != CONFIG_VARIABLE {
                given.take_variable(variable, value)?;
            }
        }
        Ok(given)
    }

    fn take_table(&mut self, text: &str, above: &str, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (name, value) in table {
            let key = format!("{above}{}", name.get_ref());
            let place = Place::Line(line_of(text, name.span().start));
            if let DeValue::Table(inner) = value.get_ref() {
                self.take_table(text, &format!("{key}."), inner)?;
                continue;
            }
            let Some(known) = known(&key) else {
                return Err(self.mistake(&key, &place, "is no key that there is"));
            };
            let value = read_value(value).ok_or_else(|| {
                self.mistake(&key, &place, "is neither a text, nor a whole number, nor true or false")
            })?;
            self.values.insert(known, (value, place));
        }
        Ok(())
    }

    fn take_variable(&mut self, variable: String, value: String) -> Result<(), ConfigError> {
        let key = KEYS
            .iter()
            .map(|(key, _)| *key)
            .find(|key| variable_of(key) == variable);
        let place = Place::Variable(variable);
        match key {
            // Empty: as if the file did not say it either.
            Some(key) if value.is_empty() => {
                self.values.remove(key);
                Ok(())
            }
            Some(key) => {
                self.values.insert(key, (Value::Text(value), place));
                Ok(())
            }
            None => Err(self.mistake("", &place, "is none that there is")),
        }
    }

    /// A text, if one was given.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, ConfigError> {
        match self.values.get(key) {
            None => Ok(None),
            Some((Value::Text(text), _)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "is not a text in quotes")),
        }
    }

    /// A text without which nothing runs.
    pub(super) fn needed(&self, key: &str) -> Result<&str, ConfigError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    /// A whole number of this range, if one was given.
    pub(super) fn number(&self, key: &str, least: i64, most: i64) -> Result<Option<i64>, ConfigError> {
        let number = match self.values.get(key) {
            None => return Ok(None),
            Some((Value::Number(number), _)) => Some(*number),
            Some((Value::Text(text), Place::Variable(_))) => text.trim().parse().ok(),
            Some(_) => None,
        };
        match number {
            None => Err(self.wrong(key, "is not a whole number")),
            Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
            Some(_) => Err(self.wrong(key, &format!("is not between {least} and {most}"))),
        }
    }

    /// Yes or no, no if it was not given.
    pub(super) fn switch(&self, key: &str) -> Result<bool, ConfigError> {
        match self.values.get(key) {
            None => Ok(false),
            Some((Value::Switch(on), _)) => Ok(*on),
            Some((Value::Text(text), Place::Variable(_))) if matches!(text.as_str(), "true" | "false") => {
                Ok(text == "true")
            }
            Some(_) => Err(self.wrong(key, "is neither true nor false")),
        }
    }

    /// Whether a value stands in the file, where others may read it, and not in a variable.
    pub(super) fn is_in_file(&self, key: &str) -> bool {
        matches!(self.values.get(key), Some((_, Place::Line(_))))
    }

    /// Tells what is wrong with a value that was given.
    pub(super) fn wrong(&self, key: &str, problem: &str) -> ConfigError {
        match self.values.get(key) {
            Some((_, place)) => self.mistake(key, place, problem),
            None => self.missing(key),
        }
    }

    /// Tells that something is missing.
    pub(super) fn missing(&self, key: &str) -> ConfigError {
        ConfigError {
            place: self.name.clone(),
            key: key.to_owned(),
            problem: "is missing".to_owned(),
            instead: format!("{key} = {}", example(key)),
        }
    }

    fn mistake(&self, key: &str, place: &Place, problem: &str) -> ConfigError {
        match place {
            Place::Line(line) => {
                let nearest = nearest(key, |key| key.to_owned());
                let last = nearest.rsplit('.').next().unwrap_or(nearest);
                ConfigError {
                    place: format!("{}, line {line}", self.name),
                    key: key.to_owned(),
                    problem: problem.to_owned(),
                    instead: format!("{last} = {}", example(nearest)),
                }
            }
            Place::Variable(variable) => {
                let nearest = nearest(variable, variable_of);
                ConfigError {
                    place: format!("the variable {variable}"),
                    key: "it".to_owned(),
                    problem: problem.to_owned(),
                    instead: format!("{}={}", variable_of(nearest), example(nearest).trim_matches('"')),
                }
            }
        }
    }
}

/// The variable of a key.
fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

fn known(key: &str) -> Option<&'static str> {
    KEYS.iter().map(|(known, _)| *known).find(|known| *known == key)
}

fn example(key: &str) -> &'static str {
    KEYS.iter()
        .find(|(known, _)| *known == key)
        .map_or("", |(_, example)| example)
}

fn read_value(value: &Spanned<DeValue<'_>>) -> Option<Value> {
    match value.get_ref() {
        DeValue::String(text) => Some(Value::Text(text.clone().into_owned())),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(Value::Number),
        DeValue::Boolean(on) => Some(Value::Switch(*on)),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// The line of a place in the text, from 1.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// The key whose name is the most alike, for what to write instead.
fn nearest(written: &str, name: impl Fn(&str) -> String) -> &'static str {
    let alike = |(key, _): &&(&'static str, &str)| distance(&name(key), written);
    KEYS.iter().min_by_key(alike).map_or("issuer", |(key, _)| key)
}

/// How many characters have to be changed, added or taken away (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = i;
        let mut next = vec![i + 1];
        for (y, above) in b.chars().zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or(0);
            let changed = before + usize::from(x != y);
            next.push(changed.min(left + 1).min(above + 1));
            before = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
