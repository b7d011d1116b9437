//! The PIN proof against an independent implementation and the draft's vectors.

use std::convert::Infallible;

use curve25519_dalek::scalar::Scalar;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use pakery_cpace::{CpaceInitiator, CpaceMode, CpaceResponder};
use pakery_crypto::CpaceRistretto255;
use partyline::identity::EndpointId;
use partyline::invitation::{Binding, Exporter, InvitationId, InviteeRun, InviterRun, PakeError, Pin, Secret};
use partyline::party::PartyTag;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _, TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};

use crate::hex::{array, field, vectors};
use crate::reference::{self, lv};

/// Gives these bytes, then zeros: how a test chooses the scalar of a run.
struct Chosen(Vec<u8>);

impl TryRng for Chosen {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill(0);
        let len = to.len().min(self.0.len());
        to[..len].copy_from_slice(&self.0.drain(..len).collect::<Vec<_>>());
        Ok(())
    }
}

impl TryCryptoRng for Chosen {}

/// What the two proofs are, computed without the program's own code from the specification's formulas.
struct Expected {
    invitee_share: [u8; 32],
    inviter_share: [u8; 32],
    invitee_tag: [u8; 32],
    inviter_tag: [u8; 32],
}

/// The inputs of a run as bytes.
struct Inputs {
    pin: String,
    secret: [u8; 16],
    exporter: [u8; 32],
    invitee: [u8; 32],
    inviter: [u8; 32],
    invitation: [u8; 16],
    party_tag: [u8; 16],
    count: [u8; 2],
    frames: [Vec<u8>; 3],
    nonces: [[u8; 32]; 2],
    commitment: [u8; 32],
}

fn sha(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(lv(parts)).into()
}

fn mac(key: &[u8; 32], text: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(&text.concat());
    mac.finalize().into_bytes().into()
}

impl Inputs {
    fn random(rng: &mut StdRng) -> Self {
        let mut frame = |max: usize| {
            let mut bytes = vec![0; rng.random_range(0..=max)];
            rng.fill_bytes(&mut bytes);
            bytes
        };
        let frames = [frame(300), frame(200), frame(64)];
        Self {
            pin: format!("{:06}", rng.random_range(0..1_000_000_u32)),
            secret: rng.random(),
            exporter: rng.random(),
            invitee: rng.random(),
            inviter: rng.random(),
            invitation: rng.random(),
            party_tag: rng.random(),
            count: rng.random(),
            frames,
            nonces: rng.random(),
            commitment: rng.random(),
        }
    }

    fn binding<'a>(&'a self, exporter: &'a Exporter) -> Binding<'a> {
        Binding {
            exporter,
            invitee: EndpointId::from_bytes(self.invitee),
            inviter: EndpointId::from_bytes(self.inviter),
            invitation: InvitationId::from_bytes(self.invitation),
            party_tag: PartyTag::from_bytes(self.party_tag),
            generation: self.count[0],
            attempt: self.count[1],
            hello: &self.frames[0],
            hello_ack: &self.frames[1],
            pin_ready: &self.frames[2],
            invitee_nonce: self.nonces[0],
            inviter_nonce: self.nonces[1],
        }
    }

    fn prs(&self) -> Vec<u8> {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(Some(b"party-invite/1"), &self.secret)
            .expand(b"pake", &mut key)
            .unwrap();
        lv(&[self.pin.as_bytes(), &key])
    }

    fn ci(&self) -> Vec<u8> {
        let ends: [&[u8]; 4] = [b"invitee", &self.invitee, b"inviter", &self.inviter];
        let rest: [&[u8]; 3] = [&self.invitation, &self.party_tag, &self.exporter];
        [lv(&[b"party-invite/1 CI"]), lv(&ends), lv(&rest)].concat()
    }

    fn sid(&self) -> [u8; 32] {
        sha(&[b"party-invite/1 sid", &self.nonces[0], &self.nonces[1], &self.count])
    }

