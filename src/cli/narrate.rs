//! What there is to tell between two looks at an invitation or a redemption. No IO.
//!
//! A view may be looked at after several changes; what happened in between is told as far as the two views show it. Wrong
//! PINs are counted, so none of them goes untold.

use super::json::{self, Report};
use crate::invitation::{InvitationStage, MAX_WRONG_PER_PIN, PinNotice, RedemptionStage};
use crate::worker::{InvitationView, RedemptionView};

/// What the inviter is told.
pub(super) fn invitation(before: &InvitationView, now: &InvitationView) -> Vec<Report> {
    if before == now {
        return Vec::new();
    }
    let invitation = || now.id.to_string();
    let mut told = newcomers(before, now);
    // Whoever was here is in; the next device is another one.
    let was_here = told.is_empty() && device_is_here(&before.stage);
    told.extend(shown_nearby(before, now));
    // Somebody redeemed and left between two looks: `device_left` alone says so.
    if !was_here && (device_is_here(&now.stage) || left(&now.stage) && !left(&before.stage)) {
        told.push(Report::PeerConnected {
            invitation: invitation(),
        });
    }
    let wrong_now = wrong_pins(now);
    let wrong_before = if told.is_empty() {
        before.wrong_pins
    } else {
        wrong_pins(before)
    };
    for wrong_in_all in wrong_before.saturating_add(1)..=wrong_now {
        let still_unseen = wrong_now - wrong_in_all;
        let tries_left = tries_left(&now.stage)
            .saturating_add(still_unseen)
            .min(MAX_WRONG_PER_PIN);
        told.push(Report::WrongPin {
            invitation: invitation(),
            tries_left,
            wrong_in_all: Some(wrong_in_all),
        });
    }
    match &now.stage {
        InvitationStage::Code { device_left } if was_here || *device_left && !left(&before.stage) => {
            told.push(Report::PeerLeft {
                invitation: invitation(),
            });
        }
        InvitationStage::Code { .. } | InvitationStage::OnlyHere => {}
        InvitationStage::OfflineReady { devices } => told.extend(offline_ready(before, *devices)),
        InvitationStage::Pin { pin, expires, .. } => {
            let same = matches!(&before.stage, InvitationStage::Pin { pin: shown, expires: until, .. } if shown == pin && until == expires);
            if !same {
                told.push(Report::Pin {
                    invitation: invitation(),
                    pin: pin.digits().to_owned(),
                    expires_ms: expires.as_millis(),
                    tries_left: tries_left(&now.stage),
                });
            }
        }
        InvitationStage::PinVoid { reason, .. } => {
            if !matches!(&before.stage, InvitationStage::PinVoid { .. }) {
                told.push(Report::PinVoid {
                    invitation: invitation(),
                    reason: Some(json::void_reason(*reason)),
                });
            }
        }
        InvitationStage::Admitting => told.push(Report::PinAccepted {
            invitation: invitation(),
        }),
        // The newcomers were told first.
        InvitationStage::Admitted { .. }
        // The command's end tells these.
        | InvitationStage::Locked | InvitationStage::Revoked | InvitationStage::Expired => {}
    }
    let count = waiting(&now.stage);
    if count != waiting(&before.stage) && device_is_here(&now.stage) {
        told.push(Report::OthersWaiting {
            invitation: invitation(),
            count,
            leaked: leaked(now, count),
        });
    }
    told
}

/// Who has come in meanwhile, each with the acceptance of their PIN if that was not told yet.
fn newcomers(before: &InvitationView, now: &InvitationView) -> Vec<Report> {
    let mut told = Vec::new();
    for (index, newcomer) in now.admitted.iter().enumerate().skip(before.admitted.len()) {
        let first = index == before.admitted.len();
        if !first || !device_is_here(&before.stage) {
            told.push(Report::PeerConnected {
                invitation: now.id.to_string(),
            });
        }
        if !first || before.stage != InvitationStage::Admitting {
            told.push(Report::PinAccepted {
                invitation: now.id.to_string(),
            });
        }
        let uses = index + 1;
        if now.is_for_device() {
            told.push(Report::DeviceAdded {
                invitation: now.id.to_string(),
                name: newcomer.name.clone(),
            });
            continue;
        }
        told.push(Report::Admitted {
            invitation: now.id.to_string(),
            party: now.party.to_string(),
            member: newcomer.member.to_string(),
            name: newcomer.name.clone(),
            uses,
            uses_left: now.max_uses.saturating_sub(u32::try_from(uses).unwrap_or(u32::MAX)),
        });
    }
    told
}

