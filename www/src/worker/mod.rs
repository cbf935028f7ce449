//! The session and layer workers.
