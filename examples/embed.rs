//! Another egui app that shows Partyline's two dialogs: `cargo run --example embed [FOLDER]`.
//!
//! Three things to do: `ui::install` once, `apply` each event of the worker, `show` in each frame and carry out the action.

use std::path::PathBuf;
use std::time::Duration;

use eframe::egui::{CentralPanel, Context, Ui};
use partyline::party::PartyId;
use partyline::ui::{
    self, Clipboard, Frame, InviteAction, InviteDialog, RedeemAction, RedeemDialog, Requests, Scanner,
};
use partyline::worker::{
    Clock, Command, Config, Event, NetworkMode, PartyView, ProfileView, Protection, RequestId, WorkerHandle,
};

/// How long the window may sleep while a dialog counts down.
const TICK: Duration = Duration::from_secs(1);

/// An app of one's own.
struct Notebook {
    worker: WorkerHandle,
    requests: Requests,
    clock: Clock,
    clipboard: Clipboard,
    scanner: Scanner,
    parties: Vec<PartyView>,
    invite: Option<InviteDialog>,
    redeem: Option<RedeemDialog>,
    status: String,
}

impl Notebook {
    fn send(&mut self, request: RequestId, command: Command) {
        if let Err(gone) = self.worker.send(request, command) {
            self.status = gone.to_string();
        }
    }

    fn ask(&mut self, command: Command) {
        self.send(self.requests.next(), command);
    }

    /// What the worker tells goes to both dialogs and to the app itself.
    fn apply(&mut self, event: &Event) {
        if let Some(dialog) = &mut self.invite {
            dialog.apply(event);
        }
        if let Some(dialog) = &mut self.redeem {
            dialog.apply(event);
        }
        match event {
            Event::ProfileChanged {
                profile: ProfileView::New { .. },
                ..
            } => {
                // An example's profile; an app of one's own asks for the name and protects the key.
                let (name, protection) = ("Embedder".to_owned(), Protection::Unprotected);
                self.ask(Command::CreateProfile { name, protection });
            }
            Event::ProfileChanged {
                profile: ProfileView::Open { name, .. },
                ..
            } => self.status = format!("Hello, {name}"),
            Event::PartyChanged { party } => {
                self.parties.retain(|known| known.id != party.id);
                self.parties.push(PartyView::clone(party));
            }
            Event::Failed { failure, .. } => self.status = partyline::failure::words::problem(failure).into_owned(),
            _ => {}
        }
    }

    fn own_content(&mut self, ui: &mut Ui) {
        ui.heading("A notebook of mine");
        ui.label(&self.status);
        if ui.button("New party").clicked() {
            self.ask(Command::CreateParty {
                name: "Notebook".to_owned(),
            });
        }
        if ui.button("Join with a code").clicked() {
            self.redeem = Some(RedeemDialog::new());
        }
        let mut invite_to: Option<(PartyId, String)> = None;
        for party in &self.parties {
            ui.horizontal(|ui| {
                ui.label(format!("{} ({} members)", party.name, party.members.len()));
                if ui.button("Invite").clicked() {
                    invite_to = Some((party.id, party.name.clone()));
                }
            });
        }
        if let Some((party, name)) = invite_to {
            self.invite = Some(InviteDialog::new(party, name));
        }
    }

    /// Pictures of a QR that were read meanwhile, and whether there is a camera.
    fn take_scanned(&mut self) {
        while let Some(scanned) = self.scanner.answer() {
            if let Some(dialog) = &mut self.redeem {
                dialog.take_scanned(scanned);
            }
        }
    }

    /// Shows what is open, and carries out what the person asks for there.
    fn dialogs(&mut self, ctx: &Context) {
        let frame = Frame {
            now: self.clock.now(),
            requests: &self.requests,
        };
        let invite = self.invite.as_mut().and_then(|dialog| dialog.show(ctx, &frame));
        let redeem = self.redeem.as_mut().and_then(|dialog| dialog.show(ctx, &frame));
        match invite {
            Some(InviteAction::Send(request, command)) => self.send(request, command),
            Some(InviteAction::SendAll(all)) => {
                for (request, command) in all {
                    self.send(request, command);
                }
            }
            Some(InviteAction::Copy(secret)) => self.clipboard.copy(ctx, secret),
            Some(InviteAction::CopyText(text)) => ctx.copy_text(text),
            Some(InviteAction::Close) => self.invite = None,
            None => {}
        }
        match redeem {
            Some(RedeemAction::Send(request, command)) => self.send(request, command),
            Some(RedeemAction::Scan(request, picture)) => {
                self.scanner.scan(ctx, ctx.viewport_id(), request, picture);
            }
            Some(RedeemAction::Watch(request, camera, viewfinder)) => {
                self.scanner.watch(ctx, ctx.viewport_id(), request, camera, viewfinder);
            }
            Some(RedeemAction::FindCameras) => self.scanner.find_cameras(ctx, ctx.viewport_id()),
            Some(RedeemAction::SendAndClose(request, command)) => {
                self.send(request, command);
                self.redeem = None;
            }
            Some(_) => self.redeem = None,
            None => {}
        }
        if self.invite.is_some() || self.redeem.is_some() {
            ctx.request_repaint_after(TICK);
        }
    }
}

impl eframe::App for Notebook {
    fn logic(&mut self, _ctx: &Context, _frame: &mut eframe::Frame) {
        while let Some(event) = self.worker.try_next() {
            self.apply(&event);
        }
        self.take_scanned();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        CentralPanel::default().show(ui, |ui| self.own_content(ui));
        self.dialogs(&ui.ctx().clone());
    }
}

fn main() -> eframe::Result {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| std::env::temp_dir().join("partyline-embed"), PathBuf::from);
    eframe::run_native(
        "Notebook",
        eframe::NativeOptions::default(),
        Box::new(move |cc| {
            ui::install(&cc.egui_ctx);
            let ctx = cc.egui_ctx.clone();
            let config = Config {
                data_dir: folder,
                network: NetworkMode::LocalNetwork,
            };
            let worker = WorkerHandle::spawn(config, move || ctx.request_repaint())?;
            Ok(Box::new(Notebook {
                worker,
                requests: Requests::default(),
                clock: Clock::system(),
                clipboard: Clipboard::new(),
                scanner: Scanner::new(),
                parties: Vec::new(),
                invite: None,
                redeem: None,
                status: String::new(),
            }))
        }),
    )
}
