//! `serve db`: the tables.

use std::path::Path;

use serde_json::json;

use super::words;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::database::copy::{self, Copied};
use crate::service::run::OpenTables;
use crate::service::state::Service;

/// Opening them has brought them up to date.
pub(super) fn migrated(service: &Service, output: &Output) -> Result<(), Ending> {
    let event = json!({ "event": "migrated", "tables": format!("{:?}", service.config.tables) });
    output.told(&event, "The tables are up to date.")
}

/// Copies all tables from one database to another, empty one.
pub(super) async fn copy(from: &str, to: &str, output: &Output) -> Result<(), Ending> {
    if !is_postgres(from) && !Path::new(from).exists() {
        return Err(words::no_such_database(from));
    }
    for name in [from, to] {
        if is_postgres(name) && has_password(name) {
            return Err(words::password_in_argument());
        }
    }
    let (source, target) = (open(from).await?, open(to).await?);
    let copied = copy::copy(&source.database, &target.database).await;
    source.close().await;
    target.close().await;
    let copied = copied?;
    for table in &copied {
        told(table, output)?;
    }
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    let text = format!(
        "{rows} rows in {} tables, the same in both. Keep the folder `keys` with the new database: without it no link and no secret is recognised.",
        copied.len()
    );
    output.told(
        &json!({ "event": "copied", "tables": copied.len(), "rows": rows }),
        &text,
    )
}

fn told(table: &Copied, output: &Output) -> Result<(), Ending> {
    let event = json!({
        "event": "table_copied",
        "table": table.table,
        "rows": table.rows,
        "checksum": table.checksum,
    });
    output.told(
        &event,
        &format!("{:<14} {:>10} rows  {}", table.table, table.rows, table.checksum),
    )
}

async fn open(name: &str) -> Result<OpenTables, Ending> {
    let opened = if is_postgres(name) {
        OpenTables::postgres(name).await
    } else {
        OpenTables::sqlite(Path::new(name)).await
    };
    Ok(opened?)
}

fn is_postgres(name: &str) -> bool {
    name.starts_with("postgres://") || name.starts_with("postgresql://")
}

/// Whether the part before the host names a password too.
fn has_password(url: &str) -> bool {
    let authority = url.split("//").nth(1).and_then(|rest| rest.split('/').next());
    let user = authority
        .and_then(|authority| authority.rsplit_once('@'))
        .map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_argument_is_seen() {
        assert!(has_password("postgres://partyline:secret@db/partyline"));
        for fine in [
            "postgres://partyline@db:5432/partyline",
            "postgres://db/partyline",
            "/srv/service.sqlite",
        ] {
            assert!(!has_password(fine), "{fine}");
        }
    }
}