    fn session_key(&self, invitee: &Scalar, inviter: &Scalar) -> ([u8; 32], [u8; 32], [u8; 64]) {
        let [hello, ack, ready] = &self.frames;
        let generator = reference::generator(&self.prs(), &self.ci(), &self.sid());
        let (ya, yb) = (
            reference::multiply(invitee, &generator),
            reference::multiply(inviter, &generator),
        );
        let k = reference::multiply_checked(invitee, yb).unwrap();
        let (ad_a, ad_b) = (
            sha(&[b"party-invite/1 ADa", hello]),
            sha(&[b"party-invite/1 ADb", ack, ready]),
        );
        (
            ya,
            yb,
            reference::session_key(&self.sid(), &k, (&ya, &ad_a), (&yb, &ad_b)),
        )
    }

    fn expected(&self, invitee: &Scalar, inviter: &Scalar) -> Expected {
        let [hello, ack, ready] = &self.frames;
        let (ya, yb, isk) = self.session_key(invitee, inviter);
        let th = sha(&[
            b"party-invite/1 TH",
            &self.ci(),
            &self.sid(),
            hello,
            ack,
            ready,
            &ya,
            &yb,
        ]);
        let kdf = Hkdf::<Sha256>::new(Some(&th), &isk);
        let [mut k_j, mut k_i] = [[0; 32]; 2];
        kdf.expand(b"party-invite/1 confirm invitee", &mut k_j).unwrap();
        kdf.expand(b"party-invite/1 confirm inviter", &mut k_i).unwrap();
        let invitee_tag = mac(&k_j, &[&th, &self.commitment]);
        let inviter_tag = mac(&k_i, &[&th, &self.commitment, &invitee_tag]);
        Expected {
            invitee_share: ya,
            inviter_share: yb,
            invitee_tag,
            inviter_tag,
        }
    }

    /// Runs the program's own code with chosen scalars and compares every byte that it sends.
    fn check(&self, invitee: [u8; 32], inviter: [u8; 32]) -> Expected {
        let scalar = Scalar::from_bytes_mod_order;
        let expected = self.expected(&scalar(invitee), &scalar(inviter));
        let (pin, secret) = (Pin::parse(&self.pin, 6).unwrap(), Secret::from_bytes(self.secret));
        let exporter = Exporter::from_bytes(self.exporter);
        let binding = self.binding(&exporter);
        let mut rng = Chosen(invitee.to_vec());
        let (joining, share) = InviteeRun::start(&binding, &pin, &secret, &mut rng).unwrap();
        assert_eq!(share, expected.invitee_share);
        let mut rng = Chosen(inviter.to_vec());
        let (inviting, share) = InviterRun::respond(&binding, &pin, &secret, &share, &mut rng).unwrap();
        assert_eq!(share, expected.inviter_share);
        let (joining, tag) = joining.answer(&share, self.commitment).unwrap();
        assert_eq!(tag, expected.invitee_tag);
        let tag = inviting.verify(&self.commitment, &tag).unwrap();
        assert_eq!(tag, expected.inviter_tag);
        joining.verify(&tag).unwrap();
        expected
    }
}

#[test]
fn the_reference_passes_the_drafts_vectors() {
    let vectors = vectors(include_str!("../vectors/cpace_ristretto255.json"));
    let run = &vectors["run"];
    let (prs, ci, sid) = (field(run, "PRS"), field(run, "CI"), field(run, "sid"));
    let generator = reference::generator(&prs, &ci, &sid);
    assert_eq!(generator.compress().0, array(run, "g"));
    let scalar = |name| Scalar::from_bytes_mod_order(array(run, name));
    let (ya, yb) = (
        reference::multiply(&scalar("ya"), &generator),
        reference::multiply(&scalar("yb"), &generator),
    );
    assert_eq!(ya, array(run, "Ya"));
    assert_eq!(yb, array(run, "Yb"));
    let k = reference::multiply_checked(&scalar("ya"), yb).unwrap();
    assert_eq!(k, array(run, "K"));
    assert_eq!(reference::multiply_checked(&scalar("yb"), ya), Some(k));
    let isk = reference::session_key(&sid, &k, (&ya, &field(run, "ADa")), (&yb, &field(run, "ADb")));
    assert_eq!(isk.to_vec(), field(run, "ISK_IR"));

    let points = &vectors["points"];
    let s = Scalar::from_bytes_mod_order(array(&points["Valid"], "s"));
    let product = reference::multiply_checked(&s, array(&points["Valid"], "X"));
    assert_eq!(product, Some(array(&points["Valid"], "G.scalar_mult_vfy(s,X)")));
    for bad in ["Invalid Y1", "Invalid Y2"] {
        assert_eq!(reference::multiply_checked(&s, array(points, bad)), None, "{bad}");
    }
}

