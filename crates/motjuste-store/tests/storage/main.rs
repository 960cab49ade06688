//! Every storage keeps the promises of its trait, and the one on SQLite a few more.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod sqlite;
