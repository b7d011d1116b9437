//! The window once the profile is open: parties on the left, one party on the right.

mod files;
mod header;
mod in_place;
mod invitations;
pub(crate) mod members;
mod messages;
mod notes;
mod notices;
mod reorder;
mod sidebar;
mod tabs;
mod tasks;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{CentralPanel, Frame as Panel, Margin, Sense, Ui, Vec2, vec2};
use lucide_icons::Icon;

use self::files::FileList;
use self::messages::Conversation;
use self::notes::Notes;
pub(crate) use self::notices::Notice;
use self::tabs::Tab;
use self::tasks::TaskList;
use super::chooser::Purpose;
use super::fonts::Type;
use super::model::Model;
use super::scene::Scene;
use super::small_dialogs::Question;
use super::text;
use super::theme::space;
use super::widgets::{Button, Kind, Tone, banner, label, paint_icon, paragraph, tokens};
use crate::identity::IdentityId;
use crate::invitation::InvitationId;
use crate::party::{FileId, ItemId, PartyId, Role};
use crate::worker::{Command, Event, PartyHealth, PartyView, RedemptionId, RequestId};

/// Narrower than this the members stand above the tasks instead of beside them, and only when asked for. In points.
const ROOM_FOR_MEMBERS: f32 = 620.0;

/// What was clicked in the main window.
#[derive(Clone)]
pub(crate) enum MainAction {
    CreateParty,
    Join,
    /// Shows this party.
    Select(PartyId),
    Settings,
    Invite(PartyId),
    Rename(PartyId),
    Ask(Question),
    ShowInvitation(InvitationId),
    /// Copies the code of an invitation again, as the secret that it is.
    CopyCode(InvitationId),
    /// Shows a party's page of invitations.
    ShowInvitations(PartyId),
    ShowRedemption(RedemptionId),
    InviteAgain(PartyId),
    Dismiss(usize),
    Search,
    ShowShortcuts,
    ShowDeleted(PartyId),
    ShowMember(PartyId, IdentityId),
    /// A thing and its title.
    ShowHistory(PartyId, ItemId, String),
    Choose(Purpose),
    /// Adds the file at this path.
    AddFile(PartyId, PathBuf),
    /// Takes away what is said of a transfer that has failed.
    DismissTransfer(FileId),
    Copy(String),
    /// Shows a file with the program that it belongs to.
    OpenFile(PartyId, FileId),
    Say(Notice),
    Send(RequestId, Command),
    /// Sends what the person has not asked for: that it failed is not worth a notice.
    SendQuietly(RequestId, Command),
}

/// What the person has chosen to see, and what is half typed.
#[derive(Default)]
pub(crate) struct MainWindow {
    selected: Option<PartyId>,
    tab: Tab,
    members: Members,
    tasks: TaskList,
    notes: Notes,
    messages: Conversation,
    files: FileList,
}

/// Whether the members are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Members {
    /// Nobody has chosen: where there is room beside the tasks.
    #[default]
    WithRoom,
    Shown,
    Hidden,
}

/// Where the members are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Beside,
    Above,
    Nowhere,
}

impl Members {
    fn place(self, width: f32) -> Place {
        match (self, width > ROOM_FOR_MEMBERS) {
            (Self::WithRoom | Self::Shown, true) => Place::Beside,
            (Self::Shown, false) => Place::Above,
            (Self::WithRoom, false) | (Self::Hidden, _) => Place::Nowhere,
        }
    }

    /// The other choice than the one that is seen.
    const fn toggled(place: Place) -> Self {
        match place {
            Place::Beside | Place::Above => Self::Hidden,
            Place::Nowhere => Self::Shown,
        }
    }
}

impl MainWindow {
    pub(crate) const fn select(&mut self, party: PartyId) {
        self.selected = Some(party);
    }

    /// Goes to a party's page of invitations.
    pub(crate) const fn show_invitations(&mut self, party: PartyId) {
        self.selected = Some(party);
        self.tab = Tab::Invitations;
    }

    /// The party whose page is shown.
    pub(crate) fn party_shown(&self, model: &Model) -> Option<PartyId> {
        self.shown(model).map(|party| party.id)
    }

    /// The party whose page of invitations is shown.
    pub(crate) fn invitations_shown(&self, model: &Model) -> Option<PartyId> {
        self.party_shown(model).filter(|_| self.tab == Tab::Invitations)
    }

