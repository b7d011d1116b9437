//! A party into a folder of plain files and back, and the room that a profile takes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::party::{Act, EXPORT_INDEX, Exported, MAX_EXPORT, MessageId, NoteId, Party, PartyId, TaskId, difference};
use crate::store;

use super::open::Open;
use super::{Event, RequestId};

/// The longest text of a note that is read in, in bytes.
const MAX_NOTE: u64 = 16 * 1024 * 1024;
/// How much of a message stays one message; with the name of who sent it before it, it is still one.
const MESSAGE_PART: usize = 2800;

impl Open {
    /// Writes a party into a folder. The answer comes when the files are there too.
    pub(super) async fn export_party(
        &mut self,
        request: RequestId,
        party: PartyId,
        folder: PathBuf,
    ) -> Result<(), Failure> {
        let export = self.party(party)?.export(self.now());
        let (target, texts) = (folder.clone(), export.texts);
        let written = tokio::task::spawn_blocking(move || store::write_folder(&target, &texts)).await;
        match written.or(Err(Failure::Internal))? {
            Ok(()) => {}
            Err(store::StoreError::Exists) => return Err(Failure::FolderNotEmpty),
            Err(store::StoreError::Io(_)) => return Err(Failure::FileUnwritable),
            Err(error) => return Err(error.into()),
        }
        let files = export
            .files
            .into_iter()
            .map(|(path, content)| (folder.join(path), content));
        self.save_all(request, files.collect())
    }

    /// Founds a party from an exported folder.
    pub(super) async fn import_party(&mut self, request: RequestId, folder: PathBuf) -> Result<Event, Failure> {
        let (index, from) = (folder.join(EXPORT_INDEX), folder.clone());
        let read = tokio::task::spawn_blocking(move || {
            let json = store::read_file(&index, MAX_EXPORT).ok()?;
            let exported = Exported::read(&json)?;
            let text = |path: &str| {
                let text = store::read_file(&from.join(path), MAX_NOTE).ok()?;
                String::from_utf8(text).ok()
            };
            let texts: Option<Vec<String>> = exported.notes.iter().map(|note| text(&note.path)).collect();
            Some((exported, texts?))
        });
        let read = read.await.or(Err(Failure::Internal))?;
        let (exported, texts) = read.ok_or(Failure::ImportInvalid)?;
        let now = self.now();
        let (mut party, mut ops) = Party::found(&self.keys, &self.name, &exported.name, now, &mut rand::rng())
            .or(Err(Failure::ImportInvalid))?;
        for act in acts(&exported, &self.name, || self.new_id()) {
            ops.push(party.write(&self.keys, act, now).or(Err(Failure::ImportInvalid))?);
        }
        for (note, text) in exported.notes.iter().zip(texts) {
            let id = NoteId::from_bytes(self.new_id());
            let title = note.title.clone();
            let act = Act::NoteAdded { note: id, title };
            ops.push(party.write(&self.keys, act, now).or(Err(Failure::ImportInvalid))?);
            let clean: String = text
                .chars()
                .filter(|c| !c.is_control() || "\n\t".contains(*c))
                .collect();
            for part in party.parts_of(id, &difference("", &clean))? {
                let act = party.edit_note(id, &part)?;
                ops.push(party.write(&self.keys, act, now).or(Err(Failure::ImportInvalid))?);
            }
        }
        let id = party.id();
        self.store(vec![store::Change::AppendOps { party: id, ops }]).await?;
        self.parties.insert(id, party);
        self.publish_party(id).await;
        for file in &exported.files {
            // One that was not there when the party was exported is not there now.
            let path = folder.join(&file.path);
            if let Err(failure) = self.read_in(None, id, &path, &file.name).await {
                tracing::info!(?failure, "an exported file was not read in");
            }
        }
        Ok(Event::PartyCreated { request, party: id })
    }

    /// Gives back the room that nothing needs any more.
    pub(super) async fn compact_storage(&mut self, request: RequestId) -> Result<Event, Failure> {
        let contents = self.files.size().await?;
        // Only who knows all files of all parties knows which contents nobody needs.
        let knows_all = self.unreadable.is_empty() && !self.parties.values().any(Party::is_incomplete);
        if knows_all && self.files.is_idle() {
            let kept: BTreeSet<_> = self.parties.values().flat_map(Party::contents).collect();
            self.files.keep_only(&kept).await?;
        }
        let contents_now = self.files.size().await?;
        let database = self.context.store.run(|store| store.compact()).await??;
        Ok(Event::StorageCompacted {
            request,
            before: database.before + contents,
            after: database.after + contents_now,
        })
    }
}

/// The tasks and messages of an exported party. They are this person's now, so a message of somebody else's says whose it was.
fn acts(exported: &Exported, me: &str, new_id: impl Fn() -> [u8; 16]) -> Vec<Act> {
    let mut place = None;
    let mut acts = Vec::new();
    for task in &exported.tasks {
        let next = Party::place_behind(place.as_ref());
        place = Some(next.clone());
        let id = TaskId::from_bytes(new_id());
        let title = task.title.clone();
        acts.push(Act::TaskAdded {
            task: id,
            title,
            place: next,
        });
        if task.done {
            acts.push(Act::TaskDone { task: id, done: true });
        }
        if let Some(day) = task.due_day {
            acts.push(Act::TaskDue { task: id, day });
        }
    }
    let ids: Vec<MessageId> = exported
        .messages
        .iter()
        .map(|_| MessageId::from_bytes(new_id()))
        .collect();
    for (message, id) in exported.messages.iter().zip(&ids) {
        let text = if message.author == me {
            message.text.clone()
        } else {
            format!("{}: {}", message.author, message.text)
        };
        let mut parts = split(&text).into_iter();
        let reply = message.reply_to.and_then(|at| ids.get(at)).copied();
        let reply_to = reply.unwrap_or(MessageId::from_bytes([0; 16]));
        let first = parts.next().unwrap_or_default();
        let all = std::iter::once((*id, first, reply_to));
        let rest = parts.map(|part| (MessageId::from_bytes(new_id()), part, *id));
        acts.extend(all.chain(rest).map(|(message, text, reply_to)| Act::MessageSent {
            message,
            text,
            reply_to,
        }));
    }
    acts
}

/// A text in parts that are a message each.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for char in text.chars() {
        if let Some(part) = parts.last_mut() {
            part.push(char);
            if part.len() >= MESSAGE_PART {
                parts.push(String::new());
            }
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}
