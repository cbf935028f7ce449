//! One file for each browser API.
