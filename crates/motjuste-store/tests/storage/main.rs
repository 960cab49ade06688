//! Every storage keeps the promises of its traits, and each database a few more.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod queue;
#[cfg(test)]
#[cfg(unix)]
mod read_only;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod server;
#[cfg(test)]
mod sqlite;
#[cfg(test)]
mod torn;
