//! What a write of the tables promises: all of it or nothing, on both databases.

use futures::FutureExt as _;
use futures::future::BoxFuture;
use partyline::service::database::{Connection, Database, DatabaseError, query, query_scalar};
use tokio::sync::oneshot;

use crate::support::{Kind, on_both};

const NOTE: &str = "INSERT INTO suppressions (scope, email_norm, reason, at) VALUES ('*', $1, 'test', 0)";

const NOTE_IF_NEW: &str = "INSERT INTO suppressions (scope, email_norm, reason, at) VALUES ('*', $1, 'test', 0) \
     ON CONFLICT (scope, email_norm) DO NOTHING";

/// Writes a note down, before the transaction ends.
async fn note(connection: &mut Connection, word: &str) -> Result<(), DatabaseError> {
    Ok(query(NOTE).bind(word).once(connection).await?)
}

async fn count(connection: &mut Connection) -> Result<i64, DatabaseError> {
    let count = query_scalar("SELECT COUNT(*) FROM suppressions WHERE scope = '*'");
    Ok(count.fetch_one(connection).await?)
}

async fn kept(database: &Database) -> i64 {
    let read = database.read(|connection| Box::pin(async move { count(connection).await }));
    read.await.unwrap()
}

/// What a test does within one write.
type Change = for<'c> fn(&'c mut Connection) -> BoxFuture<'c, Result<(), DatabaseError>>;

/// Changes no row.
async fn nothing(connection: &mut Connection) -> Result<(), DatabaseError> {
    let change = "UPDATE suppressions SET reason = 'other' WHERE scope = '*' AND email_norm = 'nobody'";
    Ok(query(change).once(connection).await?)
}

#[test]
fn a_change_that_finds_no_row_leaves_nothing_of_its_write() {
    let overtaken: [Change; 4] = [
        |connection| async move { nothing(connection).await }.boxed(),
        |connection| {
            async move {
                note(connection, "a").await?;
                nothing(connection).await?;
                note(connection, "b").await
            }
            .boxed()
        },
        // With something that is asked in between, and before.
        |connection| {
            async move {
                note(connection, "a").await?;
                assert_eq!(count(connection).await?, 1);
                nothing(connection).await
            }
            .boxed()
        },
        |connection| {
            async move {
                nothing(connection).await?;
                count(connection).await.map(|_never| ())
            }
            .boxed()
        },
    ];
    on_both(|served| async move {
        let served = &served;
        let database = &served.service.database;
        for change in overtaken {
            let told = database.write(move |connection| change(connection)).await;
            assert!(matches!(told, Err(DatabaseError::Overtaken)), "{told:?}");
            assert_eq!(kept(database).await, 0);
        }
        // The connections are as good as before.
        for round in 0..40 {
            let write = database.write(move |connection| {
                async move {
                    note(connection, &format!("{round} a")).await?;
                    note(connection, &format!("{round} b")).await
                }
                .boxed()
            });
            write.await.unwrap();
        }
        assert_eq!(kept(database).await, 80);
    });
}

#[test]
fn a_write_that_panics_leaves_nothing_and_hands_no_open_transaction_on() {
    on_both(|served| async move {
        let served = &served;
        let database = &served.service.database;
        for _round in 0..3 {
            let write = database.write(|connection| {
                async move {
                    note(connection, "a").await?;
                    assert_eq!(count(connection).await?, 0, "as it has one: this write panics");
                    Ok(())
                }
                .boxed()
            });
            let told = write.await;
            assert!(matches!(told, Err(DatabaseError::Unavailable)), "{told:?}");
        }
        for round in 0..20 {
            let write =
                database.write(move |connection| async move { note(connection, &format!("{round}")).await }.boxed());
            write.await.unwrap();
        }
        assert_eq!(kept(database).await, 20);
    });
}

#[test]
fn an_error_that_a_write_does_not_mind_is_none_of_its_transaction_on_postgresql() {
    on_both(|served| async move {
        let served = &served;
        let database = &served.service.database;
        if served.kind == Kind::Sqlite {
            return;
        }
        for asks_before in [false, true] {
            let write = database.write(move |connection| {
                async move {
                    if asks_before {
                        assert_eq!(count(connection).await?, 0);
                    }
                    note(connection, "a").await?;
                    let failed = query("SELECT nothing FROM nowhere").fetch_all(connection).await;
                    assert!(failed.is_err());
                    // Nothing more is done in it, nor beside it.
                    let more = query(NOTE).bind("b").execute(connection).await;
                    assert!(more.is_err());
                    Ok(())
                }
                .boxed()
            });
            let told = write.await;
            assert!(matches!(told, Err(DatabaseError::Failed(_))), "{told:?}");
            assert_eq!(kept(database).await, 0);
        }
    });
}

#[test]
fn a_write_goes_on_when_whoever_asked_has_gone() {
    on_both(|served| async move {
        let served = &served;
        let database = &served.service.database;
        let (begun, has_begun) = oneshot::channel();
        let (go_on, goes_on) = oneshot::channel();
        let write = database.write(|connection| {
            async move {
                assert_eq!(query(NOTE).bind("a").execute(connection).await?, 1);
                begun.send(()).unwrap();
                goes_on.await.unwrap();
                Ok(())
            }
            .boxed()
        });
        tokio::select! {
            _done = write => panic!("it waits"),
            begun = has_begun => begun.unwrap(),
        }
        go_on.send(()).unwrap();
        // Waits for the first, which has the same row.
        let again = database
            .write(|connection| async move { Ok(query(NOTE_IF_NEW).bind("a").execute(connection).await?) }.boxed());
        assert_eq!(again.await.unwrap(), 0);
        assert_eq!(kept(database).await, 1);
    });
}
