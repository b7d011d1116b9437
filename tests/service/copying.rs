//! Tables copied from one database to another.

use partyline::service::database::copy::{CopyError, copy};
use partyline::service::run::OpenTables;
use partyline::service::sealing;
use partyline::service::status::Status;
use serde_json::Value;

use crate::program::{done, new_folder};
use crate::support::{FreshPostgres, on_both};
use crate::sweeper::invited;

#[test]
fn a_copy_and_its_copy_are_the_same() {
    on_both(|served| async move {
        let client = served.register("choir", "https://choir.test/welcome?a=ä&b='\"").await;
        for number in 0..450 {
            invited(&served, &client, &format!("bonny{number}@example.org"), Status::Sent).await;
        }
        crate::sealing::happened(&served, 3).await;
        sealing::once(&served.service).await.unwrap();

        let folder = tempfile::tempdir().unwrap();
        let one = OpenTables::sqlite(&folder.path().join("one.sqlite")).await.unwrap();
        let two = OpenTables::sqlite(&folder.path().join("two.sqlite")).await.unwrap();
        let first = copy(&served.service.database, &one.database).await.unwrap();
        assert_eq!(copy(&one.database, &two.database).await.unwrap(), first);
        let rows = |table: &str| first.iter().find(|copied| copied.table == table).unwrap().rows;
        assert_eq!((rows("invitations"), rows("events"), rows("clients")), (450, 3, 2));

        if let Some(fresh) = FreshPostgres::make().await {
            let postgres = OpenTables::postgres(&fresh.url).await.unwrap();
            assert_eq!(copy(&one.database, &postgres.database).await.unwrap(), first);
            postgres.close().await;
            fresh.drop().await;
        }
        let full = copy(&one.database, &two.database).await;
        assert!(matches!(full, Err(CopyError::NotEmpty { table }) if table == "clients"));
        one.close().await;
        two.close().await;
    });
}

#[test]
fn an_operator_copies_by_command() {
    let folder = new_folder();
    let command = |words: &[&str]| done(crate::program::dev(folder.path(), words));
    command(&["client", "create", "choir", "--name", "Choir"]).only();
    // Whoever looks at the new place first still finds it empty.
    let new = new_folder();
    done(crate::program::dev(new.path(), &["check"]));
    let from = folder.path().join("service.sqlite");
    let to = new.path().join("service.sqlite");
    let words = [
        "db",
        "copy",
        "--from",
        from.to_str().unwrap(),
        "--to",
        to.to_str().unwrap(),
    ];
    let copied = command(&words);
    assert_eq!(copied.code, Some(0));
    let last = copied.events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["rows"]),
        (&Value::from("copied"), &Value::from(2)),
        "the client, and that it was made"
    );
    assert_eq!(command(&words).problem(), "serve_not_empty");
    let nowhere = ["db", "copy", "--from", "nowhere.sqlite", "--to", to.to_str().unwrap()];
    assert_eq!(command(&nowhere).problem(), "serve_no_database");
    let told = [
        "db",
        "copy",
        "--from",
        from.to_str().unwrap(),
        "--to",
        "postgres://a:secret@127.0.0.1/b",
    ];
    assert_eq!(command(&told).problem(), "serve_password_in_argument");
}
