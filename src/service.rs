#![doc = include_str!("service/SERVICE.md")]

pub mod audit;
pub mod check;
pub mod client;
pub mod clock;
pub mod config;
pub mod database;
pub mod dev;
pub mod forget;
mod health;
pub mod http;
pub mod invitation;
pub mod keys;
pub mod locales;
pub mod metrics;
pub mod oauth;
pub mod page;
pub mod run;
pub mod sealing;
pub mod state;
pub mod status;
pub mod stop;
pub mod sweeper;
pub mod token;
