#![doc = include_str!("service/SERVICE.md")]

mod api;
pub mod client;
pub mod clock;
pub mod config;
pub mod database;
pub mod http;
pub mod invitation;
pub mod keys;
pub mod limits;
mod link;
pub mod locales;
pub mod mail;
pub mod oauth;
mod openapi;
pub mod page;
pub mod post;
pub mod run;
pub mod state;
pub mod status;
pub mod token;
pub mod webhook;
