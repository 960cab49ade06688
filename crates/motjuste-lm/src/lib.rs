//! Open language models.
