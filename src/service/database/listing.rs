//! Invitations as their clients look through them: pages, newest first, each the end of a range of an index.

use super::invitations::{invitation, words};
use super::{Connection, DatabaseError, Text, Value, query, query_scalar};
use crate::service::clock::millis;
use crate::service::invitation::{Invitation, MAX_TTL};
use crate::service::status::{Change, Status};
use crate::time::Timestamp;

/// Which invitations are looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose.
    pub client: String,
    /// Only those of this person.
    pub inviter: Option<String>,
    /// Only those to this address, normalised.
    pub email_norm: Option<String>,
    /// Only those in one of these states, with the clock counted in.
    pub status: Vec<Status>,
    /// Only those behind this one, by the moment it was made and its id.
    pub behind: Option<(i64, String)>,
    /// So many at most.
    pub limit: i64,
}

/// A page of them, newest first.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn page(
    connection: &mut Connection,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Vec<Invitation>, DatabaseError> {
    let mut statement = Statement::default();
    let text = statement.page(wanted, now);
    let mut query = query(Text::composed(text));
    for argument in statement.arguments {
        query = query.bind(argument);
    }
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(invitation).collect()
}

/// How many invitations of one person are open, by the last thirty days: none is open longer.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn open_of_inviter(connection: &mut Connection, sub: &str, now: Timestamp) -> Result<i64, DatabaseError> {
    let text = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM invitations WHERE inviter_sub = $1 AND created_at > $2 AND expires_at > $3 AND status IN ({})",
        words(Change::Accepted.from())
    );
    let counted = query_scalar(Text::composed(text))
        .bind(sub)
        .bind(millis(now.minus(MAX_TTL)))
        .bind(millis(now));
    Ok(counted.fetch_one(connection).await?)
}

/// A statement in the making. Every part of its text is from here; what anybody sent is an argument.
#[derive(Default)]
struct Statement {
    arguments: Vec<Value>,
}

/// The index that a part of a statement goes along. Both databases guess badly among them without figures about the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Along {
    Address,
    Inviter,
    State,
    Ending,
    Newest,
}

impl Along {
    /// A column as this index knows it; an expression for one that another index would be taken for.
    fn column(self, name: &str) -> String {
        let own: &[&str] = match self {
            Self::Address => &["client_id", "email_norm"],
            Self::Inviter => &["inviter_sub"],
            Self::State => &["client_id", "status"],
            Self::Ending => &["expires_at"],
            Self::Newest => &["client_id"],
        };
        if own.contains(&name) {
            name.to_owned()
        } else {
            format!("({name} || '')")
        }
    }
}

/// A condition on the state.
#[derive(Clone, Copy)]
enum State {
    Any,
    Is(Status),
    /// Past its end, and not written down so yet.
    Over,
}

impl Statement {
    /// One part for each condition on the state, each the end of a range of one index, and of all parts the newest.
    fn page(&mut self, wanted: &Wanted, now: Timestamp) -> String {
        let limit = self.number(wanted.limit);
        let newest = format!("ORDER BY created_at DESC, id DESC LIMIT {limit}");
        let states: Vec<State> = match wanted.status.as_slice() {
            [] => vec![State::Any],
            some => some.iter().copied().map(State::Is).collect(),
        };
        let over = wanted.status.contains(&Status::Expired).then_some(State::Over);
        let parts: Vec<String> = states
            .into_iter()
            .chain(over)
            .map(|state| {
                let condition = self.condition(wanted, state, now);
                format!("SELECT * FROM (SELECT * FROM invitations WHERE {condition} {newest}) AS part")
            })
            .collect();
        format!("{} {newest}", parts.join(" UNION ALL "))
    }