    /// Goes to one thing.
    pub(crate) fn jump(&mut self, party: PartyId, item: ItemId) {
        self.selected = Some(party);
        self.tab = Tab::of(item);
        match item {
            ItemId::Task(task) => self.tasks.reveal(task),
            ItemId::Note(note) => self.notes.choose(party, note),
            ItemId::Message(message) => self.messages.reveal(message),
            ItemId::File(file) => self.files.reveal(file),
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        self.tasks.apply(event);
        self.notes.apply(event);
        self.messages.apply(event);
        self.files.apply(event);
    }

    /// What has been typed and is not with the worker yet, when the window closes.
    pub(crate) fn unsent(&mut self, request: impl FnMut() -> RequestId) -> Vec<(RequestId, Command)> {
        self.notes.flush(request)
    }

    /// The party that is shown: the one chosen, else the first.
    fn shown<'m>(&self, model: &'m Model) -> Option<&'m Arc<PartyView>> {
        self.selected
            .and_then(|id| model.party(id))
            .or_else(|| model.parties.first())
    }

    pub(crate) fn view(&mut self, ui: &mut Ui, notices: &[Notice], scene: &Scene<'_>) -> Vec<MainAction> {
        let t = tokens(ui);
        let model = scene.model;
        let mut actions = Vec::new();
        let shown = self.shown(model).map(Arc::clone);
        match sidebar::view(ui, model, shown.as_ref().map(|party| party.id)) {
            Some(sidebar::Clicked::Party(party)) => self.selected = Some(party),
            Some(sidebar::Clicked::Action(action)) => actions.push(action),
            None => {}
        }
        actions.extend(shortcuts(ui));
        let open = shown.as_ref().filter(|_| self.tab == Tab::Notes).map(|party| party.id);
        self.notes.tend(ui, open, scene, &mut actions);
        let Some(party) = shown else {
            let panel = CentralPanel::no_frame().frame(Panel::new().fill(t.bg));
            panel.show(ui, |ui| {
                actions.extend(notices::view(ui, model, None, notices));
                actions.extend(no_parties(ui));
            });
            return actions;
        };
        // The last invitation has gone, and nobody here may make another.
        if self.tab == Tab::Invitations && !invitations::is_offered(&party, model) {
            self.tab = Tab::Tasks;
        }
        actions.extend(dropped(ui, &party, self.tab));
        let place = self.members.place(ui.available_width());
        match header::view(ui, &party, model, self.tab) {
            Some(header::Clicked::ToggleMembers) => self.members = Members::toggled(place),
            Some(header::Clicked::Tab(tab)) => self.tab = tab,
            Some(header::Clicked::Action(action)) => actions.push(action),
            None => {}
        }
        if place == Place::Beside {
            actions.extend(members::view_beside(ui, &party, scene));
        }
        let margin = Margin {
            left: 24,
            right: if place == Place::Beside { 16 } else { 24 },
            top: 24,
            bottom: 0,
        };
        let panel = CentralPanel::no_frame().frame(Panel::new().fill(t.bg).inner_margin(margin));
        panel.show(ui, |ui| {
            actions.extend(notices::view(ui, model, Some(party.id), notices));
            standing(ui, &party);
            if place == Place::Above {
                actions.extend(members::view_above(ui, &party, scene));
            }
            if self.tab != Tab::Messages {
                self.messages.leave();
            }
            match self.tab {
                Tab::Tasks => self.tasks.view(ui, &party, scene, &mut actions),
                Tab::Notes => self.notes.view(ui, &party, scene, &mut actions),
                Tab::Messages => self.messages.view(ui, &party, scene, &mut actions),
                Tab::Files => self.files.view(ui, &party, scene, &mut actions),
                Tab::Invitations => invitations::view(ui, &party, scene, &mut actions),
            }
        });
        // "Today" is another day then.
        ui.ctx()
            .request_repaint_after(scene.calendar.until_midnight(scene.now()));
        actions
    }
}

/// Why a party cannot be changed here, if it cannot.
fn standing(ui: &mut Ui, party: &PartyView) {
    let (tone, icon, sentence) = match (party.role, party.health) {
        (None, _) => (Tone::Warning, Icon::Info, text::NOT_MEMBER),
        (_, PartyHealth::Incomplete) => (Tone::Warning, Icon::TriangleAlert, text::INCOMPLETE),
        (Some(Role::Reader), _) => (Tone::Plain, Icon::Eye, text::READ_ONLY),
        (Some(_), PartyHealth::Whole) => return,
    };
    banner(ui, tone, icon, sentence);
    ui.add_space(space::S);
}

/// Whether the person at this machine may change what is in the party.
pub(crate) fn may_write(party: &PartyView) -> bool {
    party.health == PartyHealth::Whole && party.role.is_some_and(|role| role >= Role::Editor)
}

/// A member's name, or what stands for it.
pub(crate) fn member_name(party: &PartyView, identity: IdentityId) -> &str {
    let member = party.members.iter().find(|member| member.identity == identity);
    member
        .and_then(|member| member.name.as_deref())
        .unwrap_or(text::UNNAMED)
}

