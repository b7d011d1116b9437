//! Counts in windows of time. Which window a moment is in, and how many are too many, is decided by [`limits`](crate::service::limits).

use super::{Connection, DatabaseError, Dialect, Text, query};

/// Rows that one window of a much used count is spread over. Each is the window's own plus so many milliseconds, so that all of them are one range
/// of the index.
pub const SHARDS: i64 = 16;

/// Each window is some of this long, in milliseconds: a minute. By it the rows of one window are found again.
const WINDOW: i64 = 60_000;

/// One row of a count.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) struct Row<'a> {
    /// What is counted.
    pub(in crate::service) key: &'a str,
    /// When the window began, in milliseconds since 1970.
    pub(in crate::service) window: i64,
    /// Which of its rows.
    pub(in crate::service) shard: i64,
}

/// What one more has made of a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::service) struct Counted {
    /// Of this row.
    pub(in crate::service) row: i64,
    /// Of all shards of its window, as far as others' transactions have ended.
    pub(in crate::service) all: i64,
}

/// Counts one more in each row, and answers with what there is then. No row may be named twice.
pub(in crate::service) async fn add(
    connection: &mut Connection,
    rows: &[Row<'_>],
) -> Result<Vec<Counted>, DatabaseError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<String> = (0..rows.len())
        .map(|at| format!("(${}, ${}, 1)", at * 2 + 1, at * 2 + 2))
        .collect();
    // The others of its window, as they were before this statement. SQLite has only one of each.
    let others = match connection.dialect() {
        Dialect::Sqlite => "0".to_owned(),
        Dialect::Postgres => format!(
            "CAST(COALESCE((SELECT SUM(other.n) FROM counters AS other WHERE other.key = counters.key AND other.window_start <> counters.window_start \
             AND other.window_start BETWEEN counters.window_start / {WINDOW} * {WINDOW} AND counters.window_start / {WINDOW} * {WINDOW} + {SHARDS} - 1), 0) \
             AS BIGINT)"
        ),
    };
    let text = format!(
        "INSERT INTO counters (key, window_start, n) VALUES {} \
         ON CONFLICT (key, window_start) DO UPDATE SET n = counters.n + 1 RETURNING key, window_start, n, {others} AS others",
        values.join(", ")
    );
    let mut query = query(Text::composed(text));
    for row in rows {
        query = query.bind(row.key).bind(row.window + row.shard);
    }
    let found = query.fetch_all(connection).await?;
    let mut counted = vec![Counted::default(); rows.len()];
    // Neither database promises an order of what it returns.
    for one in &found {
        let (key, window): (String, i64) = (one.get(0)?, one.get(1)?);
        let named = rows.iter().zip(&mut counted);
        for (_row, counted) in named.filter(|(row, _)| row.key == key && row.window + row.shard == window) {
            counted.row = one.get(2)?;
            counted.all = counted.row + one.get::<i64>(3)?;
        }
    }
    Ok(counted)
}

/// Undoes one [`add`].
pub(in crate::service) async fn give_back(connection: &mut Connection, rows: &[Row<'_>]) -> Result<(), DatabaseError> {
    if rows.is_empty() {
        return Ok(());
    }
    let each: Vec<String> = (0..rows.len())
        .map(|at| format!("key = ${} AND window_start = ${}", at * 2 + 1, at * 2 + 2))
        .collect();
    let text = format!("UPDATE counters SET n = n - 1 WHERE {}", each.join(" OR "));
    let mut query = query(Text::composed(text));
    for row in rows {
        query = query.bind(row.key).bind(row.window + row.shard);
    }
    query.execute(connection).await?;
    Ok(())
}
