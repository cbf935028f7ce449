//! One case by name for each thing that tools disagree on, that inspectors get wrong, and that a tar can have. Where
//! umoci unpacks the stack, its tree is asked too.

mod built;
mod changes;
mod disagree;
mod peers;
mod seen;
mod space;
mod space_large;
mod space_naive;
mod tars;
mod toc;
