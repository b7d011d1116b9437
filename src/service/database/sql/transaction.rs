//! A transaction of PostgreSQL. New rows of which nothing is asked go out together: each question costs a way there and back.

use std::borrow::Cow;
use std::fmt::Write as _;

use sqlx::Postgres;
use sqlx::postgres::PgConnection;

use super::{SqlError, Value, server};

/// Rows that go out together at most, so that there are few different statements.
const TOGETHER: usize = 4;

pub(super) struct Transaction {
    server: sqlx::Transaction<'static, Postgres>,
    /// What is still to be written.
    rows: Vec<(Cow<'static, str>, Vec<Value>)>,
}

impl Transaction {
    pub(super) const fn new(server: sqlx::Transaction<'static, Postgres>) -> Self {
        Self {
            server,
            rows: Vec::new(),
        }
    }

    /// Leaves an `INSERT` to go out with others.
    pub(super) async fn insert(&mut self, text: Cow<'static, str>, arguments: Vec<Value>) -> Result<(), SqlError> {
        debug_assert!(
            text.starts_with("INSERT INTO ") && !text.contains("RETURNING") && !text.contains("ON CONFLICT"),
            "not a new row of which nothing is asked: {text}"
        );
        self.rows.push((text, arguments));
        if self.rows.len() == TOGETHER {
            self.write().await?;
        }
        Ok(())
    }

    /// For another statement: it finds everything written.
    pub(super) async fn server(&mut self) -> Result<&mut PgConnection, SqlError> {
        self.write().await?;
        Ok(&mut self.server)
    }

    pub(super) async fn commit(mut self) -> Result<(), SqlError> {
        self.write().await?;
        Ok(self.server.commit().await?)
    }

    async fn write(&mut self) -> Result<(), SqlError> {
        if !self.rows.is_empty() {
            let (text, arguments) = together(std::mem::take(&mut self.rows));
            server::execute(&mut self.server, text.into(), arguments).await?;
        }
        Ok(())
    }
}

/// One statement of several: `WITH` all but the last (PostgreSQL, 7.8.4), the arguments of each behind those of the ones before.
fn together(rows: Vec<(Cow<'static, str>, Vec<Value>)>) -> (String, Vec<Value>) {
    let (mut whole, mut arguments, last) = (String::new(), Vec::new(), rows.len() - 1);
    for (at, (text, own)) in rows.into_iter().enumerate() {
        let text = numbered_from(&text, arguments.len());
        arguments.extend(own);
        // Writing into a text cannot fail.
        let written = match at {
            at if at == last => write!(whole, "{text}"),
            0 => write!(whole, "WITH row0 AS ({text}) "),
            at => write!(whole, ", row{at} AS ({text}) "),
        };
        written.unwrap_or_default();
    }
    (whole, arguments)
}

/// The same statement with `$1` as `$4`, if three come before.
fn numbered_from(text: &str, before: usize) -> String {
    let mut parts = text.split('$');
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(end);
        let number: usize = number.parse().unwrap_or_default();
        numbered += &format!("${}{rest}", number + before);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_rows_are_one_statement() {
        let row =
            |text: &'static str, arguments: &[i64]| (text.into(), arguments.iter().map(|n| (*n).into()).collect());
        let one = row("INSERT INTO a VALUES ($1, $2, $1)", &[1, 2]);
        let (text, arguments) = together(vec![one.clone()]);
        assert_eq!(
            (text.as_str(), arguments.len()),
            ("INSERT INTO a VALUES ($1, $2, $1)", 2)
        );
        let (text, arguments) = together(vec![one.clone(), row("INSERT INTO b VALUES ($1)", &[3]), one]);
        assert_eq!(
            text,
            "WITH row0 AS (INSERT INTO a VALUES ($1, $2, $1)) , row1 AS (INSERT INTO b VALUES ($3)) INSERT INTO a VALUES ($4, $5, $4)"
        );
        assert!(arguments == [1, 2, 3, 1, 2].map(Value::from));
    }
}
