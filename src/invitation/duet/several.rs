//! One code for several people: whose wrong PINs count for how much.

use crate::invitation::inviter::Status;
use crate::invitation::{InviteCode, MAX_WRONG_PER_DEVICE, MAX_WRONG_PINS, RedeemError};

use super::*;

fn the_code() -> InviteCode {
    InviteCode::parse(&code().to_text()).expect("the code")
}

/// A device comes and types so many wrong PINs.
fn guesses(duet: &mut Duet, number: u8, count: u8) {
    duet.another(number, the_code());
    duet.play(Scene::HelloSent, Scene::PinAsked);
    (0..count).for_each(|_| duet.try_wrong_pin());
}

/// Its person types the PIN that is shown, and is in.
fn comes_in(duet: &mut Duet) {
    duet.type_shown_pin();
    duet.deliver_all();
    duet.admit();
    duet.deliver_all();
}

fn is_out(duet: &Duet) -> bool {
    let error = RedeemError::OutOfTries;
    duet.invitee_stage() == RedemptionStage::Failed { error }
}

#[test]
fn who_cannot_type_takes_a_third_of_the_tries_and_no_more() {
    let mut duet = Duet::new(5);
    guesses(&mut duet, 2, MAX_WRONG_PER_DEVICE);
    assert!(is_out(&duet), "{:?}", duet.invitee_stage());
    assert_eq!(duet.inviter_stage(), InvitationStage::Code { device_left: true });
    // Not by asking again either, nor after a restart of the inviter.
    duet.restart_inviter();
    duet.another(2, the_code());
    duet.tell_invitee(invitee::Input::Start);
    duet.deliver_all();
    assert!(is_out(&duet) && duet.shown_pin().is_none());
    assert_eq!(duet.wrong_total(), MAX_WRONG_PER_DEVICE);
    guesses(&mut duet, 3, 0);
    comes_in(&mut duet);
    assert_eq!(
        (duet.inviter().record().uses, duet.inviter().record().status),
        (1, Status::Open)
    );
}

#[test]
fn slips_of_those_who_come_in_cost_the_others_nothing() {
    let mut duet = Duet::new(20);
    for number in 2..=12 {
        guesses(&mut duet, number, 2);
        comes_in(&mut duet);
        assert_eq!(duet.wrong_total(), 0);
    }
    assert_eq!(duet.inviter().record().uses, 11);
}

#[test]
fn however_many_uses_there_are_the_ninth_guess_of_those_who_stay_out_is_the_last() {
    let mut duet = Duet::new(1000);
    for number in 2..=4 {
        guesses(&mut duet, number, MAX_WRONG_PER_DEVICE);
        // Meanwhile others come in, and give back no more than their own slips.
        if number < 4 {
            guesses(&mut duet, number + 10, 1);
            comes_in(&mut duet);
        }
    }
    assert_eq!(duet.wrong_total(), MAX_WRONG_PINS);
    assert_eq!(duet.inviter().record().status, Status::Locked);
}

#[test]
fn where_one_person_is_invited_their_device_has_all_the_tries() {
    let mut duet = Duet::new(1);
    guesses(&mut duet, 2, MAX_WRONG_PER_DEVICE);
    assert!(!is_out(&duet));
    duet.tell_inviter(inviter::Input::ShowNewPin);
    duet.deliver_all();
    comes_in(&mut duet);
    assert_eq!(duet.inviter().record().status, Status::Used);
}
