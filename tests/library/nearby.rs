//! Shown nearby, over loopback. What Alice announces is handed to Bob here; that it is heard is seen in `tests/namespaces.rs`.

use std::sync::Arc;

use partyline::invitation::{MAX_WRONG_NEARBY, NearbyInvitation};

use super::*;

impl Pair {
    /// Alice shows a new invitation.
    async fn show(&self) -> (Invitation, Arc<NearbyInvitation>) {
        let (invitation, _code) = self.invite().await;
        invitation.show_nearby().await.unwrap();
        let announced = invitation.view().nearby.clone().expect("it is shown");
        (invitation, announced)
    }
}

#[tokio::test]
async fn who_hears_of_it_and_is_told_the_pin_joins_without_a_code() {
    in_time(async {
        let pair = pair().await;
        let (invitation, announced) = pair.show().await;
        let mut redemption = pair.bob.redeem_nearby(announced, None).await.unwrap();
        redemption.pin_requested().await.unwrap();
        redemption
            .set_pin(heard(&invitation.pin().await.unwrap()))
            .await
            .unwrap();
        assert_eq!(redemption.done().await.unwrap(), pair.party);
        assert_eq!(invitation.done().await.unwrap().identity, pair.bob.identity().unwrap());
        assert_eq!(
            invitation.view().nearby,
            None,
            "a used invitation is not shown any more"
        );
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_hidden_is_unknown_and_only_one_is_shown() {
    in_time(async {
        let pair = pair().await;
        let (first, announced) = pair.show().await;
        let (second, _) = pair.show().await;
        assert_eq!(
            (first.view().nearby.is_some(), second.view().nearby.is_some()),
            (false, true)
        );
        let mut redemption = pair.bob.redeem_nearby(announced, None).await.unwrap();
        assert!(matches!(
            redemption.done().await,
            Err(ClientError::Failed(Failure::Redeem(RedeemError::UnknownInvitation)))
        ));
        second.hide_nearby().await.unwrap();
        assert_eq!(second.view().nearby, None);
        pair.close().await;
    })
    .await;
}

#[tokio::test]
async fn three_wrong_pins_hide_it_nine_are_enough_for_a_day_and_the_code_still_works() {
    in_time(async {
        let pair = pair().await;
        let mut code = None;
        for _ in 0..3 {
            let (invitation, announced) = pair.show().await;
            let mut redemption = pair.bob.redeem_nearby(announced, None).await.unwrap();
            for _ in 0..MAX_WRONG_NEARBY {
                redemption.pin_requested().await.unwrap();
                let right = invitation.pin().await.unwrap();
                redemption.set_pin(another(&right)).await.unwrap();
            }
            assert!(matches!(
                redemption.done().await,
                Err(ClientError::Failed(Failure::Redeem(RedeemError::CancelledByInviter)))
            ));
            let view = invitation.view();
            assert_eq!((view.wrong_pins, view.nearby.clone()), (MAX_WRONG_NEARBY, None));
            code = Some(InviteCode::parse(&invitation.code().to_text()).unwrap());
        }
        // Another look-alike would be another guess.
        let (_invitation, announced) = pair.show().await;
        assert!(matches!(
            pair.bob.redeem_nearby(announced, None).await,
            Err(ClientError::Failed(Failure::Redeem(RedeemError::BlockedHere { .. })))
        ));
        let redemption = pair.bob.redeem(code.unwrap()).await.unwrap();
        redemption.pin_requested().await.unwrap();
        pair.close().await;
    })
    .await;
}
