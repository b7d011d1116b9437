//! `links`: whether this system opens invitation links with this program.

use super::args::Links;
use super::json::Report;
use super::output::Output;
use super::problem::{Ending, Slip};
use crate::desktop::{self, set_links};

pub(super) fn links(output: &Output, links: Links) -> Result<(), Ending> {
    let (wanted, report) = match links {
        Links::Register => (desktop::Links::Register, Report::LinksRegistered),
        Links::Remove => (desktop::Links::Remove, Report::LinksRemoved),
    };
    set_links(wanted).map_err(|error| {
        tracing::warn!(%error, "links were not set");
        Slip::LinksNotSet
    })?;
    output.report(&report)
}
