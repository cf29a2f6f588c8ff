//! Digests of what a document contains.

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256};

/// Returns the digest by which a content security policy names a style or a script.
pub(super) fn policy_source(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text)))
}

/// Returns a name for the CSS class and the ids of a picture that contains `parts`.
///
/// Pictures that differ have different names, so that they can stand in one page. The same picture always has the same
/// name, so that the same recording makes the same file.
pub(super) fn scope(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    format!("asyncguide-{}", HEXLOWER.encode(&digest.finalize()[..4]))
}
