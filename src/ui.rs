//! The desktop window and its two dialogs: the only room that names egui.
//!
//! [`run`] opens the window of one profile, [`run_demo`] two at once. Another egui app shows [`InviteDialog`] and
//! [`RedeemDialog`] in its own window: [`install`] once, then `show` in every frame, and `apply` for every event of the worker.
//!
//! - **Invariant:** no frame touches the network or the disk, or waits for a lock; the clipboard and the camera have threads of their own.
//! - **Invariant:** a dialog reads no clock and sends nothing: it is told the time and gives back what it wants.
//! - **Invariant:** an idle window asks for no repaint; a countdown asks for one a second.

mod app;
mod attempt;
mod browser;
mod calendar;
mod chooser;
mod clipboard;
mod demo;
mod explanation;
mod fonts;
mod frame;
mod invite_dialog;
mod listening;
mod mail_tone;
mod main_window;
mod model;
mod onboarding;
mod opener;
mod redeem_dialog;
mod run;
mod scanner;
mod scene;
mod small_dialogs;
mod surface;
mod text;
mod theme;
mod widgets;

pub use app::App;
pub use clipboard::Clipboard;
pub use demo::run_demo;
pub use frame::{Frame, Requests};
pub use invite_dialog::{InviteAction, InviteDialog};
pub use redeem_dialog::{RedeemAction, RedeemDialog};
pub use run::{WindowError, run};
pub use scanner::{QrPicture, Scanned, Scanner};
pub use theme::install;
