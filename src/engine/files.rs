//! Files: their contents are added, got from members who are linked, saved and made small, all in tasks of their own that
//! report back to the engine's loop. The engine itself never waits for one.
//!
//! Contents up to [`SMALL`] come by themselves as soon as a member is linked, larger ones when the person asks. Three come
//! at a time; the others wait in the order in which they were asked for, at most one entry for each file of a party.

mod place;
mod progress;
mod tasks;
mod transfers;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::blobs::{Access, BlobError, Blobs};
use crate::failure::Failure;
use crate::identity::EndpointId;
use crate::net::FileServer;
use crate::party::{Act, ContentHash, File, FileId, Op, Party, PartyId};

use super::open::Open;
use super::timers::Timer;
use super::view::{ContentView, FileView, ThumbnailView, TransferStage, TransferView};
use super::{Event, RequestId, SaveTo};
use tasks::Tasks;
use transfers::{Aim, Source, Transfers};
use work::{Provider, Worker};

pub(super) use tasks::Lost;
pub(super) use transfers::Asker;
pub(super) use work::{Report, Room};

/// Contents up to this many bytes are got without being asked for.
const SMALL: u64 = 16 * 1024 * 1024;

/// How many reports may wait for the engine before the tasks wait.
pub(super) const REPORTS: usize = 64;

/// A file of a party.
pub(super) type Key = (PartyId, FileId);

/// Everything about the contents of files.
pub(super) struct Files {
    /// Why there are none, if their folder could not be opened: the parties can be used all the same.
    blobs: Result<Blobs, Failure>,
    /// The profile's folder.
    folder: PathBuf,
    /// Contents that are whole on this machine.
    here: BTreeSet<ContentHash>,
    /// The contents of each party, as members' devices may have them.
    contents: BTreeMap<PartyId, Arc<BTreeSet<ContentHash>>>,
    access: watch::Sender<Access>,
    transfers: Transfers,
    reports: mpsc::Sender<Report>,
    tasks: Tasks,
}

impl Files {
    /// Opens the contents of the profile in this folder.
    pub(super) async fn open(folder: &Path, reports: mpsc::Sender<Report>) -> Self {
        let opened = match Blobs::open(&folder.join("files")).await {
            Ok(blobs) => blobs.whole().await.map(|here| (blobs, here)),
            Err(error) => Err(error),
        };
        let (blobs, here) = match opened {
            Ok((blobs, here)) => (Ok(blobs), here),
            Err(error) => (Err(error.into()), BTreeSet::new()),
        };
        Self {
            blobs,
            folder: folder.to_owned(),
            here,
            contents: BTreeMap::new(),
            access: watch::Sender::new(Access::default()),
            transfers: Transfers::default(),
            reports,
            tasks: Tasks::default(),
        }
    }

    /// What answers members' devices; none if there is nothing to serve.
    pub(super) fn server(&self) -> Option<FileServer> {
        let blobs = self.blobs.clone().ok()?;
        let access = self.access.subscribe();
        Some(Arc::new(move |connection| {
            let (blobs, access) = (blobs.clone(), access.clone());
            Box::pin(async move { blobs.serve(connection, access).await })
        }))
    }

    /// Whether nothing is being added or got, and nothing that was has yet to be told.
    pub(super) fn is_idle(&self) -> bool {
        self.transfers.are_waiting() && self.reports.capacity() == REPORTS
    }

    /// Whether a file is being read in for this command.
    pub(super) fn is_read_in_for(&self, asker: Asker) -> bool {
        self.transfers.are_for(asker)
    }

    /// What the contents take on the disk, in bytes.
    pub(super) async fn size(&self) -> Result<u64, Failure> {
        Ok(self.blobs.clone()?.size_on_disk().await?)
    }

    /// Gives the room of all contents but these back.
    pub(super) async fn keep_only(&mut self, kept: &BTreeSet<ContentHash>) -> Result<(), Failure> {
        let blobs = self.blobs.clone()?;
        blobs.forget_all_but(kept).await?;
        self.here = blobs.whole().await?;
        Ok(())
    }

    /// The next task that has ended without a report, while any runs.
    pub(super) async fn next_lost(&mut self) -> Option<Lost> {
        self.tasks.next_lost().await
    }

    /// Does something long for a command beside the engine's loop; what comes of it is the report.
    pub(super) fn run_for(&mut self, request: RequestId, job: impl Future<Output = Report> + Send + 'static) {
        let reports = self.reports.clone();
        // An engine that has ended wants to know nothing.
        self.tasks
            .spawn_for(request, async move { drop(reports.send(job.await).await) });
    }

    /// Why there are no contents, if there are none.
    pub(super) fn trouble(&self) -> Option<Failure> {
        self.blobs.clone().err()
    }

