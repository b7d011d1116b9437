//! PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{Client, ClientWrapper};
use futures::TryStreamExt as _;
use tokio_postgres::Statement;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::{Answer, Row, SqlError, Value};

/// How long a statement may take: less than a request has, which so can be told, and no connection is taken for ever.
const ANSWER: Duration = Duration::from_secs(20);

/// A statement that the server knows, with its arguments.
pub(super) struct Prepared {
    statement: Statement,
    arguments: Vec<Value>,
}

/// A connection on which many ask.
pub(in crate::service::database) struct Line {
    client: Client,
    /// An answer has not come in time: others would wait behind it.
    is_late: AtomicBool,
}

impl Line {
    pub(in crate::service::database) const fn of(client: Client) -> Self {
        Self {
            client,
            is_late: AtomicBool::new(false),
        }
    }

    /// Whether one can ask on it.
    pub(in crate::service::database) fn serves(&self) -> bool {
        !self.client.is_closed() && !self.is_late.load(Ordering::Relaxed)
    }

    pub(super) async fn ask(&self, text: &str, arguments: Vec<Value>) -> Result<Answer, SqlError> {
        let answer = ask(&self.client, text, arguments).await;
        if matches!(answer, Err(SqlError::Late)) {
            self.is_late.store(true, Ordering::Relaxed);
        }
        answer
    }

    pub(super) async fn batch(&self, text: &str) -> Result<(), SqlError> {
        Ok(self.client.batch_execute(text).await?)
    }
}

/// Asks on a connection.
pub(super) async fn ask(server: &ClientWrapper, text: &str, arguments: Vec<Value>) -> Result<Answer, SqlError> {
    Prepared::new(server, text, arguments).await?.ask(server).await
}

/// Waits for what the server answers, but not for ever.
pub(super) async fn in_time<T, E: Into<SqlError>>(answer: impl Future<Output = Result<T, E>>) -> Result<T, SqlError> {
    let answered = tokio::time::timeout(ANSWER, answer).await;
    answered.map_err(|_late| SqlError::Late)?.map_err(Into::into)
}

impl Prepared {
    /// Asks the server only if this connection has not had the statement before. It keeps all that it ever had: there are to be few different texts.
    pub(super) async fn new(server: &ClientWrapper, text: &str, arguments: Vec<Value>) -> Result<Self, SqlError> {
        let types: Vec<Type> = arguments.iter().map(Value::kind).collect();
        let statement = in_time(server.prepare_typed_cached(text, &types)).await?;
        Ok(Self { statement, arguments })
    }

    /// Does it. The question is on its way once this was polled for the first time.
    pub(super) async fn ask(self, server: &ClientWrapper) -> Result<Answer, SqlError> {
        in_time(async {
            let mut answer = std::pin::pin!(server.query_raw(&self.statement, &self.arguments).await?);
            let columns = self.statement.columns();
            let names: Arc<[String]> = columns.iter().map(|column| column.name().to_owned()).collect();
            let mut rows = Vec::new();
            while let Some(row) = answer.try_next().await? {
                let values = columns.iter().enumerate();
                let values = values.map(|(at, column)| value(&row, at, column.type_()));
                rows.push(Row::new(Arc::clone(&names), values.collect::<Result<_, _>>()?));
            }
            let changed = answer.rows_affected().unwrap_or(0);
            Ok::<_, SqlError>(Answer { rows, changed })
        })
        .await
    }
}

/// The tables hold `BIGINT` and `TEXT`; the rest is what the server says of itself.
fn value(row: &tokio_postgres::Row, at: usize, kind: &Type) -> Result<Value, SqlError> {
    Ok(match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(at)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(i64::from).into(),
        Type::BOOL => row.try_get::<_, Option<bool>>(at)?.map(i64::from).into(),
        Type::VOID => Value::Text(None),
        _ => row.try_get::<_, Option<String>>(at)?.into(),
    })
}

impl Value {
    const fn kind(&self) -> Type {
        match self {
            Self::Number(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Number(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT)
    }

    to_sql_checked!();
}