    fn condition(&mut self, wanted: &Wanted, state: State, now: Timestamp) -> String {
        let along = match (&wanted.email_norm, &wanted.inviter, state) {
            (Some(_address), _, _) => Along::Address,
            (None, Some(_sub), _) => Along::Inviter,
            (None, None, State::Is(_)) => Along::State,
            (None, None, State::Over) => Along::Ending,
            (None, None, State::Any) => Along::Newest,
        };
        let mut all = vec![format!("{} = {}", along.column("client_id"), self.text(&wanted.client))];
        if let Some(email) = &wanted.email_norm {
            all.push(format!("{} = {}", along.column("email_norm"), self.text(email)));
        }
        if let Some(sub) = &wanted.inviter {
            all.push(format!("{} = {}", along.column("inviter_sub"), self.text(sub)));
        }
        if let Some((created_at, id)) = &wanted.behind {
            let (created_at, id) = (self.number(*created_at), self.text(id));
            all.push(format!("(created_at, id) < ({created_at}, {id})"));
        }
        let status = along.column("status");
        match state {
            State::Any => {}
            State::Is(is) => {
                all.push(format!("{status} = '{}'", is.word()));
                if Change::Expired.from().contains(&is) {
                    all.push(format!("expires_at > {}", self.number(millis(now))));
                }
            }
            State::Over => {
                let open = words(Change::Expired.from());
                all.push(format!(
                    "ended_at IS NULL AND expires_at <= {} AND {status} IN ({open})",
                    self.number(millis(now))
                ));
            }
        }
        all.join(" AND ")
    }

    fn text(&mut self, text: &str) -> String {
        self.arguments.push(text.into());
        format!("${}", self.arguments.len())
    }

    fn number(&mut self, number: i64) -> String {
        self.arguments.push(number.into());
        format!("${}", self.arguments.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How SQLite goes about a page.
    async fn plan(connection: &mut Connection, wanted: &Wanted) -> String {
        let mut statement = Statement::default();
        let text = format!(
            "EXPLAIN QUERY PLAN {}",
            statement.page(wanted, Timestamp::from_millis(1))
        );
        let mut query = query(Text::composed(text));
        for argument in statement.arguments {
            query = query.bind(argument);
        }
        let rows = query.fetch_all(connection).await.unwrap();
        rows.iter()
            .map(|row| row.get::<String>("detail").unwrap() + "\n")
            .collect()
    }

    #[tokio::test]
    async fn every_page_goes_along_the_index_that_is_meant_for_it() {
        let mut connection = Connection::in_memory();
        super::super::schema::update(&mut connection).await.unwrap();
        let all = Wanted {
            client: "choir".to_owned(),
            inviter: None,
            email_norm: None,
            status: Vec::new(),
            behind: Some((1, "a".to_owned())),
            limit: 10,
        };
        let status = |status: &[Status]| Wanted {
            status: status.to_vec(),
            ..all.clone()
        };
        let address = |wanted: Wanted| Wanted {
            email_norm: Some("bonny@example.com".to_owned()),
            ..wanted
        };
        let inviter = |wanted: Wanted| Wanted {
            inviter: Some("sub".to_owned()),
            ..wanted
        };
        for (wanted, indexes) in [
            (all.clone(), &["invitations_newest"][..]),
            (status(&[Status::Sent]), &["invitations_status"]),
            (
                status(&[Status::Queued, Status::Suppressed]),
                &["invitations_status"; 2],
            ),
            (
                status(&[Status::Expired]),
                &["invitations_status", "invitations_ending"],
            ),
            (address(all.clone()), &["invitations_address"]),
            (address(status(&[Status::Expired])), &["invitations_address"; 2]),
            (inviter(all.clone()), &["invitations_inviter"]),
            (inviter(status(&[Status::Sent])), &["invitations_inviter"]),
            (inviter(address(all.clone())), &["invitations_address"]),
        ] {
            let plan = plan(&mut connection, &wanted).await;
            let used: Vec<&str> = plan
                .lines()
                .filter_map(|line| line.split_once("USING INDEX ")?.1.split(' ').next())
                .collect();
            assert_eq!(used, indexes, "{plan}");
            assert!(!plan.contains("SCAN invitations"), "{plan}");
        }
    }
}