/// Whether it is shown in the local network from now on, or not any more.
fn shown_nearby(before: &InvitationView, now: &InvitationView) -> Option<Report> {
    let invitation = now.id.to_string();
    match (&before.nearby, &now.nearby) {
        (None, Some(shown)) => Some(Report::ShownNearby {
            invitation,
            label: shown.label().to_string(),
        }),
        (Some(_), None) => Some(Report::HiddenNearby { invitation }),
        _ => None,
    }
}

/// Whether more people wait than can still come in: the one who holds the place needs a use, too. Nearby anybody may try.
fn leaked(invitation: &InvitationView, waiting: u8) -> bool {
    invitation.nearby.is_none() && u32::from(waiting) >= invitation.uses_left()
}

/// Told once: the inviter may go.
fn offline_ready(before: &InvitationView, devices: usize) -> Option<Report> {
    let was_ready = matches!(&before.stage, InvitationStage::OfflineReady { .. });
    let invitation = before.id.to_string();
    (!was_ready).then_some(Report::OfflineReady { invitation, devices })
}

/// How many PINs were wrong. While the member is being added the right one still counts as a try, which the admission gives
/// back.
const fn wrong_pins(invitation: &InvitationView) -> u8 {
    match invitation.stage {
        InvitationStage::Admitting => invitation.wrong_pins.saturating_sub(1),
        _ => invitation.wrong_pins,
    }
}

const fn device_is_here(stage: &InvitationStage) -> bool {
    matches!(
        stage,
        InvitationStage::Pin { .. } | InvitationStage::PinVoid { .. } | InvitationStage::Admitting
    )
}

const fn left(stage: &InvitationStage) -> bool {
    matches!(stage, InvitationStage::Code { device_left: true })
}

const fn tries_left(stage: &InvitationStage) -> u8 {
    match stage {
        InvitationStage::Pin { wrong, .. } => MAX_WRONG_PER_PIN.saturating_sub(*wrong),
        _ => 0,
    }
}

const fn waiting(stage: &InvitationStage) -> u8 {
    match stage {
        InvitationStage::Pin { waiting, .. } | InvitationStage::PinVoid { waiting, .. } => *waiting,
        _ => 0,
    }
}

/// What the invitee is told of a new stage.
pub(super) fn redemption(now: &RedemptionView) -> Vec<Report> {
    let invitation = now.invitation.to_string();
    match &now.stage {
        RedemptionStage::Connecting { failed_tries } => {
            vec![Report::Connecting {
                invitation,
                failed_tries: *failed_tries,
            }]
        }
        RedemptionStage::InviterOffline => vec![Report::InviterOffline { invitation }],
        RedemptionStage::MembersOffline { next_try } => vec![Report::MembersOffline {
            invitation,
            next_try_ms: next_try.as_millis(),
        }],
        RedemptionStage::WaitsForApproval { fingerprint, next_poll } => vec![Report::WaitsForApproval {
            invitation,
            fingerprint: fingerprint.to_string(),
            next_poll_ms: next_poll.as_millis(),
        }],
        RedemptionStage::Queued { position } => vec![Report::Queued {
            invitation,
            position: *position,
        }],
        RedemptionStage::EnterPin {
            notice: Some(PinNotice::Void),
            ..
        } => {
            vec![Report::PinVoid {
                invitation,
                reason: None,
            }]
        }
        RedemptionStage::EnterPin {
            digits,
            expires,
            tries_left,
            notice,
        } => {
            let mut told = Vec::new();
            if *notice == Some(PinNotice::Wrong) {
                let invitation = invitation.clone();
                told.push(Report::WrongPin {
                    invitation,
                    tries_left: *tries_left,
                    wrong_in_all: None,
                });
            }
            told.push(Report::PinRequested {
                invitation,
                digits: *digits,
                expires_ms: expires.as_millis(),
                tries_left: *tries_left,
                notice: notice.map(json::notice),
            });
            told
        }
        RedemptionStage::Checking => vec![Report::Checking { invitation }],
        RedemptionStage::Joining { party, inviter, role } => vec![Report::Joining {
            invitation,
            party_name: party.clone(),
            inviter: inviter.clone(),
            role: json::role(*role),
        }],
        RedemptionStage::Pairing { person, device } => vec![Report::Pairing {
            invitation,
            person: person.clone(),
            device: device.clone(),
        }],
        // The command's end tells these.
        RedemptionStage::Joined { .. }
        | RedemptionStage::Paired { .. }
        | RedemptionStage::Failed { .. }
        | RedemptionStage::Cancelled => Vec::new(),
    }
}
