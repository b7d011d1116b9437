//! PostgreSQL.

use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use futures::TryStreamExt as _;
use tokio_postgres::Statement;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::{Row, SqlError, Value};

/// A statement that the server knows, with its arguments.
pub(super) struct Prepared {
    statement: Statement,
    arguments: Vec<Value>,
}

/// What a statement answers.
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) changed: u64,
}

impl Prepared {
    /// Asks the server only if this connection has not had the statement before.
    pub(super) async fn new(server: &ClientWrapper, text: &str, arguments: Vec<Value>) -> Result<Self, SqlError> {
        let types: Vec<Type> = arguments.iter().map(Value::kind).collect();
        let statement = server.prepare_typed_cached(text, &types).await?;
        Ok(Self { statement, arguments })
    }

    /// Does it. The question is on its way once this was polled for the first time.
    pub(super) async fn ask(self, server: &ClientWrapper) -> Result<Answer, SqlError> {
        let mut answer = std::pin::pin!(server.query_raw(&self.statement, &self.arguments).await?);
        let names: Arc<[String]> = self
            .statement
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let mut rows = Vec::new();
        while let Some(row) = answer.try_next().await? {
            let values = self.statement.columns().iter().enumerate();
            let values = values
                .map(|(at, column)| value(&row, at, column.type_()))
                .collect::<Result<_, _>>()?;
            rows.push(Row::new(Arc::clone(&names), values));
        }
        let changed = answer.rows_affected().unwrap_or(0);
        Ok(Answer { rows, changed })
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
