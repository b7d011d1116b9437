//! What a command prints as: its kind. What somebody typed is not for logs.

use std::fmt;

use super::Command;

impl Command {
    const fn kind(&self) -> &'static str {
        match self {
            Self::CreateProfile { .. } => "CreateProfile",
            Self::UnlockProfile { .. } => "UnlockProfile",
            Self::RetryKeyring => "RetryKeyring",
            Self::RenameSelf { .. } => "RenameSelf",
            Self::CreateParty { .. } => "CreateParty",
            Self::RenameParty { .. } => "RenameParty",
            Self::LeaveParty { .. } => "LeaveParty",
            Self::RemoveMember { .. } => "RemoveMember",
            Self::AddTask { .. } => "AddTask",
            Self::SetTaskDone { .. } => "SetTaskDone",
            Self::RetitleTask { .. } => "RetitleTask",
            Self::AssignTask { .. } => "AssignTask",
            Self::SetTaskDue { .. } => "SetTaskDue",
            Self::MoveTask { .. } => "MoveTask",
            Self::AddNote { .. } => "AddNote",
            Self::RetitleNote { .. } => "RetitleNote",
            Self::OpenNote { .. } => "OpenNote",
            Self::CloseNote { .. } => "CloseNote",
            Self::EditNote { .. } => "EditNote",
            Self::ShowCursor { .. } => "ShowCursor",
            Self::SendMessage { .. } => "SendMessage",
            Self::MarkRead { .. } => "MarkRead",
            Self::AddFile { .. } => "AddFile",
            Self::RenameFile { .. } => "RenameFile",
            Self::FetchFile { .. } => "FetchFile",
            Self::CancelTransfer { .. } => "CancelTransfer",
            Self::SaveFile { .. } => "SaveFile",
            Self::MakeThumbnail { .. } => "MakeThumbnail",
            Self::DeleteItem { .. } => "DeleteItem",
            Self::RestoreItem { .. } => "RestoreItem",
            Self::ReadHistory { .. } => "ReadHistory",
            Self::Search { .. } => "Search",
            Self::ChangeRole { .. } => "ChangeRole",
            Self::ExportParty { .. } => "ExportParty",
            Self::ImportParty { .. } => "ImportParty",
            Self::CompactStorage => "CompactStorage",
            Self::CreateInvitation { .. } => "CreateInvitation",
            Self::ShowNewPin { .. } => "ShowNewPin",
            Self::NextInvitee { .. } => "NextInvitee",
            Self::RevokeInvitation { .. } => "RevokeInvitation",
            Self::Redeem { .. } => "Redeem",
            Self::SubmitPin { .. } => "SubmitPin",
            Self::SetNetworkMode { .. } => "SetNetworkMode",
            Self::RetryRedemption { .. } => "RetryRedemption",
            Self::CancelRedemption { .. } => "CancelRedemption",
            Self::ApproveRequest { .. } => "ApproveRequest",
            Self::DenyRequest { .. } => "DenyRequest",
            Self::RecoverProfile { .. } => "RecoverProfile",
            Self::ExplainConnection { .. } => "ExplainConnection",
            Self::ShowNearby { .. } => "ShowNearby",
            Self::HideNearby { .. } => "HideNearby",
            Self::ListenNearby => "ListenNearby",
            Self::StopListening => "StopListening",
            Self::RedeemNearby { .. } => "RedeemNearby",
            Self::AddDevice => "AddDevice",
            Self::RemoveDevice { .. } => "RemoveDevice",
            Self::ShowPhrase => "ShowPhrase",
            Self::ConfirmPhrase => "ConfirmPhrase",
            Self::HoldIdentity { .. } => "HoldIdentity",
            Self::RenameDevice { .. } => "RenameDevice",
            Self::SignIn { .. } => "SignIn",
            Self::UseClient { .. } => "UseClient",
            Self::SignOut { .. } => "SignOut",
            Self::InviteByMail { .. } => "InviteByMail",
            Self::SendAgain { .. } => "SendAgain",
            Self::RedeemMail { .. } => "RedeemMail",
            Self::StopBrowser => "StopBrowser",
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}
