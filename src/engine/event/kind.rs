//! What an event prints as: its kind, and of a failure which one. What is in a party is not for logs.

use std::fmt;

use super::Event;

impl Event {
    const fn kind(&self) -> &'static str {
        match self {
            Self::ProfileChanged { .. } => "ProfileChanged",
            Self::Done { .. } => "Done",
            Self::Failed { .. } => "Failed",
            Self::PartyCreated { .. } => "PartyCreated",
            Self::PartyChanged { .. } => "PartyChanged",
            Self::PartyLeft { .. } => "PartyLeft",
            Self::TaskAdded { .. } => "TaskAdded",
            Self::NoteAdded { .. } => "NoteAdded",
            Self::NoteOpened { .. } => "NoteOpened",
            Self::NoteEdited { .. } => "NoteEdited",
            Self::CursorsMoved { .. } => "CursorsMoved",
            Self::MessageSent { .. } => "MessageSent",
            Self::FileAdded { .. } => "FileAdded",
            Self::FileNotAdded { .. } => "FileNotAdded",
            Self::TransferChanged { .. } => "TransferChanged",
            Self::FileSaved { .. } => "FileSaved",
            Self::ThumbnailMade { .. } => "ThumbnailMade",
            Self::HistoryRead { .. } => "HistoryRead",
            Self::SearchDone { .. } => "SearchDone",
            Self::PartyExported { .. } => "PartyExported",
            Self::StorageCompacted { .. } => "StorageCompacted",
            Self::InvitationCreated { .. } => "InvitationCreated",
            Self::InvitationChanged { .. } => "InvitationChanged",
            Self::RedemptionStarted { .. } => "RedemptionStarted",
            Self::RedemptionChanged { .. } => "RedemptionChanged",
            Self::NearbyChanged { .. } => "NearbyChanged",
            Self::DevicesChanged { .. } => "DevicesChanged",
            Self::PhraseShown { .. } => "PhraseShown",
            Self::ConnectionExplained { .. } => "ConnectionExplained",
            Self::Restarted => "Restarted",
            Self::ServicesChanged { .. } => "ServicesChanged",
            Self::BrowserNeeded { .. } => "BrowserNeeded",
            Self::NetworkChanged { .. } => "NetworkChanged",
            Self::Stopped => "Stopped",
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { request, failure } => f
                .debug_struct("Failed")
                .field("request", request)
                .field("failure", failure)
                .finish(),
            other => f.write_str(other.kind()),
        }
    }
}
