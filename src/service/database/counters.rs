//! Counts in windows of time. Which window a moment is in, and how many are too many, is decided by [`limits`](crate::service::limits).

use super::{Connection, DatabaseError, Text, query};

/// Rows that one window of a much used count is spread over. Each is the window's own plus so many milliseconds, so that all of them are one range
/// of the index.
pub const SHARDS: i64 = 16;

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

/// How much is counted for each row's key in its window, over all shards.
pub(in crate::service) async fn sums(connection: &mut Connection, rows: &[Row<'_>]) -> Result<Vec<i64>, DatabaseError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let sums: Vec<String> = (0..rows.len())
        .map(|at| {
            let (key, from, to) = (at * 3 + 1, at * 3 + 2, at * 3 + 3);
            format!(
                "CAST(COALESCE((SELECT SUM(n) FROM counters WHERE key = ${key} AND window_start BETWEEN ${from} AND ${to}), 0) AS BIGINT)"
            )
        })
        .collect();
    let mut query = query(Text::composed(format!("SELECT {}", sums.join(", "))));
    for row in rows {
        query = query.bind(row.key).bind(row.window).bind(row.window + SHARDS - 1);
    }
    let found = query.fetch_one(connection).await?;
    (0..rows.len()).map(|at| Ok(found.get::<i64>(at)?)).collect()
}

/// Counts one more in each row, and answers with what each has then. No row may be named twice.
pub(in crate::service) async fn add(connection: &mut Connection, rows: &[Row<'_>]) -> Result<Vec<i64>, DatabaseError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<String> = (0..rows.len())
        .map(|at| format!("(${}, ${}, 1)", at * 2 + 1, at * 2 + 2))
        .collect();
    let text = format!(
        "INSERT INTO counters (key, window_start, n) VALUES {} \
         ON CONFLICT (key, window_start) DO UPDATE SET n = counters.n + 1 RETURNING key, window_start, n",
        values.join(", ")
    );
    let mut query = query(Text::composed(text));
    for row in rows {
        query = query.bind(row.key).bind(row.window + row.shard);
    }
    let found = query.fetch_all(connection).await?;
    let mut counted = vec![0; rows.len()];
    // Neither database promises an order of what it returns.
    for one in &found {
        let (key, window): (String, i64) = (one.get(0)?, one.get(1)?);
        let named = rows.iter().zip(&mut counted);
        for (_row, n) in named.filter(|(row, _n)| row.key == key && row.window + row.shard == window) {
            *n = one.get(2)?;
        }
    }
    Ok(counted)
}

/// Undoes one [`add`].
pub(in crate::service) async fn give_back(connection: &mut Connection, rows: &[Row<'_>]) -> Result<(), DatabaseError> {
    for row in rows {
        query("UPDATE counters SET n = n - 1 WHERE key = $1 AND window_start = $2")
            .bind(row.key)
            .bind(row.window + row.shard)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
