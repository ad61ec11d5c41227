//! What both databases hold of used proofs.

/// After how many proofs those that count no more are forgotten, a thousand at most: sooner than they come.
pub(crate) const FORGET_EVERY: u64 = 256;