    /// Stops everything that is under way; what has come is kept.
    pub(super) async fn shut_down(mut self) {
        self.tasks.shut_down().await;
        if let Ok(blobs) = self.blobs {
            blobs.shut_down().await;
        }
    }

    fn worker(&self) -> Result<Worker, Failure> {
        Ok(Worker {
            blobs: self.blobs.clone()?,
            reports: self.reports.clone(),
        })
    }

    /// Whether the content of a file is on this machine.
    fn content(&self, file: &File) -> ContentView {
        if self.here.contains(&file.content) {
            ContentView::Here
        } else {
            ContentView::Elsewhere
        }
    }
}

impl Open {
    /// The files of a party as they are shown, the last added first.
    pub(super) fn file_views(&self, party: &Party) -> Arc<[FileView]> {
        let files = party.files();
        let view = |file: &Arc<File>| FileView {
            content: self.files.content(file),
            file: Arc::clone(file),
        };
        files.iter().map(view).collect()
    }

    /// Reads a file in. The answer comes when it is there.
    pub(super) async fn add_file(&mut self, request: RequestId, party: PartyId, path: PathBuf) -> Result<(), Failure> {
        let name = place::name_of(&path)?;
        self.read_in(Asker::AddFile(request), party, &path, &name).await
    }

    /// The same under a name of its own.
    pub(super) async fn read_in(
        &mut self,
        asker: Asker,
        party: PartyId,
        path: &Path,
        name: &str,
    ) -> Result<(), Failure> {
        let (name, path) = (name.to_owned(), path.to_owned());
        let file = FileId::from_bytes(self.new_id());
        // Who may not write hears it now, and not after a long read.
        let act = Act::FileAdded {
            file,
            name: name.clone(),
            length: 0,
            content: [0; 32],
        };
        self.party(party)?.prepare(&self.keys, act, self.now())?;
        let worker = self.files.worker()?;
        let key = (party, file);
        let task = self.files.tasks.spawn(worker.add(key, path));
        self.files.transfers.begin(key, name, Source::Disk(asker), task);
        self.show_transfer(key).await;
        Ok(())
    }

    /// Gets a content, now or as soon as somebody has it.
    pub(super) async fn fetch_file(&mut self, party: PartyId, file: FileId) -> Result<(), Failure> {
        let file = self.file(party, file)?;
        self.files.worker()?;
        if self.files.content(&file) == ContentView::Here {
            let transfer = whole(party, &file);
            self.context.events.send(Event::TransferChanged { transfer }).await;
            return Ok(());
        }
        self.want(party, &file, Aim::Person).await;
        self.start_transfers().await;
        Ok(())
    }

    /// Stops adding or getting a content.
    pub(super) async fn cancel_transfer(&mut self, party: PartyId, file: FileId) -> Result<(), Failure> {
        let key = (party, file);
        let Some(source) = self.files.transfers.source(key) else {
            // It has ended by itself.
            return Ok(());
        };
        self.end_transfer(key, TransferStage::Cancelled).await;
        match source {
            // Every command is answered.
            Source::Disk(Asker::AddFile(request)) => self.context.events.send(Event::FileNotAdded { request }).await,
            Source::Disk(Asker::ImportParty(request)) => self.import_goes_on(request, party).await,
            Source::Members => self.files.transfers.decline(key),
        }
        self.start_transfers().await;
        Ok(())
    }

    /// Writes a content to a file. The answer comes when it is there.
    pub(super) fn save_file(
        &mut self,
        request: RequestId,
        party: PartyId,
        file: FileId,
        to: SaveTo,
    ) -> Result<(), Failure> {
        let (file, worker) = (self.file(party, file)?, self.files.worker()?);
        let place = place::Place::new(to, &self.files.folder, &file);
        self.files
            .tasks
            .spawn_for(request, worker.save(request, file.content, place));
        Ok(())
    }

    /// Writes contents to these paths, which are free. The answer comes when they are there.
    pub(super) fn save_all(&mut self, request: RequestId, files: Vec<(PathBuf, ContentHash)>) -> Result<(), Failure> {
        let worker = self.files.worker()?;
        self.files.tasks.spawn_for(request, worker.save_all(request, files));
        Ok(())
    }

    /// Makes a small picture. The answer comes when it is made.
    pub(super) fn make_thumbnail(&mut self, request: RequestId, party: PartyId, file: FileId) -> Result<(), Failure> {
        let (file, worker) = (self.file(party, file)?, self.files.worker()?);
        let thumbnail = worker.thumbnail(request, file.id, file.content);
        self.files.tasks.spawn_for(request, thumbnail);
        Ok(())
    }

