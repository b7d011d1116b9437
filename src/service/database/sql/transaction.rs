//! A transaction of PostgreSQL. Each way there and back costs more than most statements: its beginning and its end go out together with others, and what
//! changes one row each and answers nothing is one statement.

use std::borrow::Cow;
use std::fmt::Write as _;

use deadpool_postgres::{Client, ClientWrapper};
use futures::future::join3;

use super::server::{Prepared, in_time};
use super::{Answer, SqlError, Value};

/// Statements that are put together at most, so that there are few different ones: the server keeps each.
const TOGETHER: usize = 16;

/// - **Invariant:** a connection whose transaction has not ended goes to nobody else: it is closed, and the server takes the transaction back.
/// - If the server refuses to begin but goes on (an operator stops that very statement), the first statement stands by itself; who asked hears of
///   the failure all the same.
pub(super) struct Transaction {
    /// None once it is closed.
    server: Option<Client>,
    state: State,
    /// What changes one row each, and was not sent yet.
    steps: Vec<Step>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The server does not know of one.
    NotOpen,
    Open,
    /// A statement has failed, or nobody has heard yet that it did not.
    Failed,
}

/// A statement and its arguments.
type Step = (Cow<'static, str>, Vec<Value>);

impl Transaction {
    pub(super) const fn new(server: Client) -> Self {
        Self {
            server: Some(server),
            state: State::NotOpen,
            steps: Vec::new(),
        }
    }

    /// Leaves what changes one row to go out with others.
    pub(super) async fn once(&mut self, text: Cow<'static, str>, arguments: Vec<Value>) -> Result<(), SqlError> {
        self.steps.push((text, arguments));
        if self.steps.len() < TOGETHER {
            return Ok(());
        }
        self.behind_steps(async |_server| Ok(())).await
    }

    /// Asks. The statement finds everything written.
    pub(super) async fn ask(&mut self, text: &str, arguments: Vec<Value>) -> Result<Answer, SqlError> {
        let server = going_on(&self.server, self.state)?;
        let statement = Prepared::new(server, text, arguments).await;
        let statement = statement.map_err(|error| self.failed(error))?;
        self.behind_steps(async |server| statement.ask(server).await).await
    }

    /// Several statements without arguments.
    pub(super) async fn batch(&mut self, text: &str) -> Result<(), SqlError> {
        self.behind_steps(async |server| in_time(server.batch_execute(text)).await)
            .await
    }

    /// Ends it so that it stands: [`SqlError::Over`] if a statement has failed.
    pub(super) async fn commit(mut self) -> Result<(), SqlError> {
        match self.state {
            State::NotOpen => self.alone().await,
            State::Open => match self.batch("COMMIT").await {
                Ok(()) => {
                    self.state = State::NotOpen;
                    Ok(())
                }
                // The connection is as good as before if the server knows of nothing to take back.
                Err(error) => {
                    self.roll_back().await;
                    Err(error)
                }
            },
            State::Failed => {
                self.roll_back().await;
                Err(SqlError::Over)
            }
        }
    }

    /// What waits, as a statement by itself, which is a transaction.
    async fn alone(&mut self) -> Result<(), SqlError> {
        let server = going_on(&self.server, self.state)?;
        let done = match prepared(server, &mut self.steps).await {
            Ok(steps) => do_steps(server, steps).await,
            Err(error) => Err(error),
        };
        if matches!(done, Err(SqlError::Late)) {
            self.close();
        }
        done
    }

    /// Remembers that a statement has failed. What the server has not answered may still be under way: the connection is closed then.
    fn failed(&mut self, error: SqlError) -> SqlError {
        self.state = State::Failed;
        if matches!(error, SqlError::Late) {
            self.close();
        }
        error
    }

    fn close(&mut self) {
        if let Some(server) = self.server.take() {
            drop(Client::take(server));
        }
    }

    /// Takes it back.
    pub(super) async fn roll_back(mut self) {
        if let (Some(server), State::Open | State::Failed) = (&self.server, self.state)
            && in_time(server.batch_execute("ROLLBACK")).await.is_ok()
        {
            self.state = State::NotOpen;
        }
    }

    /// Sends what waits, and this, before the first answer is waited for. The server answers in the same order, and does nothing behind what fails.
    async fn behind_steps<T>(
        &mut self,
        last: impl AsyncFnOnce(&ClientWrapper) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let server = going_on(&self.server, self.state)?;
        let steps = match prepared(server, &mut self.steps).await {
            Ok(steps) => steps,
            Err(error) => return Err(self.failed(error)),
        };
        let begins = std::mem::replace(&mut self.state, State::Failed) == State::NotOpen;
        let begin = async {
            if begins {
                in_time(server.batch_execute("BEGIN")).await?;
            }
            Ok::<_, SqlError>(())
        };
        // Behind what fails everything fails: the first says why.
        let (begun, done, answer) = join3(begin, do_steps(server, steps), last(server)).await;
        let answer = begun.and(done).and(answer);
        let answer = answer.map_err(|error| self.failed(error))?;
        self.state = State::Open;
        Ok(answer)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.state != State::NotOpen {
            self.close();
        }
    }
}

/// Its connection, unless a statement has failed: another one would not be in it any more.
fn going_on(server: &Option<Client>, state: State) -> Result<&Client, SqlError> {
    let goes_on = server.as_ref().filter(|_server| state != State::Failed);
    goes_on.ok_or(SqlError::Over)
}

async fn prepared(server: &ClientWrapper, steps: &mut Vec<Step>) -> Result<Option<Prepared>, SqlError> {
    if steps.is_empty() {
        return Ok(None);
    }
    let (text, arguments) = together(std::mem::take(steps));
    Prepared::new(server, &text, arguments).await.map(Some)
}

async fn do_steps(server: &ClientWrapper, steps: Option<Prepared>) -> Result<(), SqlError> {
    if let Some(steps) = steps {
        steps.ask(server).await?;
    }
    Ok(())
}

/// One statement that does each (PostgreSQL, 7.8.4), the arguments of each behind those of the ones before. It fails ([`SqlError::Overtaken`]) by
/// dividing by zero unless each has changed one row: nobody has to look at an answer before the transaction may end.
fn together(steps: Vec<Step>) -> (String, Vec<Value>) {
    let (mut whole, mut arguments) = (String::new(), Vec::new());
    let count = steps.len();
    for (at, (text, own)) in steps.into_iter().enumerate() {
        whole += if at == 0 { "WITH " } else { ", " };
        // Writing into a text cannot fail.
        write!(whole, "step{at} AS (").unwrap_or_default();
        number_from(&mut whole, &text, arguments.len());
        whole += " RETURNING 1)";
        arguments.extend(own);
    }
    let all: Vec<String> = (0..count)
        .map(|at| format!("(SELECT COUNT(*) FROM step{at}) = 1"))
        .collect();
    write!(whole, " SELECT 1 / CAST({} AS INT)", all.join(" AND ")).unwrap_or_default();
    (whole, arguments)
}

/// Writes the same statement with `$1` as `$4`, if three come before.
fn number_from(whole: &mut String, text: &str, before: usize) {
    let mut parts = text.split('$');
    *whole += parts.next().unwrap_or_default();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(end);
        let number: usize = number.parse().unwrap_or_default();
        write!(whole, "${}{rest}", number + before).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_steps_are_one_statement() {
        let step = |text: &'static str, arguments: &[i64]| {
            (text.into(), arguments.iter().map(|number| (*number).into()).collect())
        };
        let one = step("UPDATE a SET n = $2 WHERE id = $1 AND n < $2", &[1, 2]);
        let (text, arguments) = together(vec![one, step("INSERT INTO b VALUES ($1)", &[3])]);
        assert_eq!(
            text,
            "WITH step0 AS (UPDATE a SET n = $2 WHERE id = $1 AND n < $2 RETURNING 1), step1 AS (INSERT INTO b VALUES ($3) RETURNING 1) \
             SELECT 1 / CAST((SELECT COUNT(*) FROM step0) = 1 AND (SELECT COUNT(*) FROM step1) = 1 AS INT)"
        );
        assert!(arguments == [1, 2, 3].map(Value::from));
    }
}
