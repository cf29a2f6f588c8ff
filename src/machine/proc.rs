//! What Linux says of a process in `/proc`. Other systems have no such files, and then there is no answer.

use std::fs;
use std::path::Path;

/// Returns the first number after `label`, at the start of a line, in a file of labelled lines.
///
/// `field("/proc/self/status", "VmRSS:")` is this process's resident memory in kilobytes. There is no answer if there
/// is no such file or label, or if something else than a whole number follows, such as `unlimited`.
pub fn field(path: impl AsRef<Path>, label: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let after = text.lines().find_map(|line| line.strip_prefix(label))?;
    after.split_whitespace().next()?.parse().ok()
}

/// Returns the memory of this process that is resident now, in bytes.
pub fn resident() -> Option<u64> {
    own_bytes("VmRSS:")
}

/// Returns the most memory of this process that was ever resident, in bytes, since its start or the last
/// [`forget_peak`].
pub fn peak() -> Option<u64> {
    own_bytes("VmHWM:")
}

/// Makes the kernel forget the peak so far: [`peak`] then grows from what is resident now. Returns whether it did.
pub fn forget_peak() -> bool {
    // What 5 means is in proc(5), under clear_refs.
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

fn own_bytes(label: &str) -> Option<u64> {
    field("/proc/self/status", label).map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_the_first_number_after_its_label() {
        let file = std::env::temp_dir().join(format!("asyncguide-proc-{}", std::process::id()));
        fs::write(&file, "Name:\tx\nVmHWM:\t  12 kB\nMax open files   1024   4096\nMax processes  unlimited\n")
            .expect("a temporary file can be written");
        assert_eq!(field(&file, "VmHWM:"), Some(12));
        assert_eq!(field(&file, "Max open files"), Some(1024));
        assert_eq!(field(&file, "Max processes"), None);
        assert_eq!(field(&file, "VmRSS:"), None);
        fs::remove_file(&file).expect("it is there");
        assert_eq!(field(&file, "VmHWM:"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_peak_is_at_least_what_is_resident() {
        assert!(peak() >= resident() && resident() > Some(0));
    }
}