/// What friends call somebody.
pub(crate) fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// The beginning of a text, in one line.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(40).collect();
    words.join(" ").chars().take(160).collect()
}

/// What the keyboard alone can open. Not while a dialog is: the keys are its own then.
fn shortcuts(ui: &Ui) -> Option<MainAction> {
    if is_covered(ui) {
        return None;
    }
    let search = ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, egui::Key::F));
    let typing = ui.ctx().text_edit_focused();
    let help = !typing
        && ui.input(|input| {
            input
                .events
                .iter()
                .any(|event| matches!(event, egui::Event::Text(text) if text == "?"))
        });
    match (search, help) {
        (true, _) => Some(MainAction::Search),
        (false, true) => Some(MainAction::ShowShortcuts),
        (false, false) => None,
    }
}

/// Whether a dialog is open: it takes the keys and what is dropped for itself.
fn is_covered(ui: &Ui) -> bool {
    ui.ctx().memory(|memory| memory.top_modal_layer().is_some())
}

/// Whether files are being dragged over the window, and would be added if they were let go.
fn would_drop(ui: &Ui) -> bool {
    !is_covered(ui) && ui.input(|input| !input.raw.hovered_files.is_empty())
}

/// Files that were dropped anywhere on the window are added to the party that is shown.
fn dropped(ui: &Ui, party: &PartyView, tab: Tab) -> Vec<MainAction> {
    if is_covered(ui) || !may_write(party) {
        return Vec::new();
    }
    if would_drop(ui) {
        drop_hint(ui, tab);
    }
    let paths: Vec<PathBuf> = ui.input(|input| {
        let files = input.raw.dropped_files.iter();
        files.map(|file| file.path().to_path_buf()).collect()
    });
    let add = |path| MainAction::AddFile(party.id, path);
    paths.into_iter().map(add).collect()
}

/// A frame around the party, and where the files would go: among the files the place to drop them says so.
fn drop_hint(ui: &Ui, tab: Tab) {
    let t = tokens(ui);
    let place = ui.available_rect_before_wrap().shrink(4.0);
    let id = egui::Id::unique("drop");
    let layer = egui::LayerId::new(egui::Order::Foreground, id);
    let stroke = egui::Stroke::new(2.0, t.accent);
    ui.ctx()
        .layer_painter(layer)
        .rect_stroke(place, super::theme::radius::CARD, stroke, egui::StrokeKind::Inside);
    if tab == Tab::Files {
        return;
    }
    let words = egui::Area::new(id.with("words"))
        .order(egui::Order::Foreground)
        .interactable(false)
        .pivot(egui::Align2::CENTER_CENTER)
        .fixed_pos(place.center());
    words.show(ui.ctx(), |ui| {
        let panel = Panel::new()
            .fill(t.accent_soft)
            .stroke(egui::Stroke::new(1.0, t.accent))
            .corner_radius(super::theme::radius::CARD)
            .inner_margin(Margin::symmetric(20, 14));
        panel.show(ui, |ui| label(ui, Type::Body, t.text, text::DROP_INTO_FILES));
    });
}

/// The first thing that a new person sees after their name.
fn no_parties(ui: &mut Ui) -> Option<MainAction> {
    let top = (ui.available_height() / 2.0 - 130.0).max(space::XL);
    ui.add_space(top);
    empty(ui, Icon::PartyPopper, text::NO_PARTIES, text::NO_PARTIES_MEANS);
    ui.add_space(space::L);
    ui.vertical_centered(|ui| {
        let size = vec2(360.0, super::theme::height::CONTROL);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            let join = Button::new(Kind::Secondary, text::JOIN_WITH_CODE)
                .icon(Icon::Ticket)
                .width(176.0);
            let join = ui.add(join).clicked().then_some(MainAction::Join);
            let create = Button::new(Kind::Primary, text::CREATE_PARTY)
                .icon(Icon::Plus)
                .width(176.0);
            join.or(ui.add(create).clicked().then_some(MainAction::CreateParty))
        })
        .inner
    })
    .inner
}

/// An icon in a circle, a heading, a sentence: where there is nothing yet.
fn empty(ui: &mut Ui, icon: Icon, title: &str, sentence: &str) {
    let t = tokens(ui);
    ui.vertical_centered(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(56.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), 28.0, t.sunken);
        paint_icon(ui.painter(), rect.center(), 24.0, t.muted, icon);
        ui.add_space(space::S);
        label(ui, Type::Heading, t.text, title);
        let size = vec2(ui.available_width().min(400.0), 0.0);
        ui.allocate_ui_with_layout(size, egui::Layout::top_down(egui::Align::Center), |ui| {
            paragraph(ui, Type::Body, t.muted, sentence);
        });
    });
}
