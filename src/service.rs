#![doc = include_str!("service/SERVICE.md")]

pub mod client;
pub mod clock;
pub mod config;
pub mod database;
pub mod http;
pub mod invitation;
pub mod keys;
pub mod locales;
pub mod oauth;
pub mod page;
pub mod run;
pub mod state;
pub mod status;
pub mod token;
