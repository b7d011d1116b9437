//! Whether it answers at all.

use crate::support::on_both;

#[test]
fn a_service_says_that_it_is_there() {
    on_both(|served| async move {
        let answer = served.get("/healthz").await;
        assert_eq!(
            (answer.status().as_u16(), answer.text().await.unwrap()),
            (200, "ok".to_owned())
        );
    });
}
