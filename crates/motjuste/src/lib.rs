//! The search for the wording.