#[test]
fn the_crate_passes_the_drafts_vectors() {
    let vectors = vectors(include_str!("../vectors/cpace_ristretto255.json"));
    let run = &vectors["run"];
    let (prs, ci, sid) = (field(run, "PRS"), field(run, "CI"), field(run, "sid"));
    let (ad_a, ad_b) = (field(run, "ADa"), field(run, "ADb"));
    let (mut rng_a, mut rng_b) = (Chosen(field(run, "ya")), Chosen(field(run, "yb")));
    let mode = CpaceMode::InitiatorResponder;
    let (ya, state) = CpaceInitiator::<CpaceRistretto255>::start(&prs, &ci, &sid, &ad_a, &mut rng_a).unwrap();
    assert_eq!(ya, field(run, "Ya"));
    let (yb, responder) =
        CpaceResponder::<CpaceRistretto255>::respond(&ya, &prs, &ci, &sid, &ad_a, &ad_b, mode, &mut rng_b).unwrap();
    assert_eq!(yb, field(run, "Yb"));
    let initiator = state.finish(&yb, &ad_b, mode).unwrap();
    assert_eq!(initiator.isk.as_bytes(), field(run, "ISK_IR"));
    assert_eq!(responder.isk.as_bytes(), field(run, "ISK_IR"));
}

#[test]
fn the_crate_agrees_with_the_reference_on_300_random_runs() {
    let mut rng = StdRng::seed_from_u64(0x21);
    for n in 0..300_usize {
        let mut bytes = |len: usize| {
            let mut bytes = vec![0; len];
            rng.fill_bytes(&mut bytes);
            bytes
        };
        let (prs, ci, sid) = (bytes(n % 150), bytes(n * 7 % 301), bytes(n % 33));
        let (ad_a, ad_b) = (bytes(n % 140), bytes(n % 3));
        let (x, y) = (bytes(64), bytes(64));
        let wide = |bytes: &[u8]| Scalar::from_bytes_mod_order_wide(&bytes.try_into().unwrap());
        let generator = reference::generator(&prs, &ci, &sid);
        let yb = reference::multiply(&wide(&y), &generator);
        let (ya, state) =
            CpaceInitiator::<CpaceRistretto255>::start(&prs, &ci, &sid, &ad_a, &mut Chosen(x.clone())).unwrap();
        assert_eq!(ya, reference::multiply(&wide(&x), &generator), "run {n}");
        let k = reference::multiply_checked(&wide(&y), ya.clone().try_into().unwrap()).unwrap();
        let isk = reference::session_key(&sid, &k, (&ya, &ad_a), (&yb, &ad_b));
        let initiator = state.finish(&yb, &ad_b, CpaceMode::InitiatorResponder).unwrap();
        assert_eq!(initiator.isk.as_bytes(), isk, "run {n}");
    }
}

#[test]
fn the_whole_proof_agrees_with_the_specification_on_random_runs() {
    let mut rng = StdRng::seed_from_u64(0x22);
    for _ in 0..100 {
        Inputs::random(&mut rng).check(rng.random(), rng.random());
    }
}