    /// These ops changed a party: who may have what, and what is to come by itself.
    pub(super) async fn files_changed(&mut self, party: PartyId, ops: &[Op]) {
        let matters =
            |op: &Op| op.act().is_membership() || matches!(op.act(), Act::FileAdded { .. } | Act::ItemDeleted { .. });
        if ops.iter().any(matters) {
            self.files_opened(party).await;
        }
    }

    /// A party was opened, or its members or files are others now.
    pub(super) async fn files_opened(&mut self, party: PartyId) {
        let me = self.keys.endpoint.id();
        let shared = self
            .parties
            .get(&party)
            .filter(|party| party.membership().by_endpoint(me).is_some());
        let files = shared.map(Party::files).unwrap_or_default();
        let contents = files.iter().map(|file| file.content).collect();
        self.files.contents.insert(party, Arc::new(contents));
        self.open_doors();
        let gone = self.files.transfers.of_party(party);
        for key in gone {
            if !files.iter().any(|file| file.id == key.1) {
                self.end_transfer(key, TransferStage::Cancelled).await;
            }
        }
        for file in files.iter() {
            if file.length <= SMALL && self.files.content(file) == ContentView::Elsewhere {
                self.want(party, file, Aim::ByItself).await;
            }
        }
        self.start_transfers().await;
    }

    /// A member's device is linked: what nobody had may be had now.
    pub(super) async fn provider_came(&mut self) {
        self.files.transfers.ask_again();
        self.start_transfers().await;
    }

    /// A task has ended without a report: what it was for has failed.
    pub(super) async fn file_task_lost(&mut self, lost: Lost) {
        if let Some(request) = lost.request {
            self.context.events.failed(Some(request), Failure::Internal).await;
        } else if let Some(key) = self.files.transfers.of_task(lost.task) {
            self.fail_transfer(key, Failure::Internal).await;
            self.start_transfers().await;
        }
    }

    /// One task's report.
    pub(super) async fn file_report(&mut self, report: Report) {
        match report {
            Report::Progress { key, progress } => {
                let now = self.now();
                if self.files.transfers.moved(key, progress, now) {
                    self.show_transfer(key).await;
                }
            }
            Report::Added { key, added } => self.file_added(key, added).await,
            Report::Fetched { key, content, fetched } => self.file_fetched(key, content, fetched).await,
            Report::Saved {
                request,
                content,
                saved,
            } => {
                if let Err(BlobError::Damaged) = saved {
                    self.content_damaged(content).await;
                }
                match saved {
                    Ok(path) => self.context.events.send(Event::FileSaved { request, path }).await,
                    Err(error) => self.context.events.failed(Some(request), error.into()).await,
                }
            }
            Report::Exported { request, exported } => match exported {
                Ok(missing_files) => {
                    let event = Event::PartyExported { request, missing_files };
                    self.context.events.send(event).await;
                }
                Err(error) => self.context.events.failed(Some(request), error.into()).await,
            },
            Report::Imported { request, imported } => self.party_imported(request, imported).await,
            Report::Compacted { request, compacted } => {
                let event = match compacted {
                    Ok(Room { before, after }) => Event::StorageCompacted { request, before, after },
                    Err(failure) => Event::Failed {
                        request: Some(request),
                        failure,
                    },
                };
                self.context.events.send(event).await;
            }
            Report::Thumbnail { request, file, made } => {
                let event = match made {
                    Ok(thumbnail) => Event::ThumbnailMade {
                        request,
                        thumbnail: thumbnail.map(|thumbnail| {
                            Arc::new(ThumbnailView {
                                file,
                                width: thumbnail.width,
                                height: thumbnail.height,
                                rgba: thumbnail.rgba,
                            })
                        }),
                    },
                    Err(error) => Event::Failed {
                        request: Some(request),
                        failure: error.into(),
                    },
                };
                self.context.events.send(event).await;
            }
        }
    }

    /// A file was read in: the party is told, and then the person.
    async fn file_added(&mut self, key: Key, added: Result<(ContentHash, u64), BlobError>) {
        let Some(Source::Disk(asker)) = self.files.transfers.source(key) else {
            // It was cancelled in the last moment.
            return;
        };
        let (party, file) = key;
        let written = match added {
            Ok((content, length)) => {
                self.files.here.insert(content);
                let name = self.files.transfers.name(key).unwrap_or_default();
                let act = Act::FileAdded {
                    file,
                    name,
                    length,
                    content: content.0,
                };
                self.write(party, act).await
            }
            Err(error) => Err(error.into()),
        };
        match written {
            Ok(()) => {
                self.end_transfer(key, TransferStage::Done).await;
                match asker {
                    Asker::AddFile(request) => self.context.events.send(Event::FileAdded { request, file }).await,
                    Asker::ImportParty(request) => self.import_goes_on(request, party).await,
                }
            }
            Err(failure) => self.fail_transfer(key, failure).await,
        }
    }

