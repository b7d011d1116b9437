//! The file dialogs of Windows and macOS.

use std::path::PathBuf;

use rfd::FileDialog;

use super::{Choice, PICTURES, Question};

pub(super) fn choose(question: &Question) -> Vec<PathBuf> {
    let dialog = FileDialog::new().set_title(question.title);
    match &question.choice {
        Choice::Files => dialog.pick_files().unwrap_or_default(),
        Choice::Picture => dialog
            .add_filter(PICTURES, &["png", "jpg", "jpeg", "webp"])
            .pick_file()
            .into_iter()
            .collect(),
        Choice::Folder => dialog.pick_folder().into_iter().collect(),
        Choice::SaveAs { name } => dialog.set_file_name(name).save_file().into_iter().collect(),
    }
}
