//! This person's devices: who they are, one more, one fewer; and the recovery phrase.

use std::sync::Arc;

use egui::{Align, Context, Id, Layout, Ui};
use lucide_icons::Icon;
use zeroize::Zeroizing;

use super::phrase::PhrasePages;
use super::{Order, SmallAction, refusal};
use crate::identity::{DeviceId, RecoveryPhrase};
use crate::ui::fonts::Type;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Dialog, Kind, State, footer, label, label_truncated, lines, paragraph, phrase_field, right, row, tokens,
};
use crate::worker::{Command, DeviceView, DevicesView, Event, KeyView, Presence, RequestId};

/// Width of what is inside, in points.
const WIDTH: f32 = 460.0;
/// Height of a device's row, in points.
const ROW: f32 = 48.0;

/// The devices are in the model.
pub(crate) struct DevicesDialog {
    page: Page,
    order: Order,
}

enum Page {
    List,
    Remove {
        device: DeviceId,
        name: String,
    },
    Phrase(PhrasePages),
    /// The phrase is typed here, so that this device can add others.
    Hold {
        typed: Zeroizing<String>,
    },
}

/// A click on a page.
enum Click {
    Add,
    AskRemoval(DeviceId, String),
    Remove(DeviceId),
    Keep,
    ShowPhrase,
    PhraseKept,
    AskPhrase,
    Hold(Arc<RecoveryPhrase>),
    Close,
}

impl DevicesDialog {
    pub(crate) const fn new() -> Self {
        Self {
            page: Page::List,
            order: Order::None,
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        if let (Event::PhraseShown { request, phrase }, Order::Sent(asked)) = (event, &self.order)
            && request == asked
        {
            self.show_phrase(Arc::clone(phrase));
        }
        self.order.apply(event);
        if self.order == Order::Carried {
            self.page = Page::List;
            self.order = Order::None;
        }
    }

    fn show_phrase(&mut self, phrase: Arc<RecoveryPhrase>) {
        self.page = Page::Phrase(PhrasePages::new(phrase));
        self.order = Order::None;
    }

    pub(crate) fn show(&mut self, ctx: &Context, id: Id, scene: &Scene<'_>) -> Option<SmallAction> {
        let Some(known) = &scene.model.devices else {
            return Some(SmallAction::Close);
        };
        let (title, subtitle) = match &self.page {
            Page::List => (text::YOUR_DEVICES.to_owned(), text::YOUR_DEVICES_MEANS),
            Page::Remove { name, .. } => (text::remove_device_question(name), text::REMOVE_DEVICE_MEANS),
            Page::Phrase(pages) => {
                let (title, subtitle) = pages.heading();
                (title.to_owned(), subtitle)
            }
            Page::Hold { .. } => (text::HOLD_PHRASE.to_owned(), text::HOLD_PHRASE_MEANS),
        };
        let dialog = Dialog {
            id,
            width: WIDTH,
            title: &title,
            subtitle,
            name: text::YOUR_DEVICES,
        };
        let order = &self.order;
        let (click, close) = dialog.show(ctx, |ui| match &mut self.page {
            Page::List => view_list(ui, known, order, scene),
            Page::Remove { device, .. } => view_removal(ui, *device, order),
            Page::Phrase(pages) => pages.view(ui, id).then_some(Click::PhraseKept),
            Page::Hold { typed } => view_hold(ui, id, typed, order),
        });
        let click = click.or(close.map(|_| Click::Close))?;
        self.carry_out(click, || scene.frame.requests.next())
    }

    fn carry_out(&mut self, click: Click, next: impl Fn() -> RequestId) -> Option<SmallAction> {
        let command = match click {
            Click::Close => return Some(SmallAction::Close),
            Click::AskRemoval(device, name) => {
                (self.page, self.order) = (Page::Remove { device, name }, Order::None);
                return None;
            }
            Click::Keep => {
                (self.page, self.order) = (Page::List, Order::None);
                return None;
            }
            Click::AskPhrase => {
                let typed = Zeroizing::default();
                (self.page, self.order) = (Page::Hold { typed }, Order::None);
                return None;
            }
            Click::Hold(phrase) => Command::HoldIdentity { phrase },
            Click::Add => Command::AddDevice,
            Click::Remove(device) => Command::RemoveDevice { device },
            Click::ShowPhrase => Command::ShowPhrase,
            Click::PhraseKept => Command::ConfirmPhrase,
        };
        let request = next();
        self.order = Order::Sent(request);
        Some(SmallAction::Send(request, command))
    }
}

fn view_list(ui: &mut Ui, known: &DevicesView, order: &Order, scene: &Scene<'_>) -> Option<Click> {
    let t = tokens(ui);
    let mut click = None;
    for device in &known.devices {
        click = click.or(view_device(ui, device, scene));
    }
    ui.add_space(space::S);
    label(ui, Type::SmallStrong, t.text, text::RECOVERY_PHRASE);
    ui.add_space(-6.0);
    paragraph(
        ui,
        Type::Small,
        t.muted,
        match known.key {
            KeyView::Unwritten => text::PHRASE_MEANS,
            KeyView::Written => text::PHRASE_WRITTEN,
            KeyView::Elsewhere => text::KEY_ELSEWHERE,
        },
    );
    refusal(ui, order);
    let (write, add) = footer(
        ui,
        |ui| {
            if known.key == KeyView::Elsewhere {
                let hold = Button::new(Kind::Secondary, text::ENTER_PHRASE).icon(Icon::KeyRound);
                return ui.add(hold).clicked().then_some(Click::AskPhrase);
            }
            let write = Button::new(Kind::Secondary, text::WRITE_PHRASE).icon(Icon::KeyRound);
            let asked = known.key == KeyView::Unwritten && ui.add(write.state(order.state())).clicked();
            asked.then_some(Click::ShowPhrase)
        },
        |ui| {
            let add = Button::new(Kind::Primary, text::ADD_DEVICE).icon(Icon::Plus);
            known.key != KeyView::Elsewhere && ui.add(add.state(order.state())).clicked()
        },
    );
    click.or(write).or(add.then_some(Click::Add))
}

fn view_device(ui: &mut Ui, device: &DeviceView, scene: &Scene<'_>) -> Option<Click> {
    let t = tokens(ui);
    let name = device.name.as_deref().unwrap_or(text::NAMELESS_DEVICE);
    let presence = match device.presence {
        Presence::Me => text::THIS_DEVICE,
        Presence::Online => text::DEVICE_ONLINE,
        Presence::Offline(_) => text::DEVICE_AWAY,
    };
    let when = device
        .since
        .map(|since| text::moment(&scene.calendar.local(since), scene.today()));
    let about = when.map_or_else(|| presence.to_owned(), |when| text::device_since(&when, presence));
    row(ui, ROW, |ui| {
        right(ui, |ui| {
            let said = text::remove_device(name);
            let remove = Button::new(Kind::Secondary, text::REMOVE).small().named(&said);
            let clicked = device.presence != Presence::Me && ui.add(remove).clicked();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                lines(ui, 40.0, |ui| {
                    label_truncated(ui, Type::Strong, t.text, name);
                    label_truncated(ui, Type::Small, t.muted, about);
                });
            });
            clicked.then(|| Click::AskRemoval(device.device, name.to_owned()))
        })
    })
}