    /// A content has come, or not.
    async fn file_fetched(&mut self, key: Key, content: ContentHash, fetched: Result<(), BlobError>) {
        match fetched {
            Ok(()) => {
                self.files.here.insert(content);
                self.end_transfer(key, TransferStage::Done).await;
                self.publish_party(key.0).await;
            }
            Err(error) if error.is_of_provider() => {
                let again = self.files.transfers.put_back(key, self.now());
                if let Some(again) = again {
                    self.timers.set(again, Timer::AskForFiles);
                    self.show_transfer(key).await;
                }
            }
            Err(error) => {
                if let BlobError::Damaged = error {
                    self.content_damaged(content).await;
                }
                self.fail_transfer(key, error.into()).await;
            }
        }
        self.start_transfers().await;
    }

    /// What was stored of a content was not what it had been, and has been thrown away: it can be got anew.
    async fn content_damaged(&mut self, content: ContentHash) {
        if self.files.here.remove(&content) {
            let parties: Vec<PartyId> = self.files.contents.keys().copied().collect();
            for party in parties {
                self.publish_party(party).await;
            }
        }
    }

    /// Starts what can be started: members' devices that are linked are asked one after the other.
    pub(super) async fn start_transfers(&mut self) {
        let Some(dialer) = self.net.as_ref().map(crate::net::Net::file_dialer) else {
            return;
        };
        let now = self.now();
        while let Some(key) = self
            .files
            .transfers
            .next(now, |party| self.providers(party).next().is_some())
        {
            let Ok(file) = self.file(key.0, key.1) else {
                self.end_transfer(key, TransferStage::Cancelled).await;
                continue;
            };
            let providers = self
                .providers(key.0)
                .map(|endpoint| Provider {
                    endpoint,
                    addresses: self.usable_addresses(endpoint),
                    relay: self.own_relay(),
                })
                .collect();
            let Ok(worker) = self.files.worker() else { return };
            let fetch = worker.fetch(key, file.content, file.length, dialer.clone(), providers);
            let task = self.files.tasks.spawn(fetch);
            self.files.transfers.running(key, task);
            self.show_transfer(key).await;
        }
    }

    /// Devices that may have the contents of a party and are linked.
    fn providers(&self, party: PartyId) -> impl Iterator<Item = EndpointId> {
        self.linked_devices()
            .filter(move |endpoint| self.shares(party, *endpoint))
    }

    /// Which device may have what from now on.
    fn open_doors(&self) {
        let mut access = Access::default();
        for (id, contents) in &self.files.contents {
            for (_, endpoint) in self.devices_of(*id) {
                access.allow(endpoint, contents);
            }
        }
        self.files.access.send_replace(access);
    }

    /// A file of a party that is not deleted.
    fn file(&self, party: PartyId, file: FileId) -> Result<File, Failure> {
        let file = self.party(party)?.file(file).ok_or(Failure::ItemUnknown)?;
        Ok(File::clone(file))
    }

    async fn want(&mut self, party: PartyId, file: &File, aim: Aim) {
        let key = (party, file.id);
        if self.files.transfers.want(key, &file.name, file.length, aim) {
            self.show_transfer(key).await;
        }
    }

    async fn fail_transfer(&mut self, key: Key, failure: Failure) {
        let source = self.files.transfers.source(key);
        self.end_transfer(key, TransferStage::Failed(failure.clone())).await;
        match source {
            Some(Source::Disk(Asker::AddFile(request))) => self.context.events.failed(Some(request), failure).await,
            Some(Source::Disk(Asker::ImportParty(request))) => {
                self.context.events.failed(None, failure).await;
                self.import_goes_on(request, key.0).await;
            }
            // It is not tried again by itself.
            Some(Source::Members) => self.files.transfers.decline(key),
            None => {}
        }
    }

    async fn end_transfer(&mut self, key: Key, stage: TransferStage) {
        if let Some(transfer) = self.files.transfers.end(key, stage) {
            self.context.events.send(Event::TransferChanged { transfer }).await;
        }
    }

    async fn show_transfer(&self, key: Key) {
        if let Some(transfer) = self.files.transfers.view(key) {
            self.context.events.send(Event::TransferChanged { transfer }).await;
        }
    }
}

/// What is said of a file that is here already.
fn whole(party: PartyId, file: &File) -> TransferView {
    TransferView {
        party,
        file: file.id,
        name: file.name.clone(),
        done: file.length,
        total: file.length,
        stage: TransferStage::Done,
    }
}
