//! What has to be true of every story, whatever went wrong in it (PROTOCOL.md, "What is written when").

use partyline::invitation::InvitationStage;
use partyline::invitation::invitee::{Pending, Phase};
use partyline::invitation::inviter::{Record, Status};
use partyline::invitation::{MAX_WRONG_PINS, RedeemError, RedemptionStage};

use crate::world::World;

/// Checks a story that has come to its end.
pub(crate) fn check(world: &World) {
    let record = Record::decode(&world.inviter.disk).expect("the record on disk");
    let log = &world.inviter.log;

    // Single use admits one; the record says what the log says.
    assert!(
        log.len() <= usize::try_from(world.max_uses).expect("small"),
        "more admitted than allowed"
    );
    assert_eq!(record.admitted.len(), log.len(), "the record and the log disagree");
    assert_eq!(
        record.status == Status::Used,
        log.len() == usize::try_from(world.max_uses).expect("small")
    );
    for (admitted, (identity, op)) in record.admitted.iter().zip(log) {
        assert_eq!((admitted.identity.as_bytes(), &admitted.op), (identity, op));
    }

    // Guesses of those who were not admitted are bounded across reconnects, restarts and devices.
    assert!(
        world.inviter.wrong_counted <= u32::from(MAX_WRONG_PINS),
        "{} guesses",
        world.inviter.wrong_counted
    );
    assert!(record.wrong_total <= MAX_WRONG_PINS);

    // One ending at the inviter's: a multi-use invitation has one for each admission, and one at last.
    let last = world
        .inviter
        .endings
        .iter()
        .filter(|stage| !matches!(stage, InvitationStage::Admitted { .. }))
        .count();
    assert!(last <= 1, "{:?}", world.inviter.endings);

    for (index, invitee) in world.invitees.iter().enumerate() {
        let identity = invitee.keys.certificate.identity;
        let admitted = log.iter().find(|(member, _)| member == identity.as_bytes());
        let pending = invitee
            .disk
            .as_ref()
            .map(|bytes| Pending::decode(bytes).expect("readable"));

        // No ghost member: who is in the log is joined, or holds what it takes to fetch the admission.
        if admitted.is_some() && invitee.joined.is_none() {
            let proven = pending.as_ref().is_some_and(|pending| pending.phase == Phase::Proven);
            assert!(proven, "invitee {index} is a ghost: {:?}", invitee.endings);
        }
        // Nobody joined without the log.
        if let Some(op) = invitee.joined {
            assert_eq!(
                admitted.map(|(_, op)| *op),
                Some(op),
                "invitee {index} joined without the log"
            );
            assert!(pending.is_none(), "invitee {index} joined and still redeems");
        }
        // A wrong PIN never admits.
        assert!(
            invitee.knows_pin || admitted.is_none(),
            "invitee {index} got in without the PIN"
        );
        // One ending.
        let ended = invitee.machine.as_ref().is_some_and(|machine| machine.has_ended());
        let stage = invitee.machine.as_ref().map(|machine| machine.stage());
        assert!(
            ended || invitee.joined.is_some(),
            "invitee {index} is left at {stage:?}"
        );
        match invitee.endings.last() {
            Some(RedemptionStage::Joined { .. }) => assert!(invitee.joined.is_some()),
            Some(RedemptionStage::Failed { error }) if is_final(error) => {
                // A count of wrong PINs stays, and does nothing by itself.
                let counts = |pending: &Pending| !pending.resumes_at_start() && pending.wrong_total > 0;
                assert!(
                    pending.as_ref().is_none_or(counts),
                    "invitee {index} will ask again after {error:?}"
                );
            }
            _ => {}
        }
    }
}

/// Whether asking again gives the same answer.
fn is_final(error: &RedeemError) -> bool {
    use RedeemError::{AlreadyMember, AlreadyUsed, CancelledByInviter, Expired, Locked, Revoked};
    matches!(
        error,
        AlreadyMember | AlreadyUsed | CancelledByInviter | Expired | Locked | Revoked
    )
}