/// The phrase, and what it does here.
fn view_hold(ui: &mut Ui, id: Id, typed: &mut Zeroizing<String>, order: &Order) -> Option<Click> {
    let is_sent = matches!(order, Order::Sent(_));
    ui.add_enabled_ui(!is_sent, |ui| phrase_field(ui, id.with("phrase"), typed));
    refusal(ui, order);
    let phrase = RecoveryPhrase::read(typed).ok();
    let (_, (hold, back)) = footer(
        ui,
        |_| (),
        |ui| {
            let state = if is_sent {
                State::Busy
            } else {
                State::from(phrase.is_some())
            };
            let hold = ui.add(Button::new(Kind::Primary, text::HOLD_PHRASE_HERE).state(state));
            (hold.clicked(), ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
        },
    );
    match phrase {
        Some(phrase) if hold => Some(Click::Hold(Arc::new(phrase))),
        _ => back.then_some(Click::Keep),
    }
}

fn view_removal(ui: &mut Ui, device: DeviceId, order: &Order) -> Option<Click> {
    refusal(ui, order);
    let (_, (remove, keep)) = footer(
        ui,
        |_| (),
        |ui| {
            let remove = Button::new(Kind::Danger, text::REMOVE).state(order.state());
            let remove = ui.add(remove).clicked();
            (remove, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
        },
    );
    if remove {
        Some(Click::Remove(device))
    } else {
        keep.then_some(Click::Keep)
    }
}
