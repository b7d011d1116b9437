//! What goes into a statement and comes out of it: numbers and texts, and nothing else.

use std::sync::Arc;

use super::SqlError;

/// A number or a text, or that there is none.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `BIGINT`.
    Number(Option<i64>),
    /// `TEXT`.
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

/// What is read from a column.
pub trait FromValue: Sized {
    /// It, if that is what the column holds.
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Option<Self> {
        Option::from_value(value)?
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        Option::from_value(value)?
    }
}

impl FromValue for Option<i64> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Number(number) => Some(number),
            Value::Text(None) => Some(None),
            Value::Text(Some(_)) => None,
        }
    }
}

impl FromValue for Option<String> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            Value::Number(None) => Some(None),
            Value::Number(Some(_)) => None,
        }
    }
}

/// A row of an answer.
#[derive(Clone)]
pub struct Row {
    names: Arc<[String]>,
    values: Vec<Value>,
    /// Where the columns begin that are looked at.
    first: usize,
}

/// A column by its name or by its place, from 0.
pub trait Column: Copy + std::fmt::Display {
    /// Its place among these.
    fn place(self, names: &[String]) -> Option<usize>;
}

impl Column for usize {
    fn place(self, names: &[String]) -> Option<usize> {
        (self < names.len()).then_some(self)
    }
}

impl Column for &str {
    fn place(self, names: &[String]) -> Option<usize> {
        names.iter().position(|name| name == self)
    }
}

impl Row {
    pub(super) const fn new(names: Arc<[String]>, values: Vec<Value>) -> Self {
        Self {
            names,
            values,
            first: 0,
        }
    }

    /// The columns behind this one: of two tables that were joined, the second's.
    ///
    /// # Errors
    ///
    /// [`SqlError::Column`].
    pub fn behind(mut self, column: &'static str) -> Result<Self, SqlError> {
        let place = column.place(self.looked_at());
        self.first += place.ok_or_else(|| SqlError::Column(column.to_owned()))? + 1;
        Ok(self)
    }

    fn looked_at(&self) -> &[String] {
        self.names.get(self.first..).unwrap_or_default()
    }

    /// What a column holds: of several of one name the first.
    ///
    /// # Errors
    ///
    /// [`SqlError::Column`].
    pub fn get<T: FromValue>(&self, column: impl Column) -> Result<T, SqlError> {
        let place = column.place(self.looked_at());
        let value = place.and_then(|place| self.values.get(self.first + place));
        value
            .and_then(|value| T::from_value(value.clone()))
            .ok_or_else(|| SqlError::Column(column.to_string()))
    }

    /// All of it, in the order of the columns, whichever are looked at.
    #[must_use]
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Value(<redacted>)")
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({:?}, <redacted>)", self.names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_read_as_what_it_holds_and_as_nothing_else() {
        let names = ["id", "n", "nothing"].map(str::to_owned).into();
        let row = Row::new(names, vec!["a".into(), 7_i64.into(), Value::Text(None)]);
        assert_eq!(row.get::<String>("id").unwrap(), "a");
        assert_eq!(row.get::<i64>(1).unwrap(), 7);
        assert_eq!(row.get::<Option<i64>>("nothing").unwrap(), None);
        assert_eq!(row.get::<Option<String>>("nothing").unwrap(), None);
        for wrong in [row.get::<i64>("id"), row.get("nothing"), row.get("gone"), row.get(3)] {
            assert!(matches!(wrong, Err(SqlError::Column(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a_row_of_two_tables_is_read_as_one_and_as_the_other() {
        let names = ["id", "n", "apart", "id"].map(str::to_owned).into();
        let row = Row::new(names, vec!["a".into(), 7_i64.into(), 0_i64.into(), "b".into()]);
        assert_eq!(row.get::<String>("id").unwrap(), "a");
        let second = row.behind("apart").unwrap();
        assert_eq!(second.get::<String>("id").unwrap(), "b");
        assert_eq!(second.get::<String>(0).unwrap(), "b");
        for wrong in [second.get::<i64>("n"), second.get(1)] {
            assert!(matches!(wrong, Err(SqlError::Column(_))), "{wrong:?}");
        }
        assert!(matches!(second.behind("apart"), Err(SqlError::Column(_))));
    }
}
