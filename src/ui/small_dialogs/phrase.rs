//! The recovery phrase: shown, then asked back.

use std::sync::Arc;

use egui::{Grid, Id, Key, Ui};
use lucide_icons::Icon;
use rand::seq::SliceRandom as _;
use zeroize::Zeroizing;

use crate::identity::{PHRASE_WORDS, RecoveryPhrase};
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entrance, Kind, State, Tone, banner, field, footer, label, line_edit, notice_line, row, tokens,
};

/// How many words stand in a row.
const COLUMNS: usize = 4;

/// The two pages, one after the other.
pub(super) struct PhrasePages {
    phrase: Arc<RecoveryPhrase>,
    page: Page,
    entrance: Entrance,
}

enum Page {
    Words,
    AskBack { asked: [Asked; 3], verdict: Verdict },
}

/// One word that is asked back.
struct Asked {
    /// From 1.
    number: usize,
    typed: Zeroizing<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    None,
    Wrong,
}

impl PhrasePages {
    pub(super) fn new(phrase: Arc<RecoveryPhrase>) -> Self {
        Self {
            phrase,
            page: Page::Words,
            entrance: Entrance::default(),
        }
    }

    pub(super) const fn heading(&self) -> (&'static str, &'static str) {
        match self.page {
            Page::Words => (text::PHRASE_TITLE, text::PHRASE_SUBTITLE),
            Page::AskBack { .. } => (text::ASK_BACK_TITLE, text::ASK_BACK_SUBTITLE),
        }
    }

    /// Whether the person has shown that the words are on paper.
    pub(super) fn view(&mut self, ui: &mut Ui, id: Id) -> bool {
        match &mut self.page {
            Page::Words => {
                if view_words(ui, id, &self.phrase) {
                    self.page = ask_back();
                }
                false
            }
            Page::AskBack { asked, verdict } => {
                let answer = view_questions(ui, id, asked, *verdict, &mut self.entrance);
                match answer {
                    Some(Answer::Back) => self.page = Page::Words,
                    Some(Answer::Check) => {
                        let is_right = |one: &Asked| self.phrase.is_word(one.number, &one.typed);
                        if asked.iter().all(is_right) {
                            return true;
                        }
                        *verdict = Verdict::Wrong;
                    }
                    None => {}
                }
                false
            }
        }
    }
}

/// Three words, chosen anew each time.
fn ask_back() -> Page {
    let mut numbers: Vec<usize> = (1..=PHRASE_WORDS).collect();
    numbers.shuffle(&mut rand::rng());
    let mut numbers = numbers.into_iter();
    let asked = std::array::from_fn(|_| Asked {
        number: numbers.next().unwrap_or(1),
        // Longer than any word of the list: no copy is left behind by a growing string.
        typed: Zeroizing::new(String::with_capacity(32)),
    });
    Page::AskBack {
        asked,
        verdict: Verdict::None,
    }
}

/// Whether the person says that they are written down.
fn view_words(ui: &mut Ui, id: Id, phrase: &RecoveryPhrase) -> bool {
    let t = tokens(ui);
    banner(ui, Tone::Warning, Icon::TriangleAlert, text::PHRASE_WARNING);
    ui.add_space(space::S);
    let words: Vec<(usize, &str)> = (1..).zip(phrase.words()).collect();
    Grid::new(id.with("words"))
        .spacing([18.0, 10.0])
        .min_col_width(96.0)
        .show(ui, |ui| {
            for line in words.chunks(COLUMNS) {
                for (number, word) in line {
                    ui.horizontal(|ui| {
                        // All digits are of one width, so that the words stand below each other.
                        label(ui, Type::MonoSmall, t.muted, format!("{number:>2}"));
                        label(ui, Type::Strong, t.text, *word);
                    });
                }
                ui.end_row();
            }
        });
    let done = Button::new(Kind::Primary, text::PHRASE_DONE).icon(Icon::ArrowRight);
    footer(ui, |_| (), |ui| ui.add(done).clicked()).1
}

enum Answer {
    Back,
    Check,
}

fn view_questions(
    ui: &mut Ui,
    id: Id,
    asked: &mut [Asked; 3],
    verdict: Verdict,
    entrance: &mut Entrance,
) -> Option<Answer> {
    let mut enter = false;
    for one in asked.iter_mut() {
        let response = field(ui, &text::word_number(one.number), |ui| {
            let edit = line_edit(&mut *one.typed, "")
                .id(id.with(("word", one.number)))
                .char_limit(16);
            ui.add(edit)
        });
        entrance.stage("ask back").focus(&response);
        enter |= response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    }
    match verdict {
        Verdict::Wrong => notice_line(ui, Tone::Bad, Icon::CircleAlert, text::WRONG_WORD),
        Verdict::None => row(ui, 18.0, |_| ()),
    }
    let is_full = asked.iter().all(|one| !one.typed.trim().is_empty());
    let (back, check) = footer(
        ui,
        |ui| ui.add(Button::new(Kind::Ghost, text::BACK_TO_WORDS).flush()).clicked(),
        |ui| {
            let check = Button::new(Kind::Primary, text::CHECK_WORDS);
            ui.add(check.state(State::from(is_full))).clicked()
        },
    );
    if back {
        return Some(Answer::Back);
    }
    (is_full && (check || enter)).then_some(Answer::Check)
}
