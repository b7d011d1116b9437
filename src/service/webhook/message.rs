//! What is told: `{"type", "timestamp", "data"}`, signed with the event's id and the moment of this try.

use std::fmt;

use serde_json::{Map, Value, json};

use super::Secret;
use crate::service::database::deliveries::Announcement;
use crate::time::Timestamp;

/// A message.
pub struct Message {
    /// The event's id: the same on every try, so that the client can tell.
    pub(super) id: String,
    pub(super) body: String,
}

impl Message {
    /// The message of an event. `data` has the event's own members, and above them `client_id`, `invitation_id` and `actor`.
    #[must_use]
    pub fn of(announcement: &Announcement) -> Self {
        let mut data = match serde_json::from_str(&announcement.data) {
            Ok(Value::Object(data)) => data,
            Ok(_) | Err(_) => Map::new(),
        };
        data.insert("client_id".to_owned(), json!(announcement.client_id));
        data.insert("invitation_id".to_owned(), json!(announcement.invitation_id));
        data.insert("actor".to_owned(), json!(announcement.actor));
        let body = json!({ "type": announcement.kind, "timestamp": iso(announcement.at), "data": data });
        Self {
            id: announcement.id.clone(),
            body: body.to_string(),
        }
    }

    /// The header `webhook-signature`: `v1,` and the signature of `id.seconds.body`.
    pub(super) fn signature(&self, secret: &Secret, seconds: u64) -> Option<String> {
        let signed = format!("{}.{seconds}.{}", self.id, self.body);
        Some(format!("v1,{}", secret.sign(signed.as_bytes())?))
    }
}

/// A moment as RFC 3339 has it.
fn iso(moment: Timestamp) -> String {
    let millis = i64::try_from(moment.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_far| String::new(), |moment| moment.to_string())
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // The example of Standard Webhooks 1.0.
        let secret = Secret::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let message = Message {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned(),
            body: r#"{"test": 2432232314}"#.to_owned(),
        };
        assert_eq!(
            message.signature(&secret, 1_614_265_330).as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }
}
