//! A party into a folder of plain files and back, and the room that a profile takes.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::RngExt as _;

use crate::failure::Failure;
use crate::identity::Keys;
use crate::party::{
    Act, EXPORT_INDEX, Exported, MAX_EXPORT, MessageId, NoteId, Op, Party, PartyId, TaskId, difference, own_id,
};
use crate::store;
use crate::time::Timestamp;

use super::files::{Asker, Report, Room};
use super::open::Open;
use super::{Context, Event, RequestId};

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

    /// Founds a party from an exported folder, beside the engine's loop. The answer comes when it is stored.
    pub(super) fn import_party(&mut self, request: RequestId, folder: PathBuf) {
        let (context, keys, me) = (Arc::clone(&self.context), Arc::clone(&self.keys), self.name.clone());
        let now = self.now();
        self.files.run_for(request, async move {
            let read = tokio::task::spawn_blocking(move || Import::read(&folder, &keys, &me, now)).await;
            let imported = match read.unwrap_or(Err(Failure::Internal)) {
                Ok(import) => import.stored(&context).await,
                Err(failure) => Err(failure),
            };
            Report::Imported { request, imported }
        });
    }

    /// A party was founded from a folder: it is shown, and its files are read in. The command is answered when they are.
    pub(super) async fn party_imported(&mut self, request: RequestId, imported: Result<Box<Imported>, Failure>) {
        let Imported { party, files } = match imported {
            Ok(imported) => *imported,
            Err(failure) => return self.context.events.failed(Some(request), failure).await,
        };
        let id = party.id();
        self.parties.insert(id, party);
        self.publish_party(id).await;
        for (path, name) in files {
            // One that was not there when the party was exported is not there now.
            if let Err(failure) = self.read_in(Asker::ImportParty(request), id, &path, &name).await {
                tracing::info!(?failure, "an exported file was not read in");
            }
        }
        self.import_goes_on(request, id).await;
    }

    /// Answers the command that imports a party, unless some of its files are still being read in.
    pub(super) async fn import_goes_on(&self, request: RequestId, party: PartyId) {
        if !self.files.is_read_in_for(Asker::ImportParty(request)) {
            self.context.events.send(Event::PartyCreated { request, party }).await;
        }
    }

    /// Gives back the room that nothing needs any more. The database is written anew beside the engine's loop; the answer
    /// comes when it has been.
    pub(super) async fn compact_storage(&mut self, request: RequestId) -> Result<(), Failure> {
        let contents = self.files.size().await?;
        // Only who knows all files of all parties knows which contents nobody needs.
        let knows_all = self.unreadable.is_empty() && !self.parties.values().any(Party::is_incomplete);
        if knows_all && self.files.is_idle() {
            let kept: BTreeSet<_> = self.parties.values().flat_map(Party::contents).collect();
            self.files.keep_only(&kept).await?;
        }
        let contents_now = self.files.size().await?;
        let context = Arc::clone(&self.context);
        self.files.run_for(request, async move {
            let database = context.store.run(|store| store.compact()).await;
            let compacted = database.and_then(|compacted| compacted).map_err(Failure::from);
            let compacted = compacted.map(|database| Room {
                before: database.before + contents,
                after: database.after + contents_now,
            });
            Report::Compacted { request, compacted }
        });
        Ok(())
    }
}

/// A party that was founded from a folder and is stored, and the files that are to be read in, with their names.
pub(super) struct Imported {
    party: Party,
    files: Vec<(PathBuf, String)>,
}

/// Its size: what is in it is not for logs.
impl fmt::Debug for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imported")
            .field("party", &self.party)
            .field("files", &self.files.len())
            .finish()
    }
}

/// The same before it is stored.
struct Import {
    imported: Imported,
    ops: Vec<Op>,
}

impl Import {
    /// Reads a folder. Takes as long as the disk does, and as signing every op.
    fn read(folder: &Path, keys: &Keys, me: &str, now: Timestamp) -> Result<Self, Failure> {
        let json = store::read_file(&folder.join(EXPORT_INDEX), MAX_EXPORT).or(Err(Failure::ImportInvalid))?;
        let exported = Exported::read(&json).ok_or(Failure::ImportInvalid)?;
        let new_id = || own_id(keys.device.id(), rand::rng().random());
        let (mut party, mut ops) =
            Party::found(keys, me, &exported.name, now, &mut rand::rng()).or(Err(Failure::ImportInvalid))?;
        let mut write = |party: &mut Party, act| {
            ops.push(party.write(keys, act, now).or(Err(Failure::ImportInvalid))?);
            Ok::<_, Failure>(())
        };
        for act in acts(&exported, me, new_id) {
            write(&mut party, act)?;
        }
        for note in &exported.notes {
            let text = store::read_file(&folder.join(&note.path), MAX_NOTE).or(Err(Failure::ImportInvalid))?;
            let text = String::from_utf8(text).or(Err(Failure::ImportInvalid))?;
            let id = NoteId::from_bytes(new_id());
            let title = note.title.clone();
            write(&mut party, Act::NoteAdded { note: id, title })?;
            let clean: String = text
                .chars()
                .filter(|c| !c.is_control() || "\n\t".contains(*c))
                .collect();
            for part in party.parts_of(id, &difference("", &clean))? {
                let act = party.edit_note(id, &part)?;
                write(&mut party, act)?;
            }
        }
        let files = exported
            .files
            .into_iter()
            .map(|file| (folder.join(&file.path), file.name));
        let files = files.collect();
        let imported = Imported { party, files };
        Ok(Self { imported, ops })
    }

    async fn stored(self, context: &Context) -> Result<Box<Imported>, Failure> {
        let Self { imported, ops } = self;
        let party = imported.party.id();
        let changes = vec![store::Change::AppendOps { party, ops }];
        context.store.run(move |store| store.write(&changes)).await??;
        Ok(Box::new(imported))
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