#[test]
fn the_proof_of_the_specification_is_reproduced() {
    let v = vectors(include_str!("../vectors/pake.json"));
    let commitment = sha(&[b"party-invite/1 join", &field(&v, "join_body")]);
    assert_eq!(commitment, array(&v, "join_commit"));
    let number = |name: &str| u8::try_from(v[name].as_u64().unwrap()).unwrap();
    let inputs = Inputs {
        pin: v["pin"].as_str().unwrap().to_owned(),
        secret: array(&v, "secret"),
        exporter: array(&v, "exporter"),
        invitee: array(&v, "invitee"),
        inviter: array(&v, "inviter"),
        invitation: array(&v, "invitation"),
        party_tag: array(&v, "party_tag"),
        count: [number("generation"), number("attempt")],
        frames: [field(&v, "hello"), field(&v, "hello_ack"), field(&v, "pin_ready")],
        nonces: [array(&v, "invitee_nonce"), array(&v, "inviter_nonce")],
        commitment,
    };
    assert_eq!(inputs.prs(), field(&v, "PRS"));
    assert_eq!(inputs.ci(), field(&v, "CI"));
    assert_eq!(inputs.sid(), array::<32>(&v, "sid"));
    assert_eq!(sha(&[b"party-invite/1 ADa", &inputs.frames[0]]), array(&v, "ADa"));
    assert_eq!(
        sha(&[b"party-invite/1 ADb", &inputs.frames[1], &inputs.frames[2]]),
        array(&v, "ADb")
    );
    let scalar = |name| Scalar::from_bytes_mod_order(array(&v, name));
    let (_, _, isk) = inputs.session_key(&scalar("invitee_scalar"), &scalar("inviter_scalar"));
    assert_eq!(isk.to_vec(), field(&v, "ISK"));
    let (ya, yb): ([u8; 32], [u8; 32]) = (array(&v, "Ya"), array(&v, "Yb"));
    let [hello, ack, ready] = &inputs.frames;
    let th = sha(&[
        b"party-invite/1 TH",
        &inputs.ci(),
        &inputs.sid(),
        hello,
        ack,
        ready,
        &ya,
        &yb,
    ]);
    assert_eq!(th, array(&v, "TH"));
    for (label, key) in [("invitee", "k_cj"), ("inviter", "k_ci")] {
        let mut okm = [0; 32];
        let label = format!("party-invite/1 confirm {label}");
        Hkdf::<Sha256>::new(Some(&th), &isk)
            .expand(label.as_bytes(), &mut okm)
            .unwrap();
        assert_eq!(okm, array(&v, key));
    }
    let sent = inputs.check(array(&v, "invitee_scalar"), array(&v, "inviter_scalar"));
    assert_eq!(sent.invitee_share, ya);
    assert_eq!(sent.inviter_share, yb);
    assert_eq!(sent.invitee_tag, array(&v, "tag_j"));
    assert_eq!(sent.inviter_tag, array(&v, "tag_i"));
}

#[test]
fn bad_encodings_are_refused_on_both_sides() {
    let v = vectors(include_str!("../vectors/ristretto255_bad.json"));
    let inputs = Inputs::random(&mut StdRng::seed_from_u64(3));
    let (pin, secret) = (Pin::parse(&inputs.pin, 6).unwrap(), Secret::from_bytes(inputs.secret));
    let exporter = Exporter::from_bytes(inputs.exporter);
    let binding = inputs.binding(&exporter);
    let mut rng = StdRng::seed_from_u64(4);
    for bad in v["encodings"].as_array().unwrap() {
        let share: [u8; 32] = crate::hex::bytes(bad.as_str().unwrap()).try_into().unwrap();
        let inviting = InviterRun::respond(&binding, &pin, &secret, &share, &mut rng);
        assert_eq!(inviting.unwrap_err(), PakeError::BadPoint, "{bad}");
        let (joining, _) = InviteeRun::start(&binding, &pin, &secret, &mut rng).unwrap();
        assert_eq!(
            joining.answer(&share, [1; 32]).unwrap_err(),
            PakeError::BadPoint,
            "{bad}"
        );
    }
}
