//! Image references (distribution/reference grammar).
/// placeholder
pub struct Reference;
/// placeholder
pub struct ReferenceError;
