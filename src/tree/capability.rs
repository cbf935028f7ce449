//! File capabilities, out of the extended attribute `security.capability` (struct vfs_cap_data of linux/capability.h),
//! in the notation of getcap(8).

/// The attribute's name.
pub(super) const ATTRIBUTE: &[u8] = b"security.capability";

const EFFECTIVE: u32 = 1;
const REVISION: u32 = 0xff00_0000;

/// By their numbers.
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// The capabilities as text, `cap_net_raw=ep`; none when the value is not of a known revision and length.
pub(super) fn text(value: &[u8]) -> Option<String> {
    let words: Vec<u32> = value.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let (pairs, root) = match (word(0) & REVISION, value.len()) {
        (0x0100_0000, 12) => (1, None),
        (0x0200_0000, 20) => (2, None),
        (0x0300_0000, 24) => (2, Some(word(5))),
        _ => return None,
    };
    let set = |first: usize| -> u64 {
        (0..pairs).fold(0, |set, pair| set | u64::from(word(1 + 2 * pair + first)) << (32 * pair))
    };
    let (permitted, inheritable) = (set(0), set(1));
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for number in 0..64_u32 {
        let has = |set: u64| set >> number & 1 == 1;
        if !has(permitted | inheritable) {
            continue;
        }
        let mut flags = String::new();
        for (is_set, flag) in [(word(0) & EFFECTIVE != 0, 'e'), (has(inheritable), 'i'), (has(permitted), 'p')] {
            flags.extend(is_set.then_some(flag));
        }
        let name = NAMES.get(number as usize).map_or_else(|| number.to_string(), |name| format!("cap_{name}"));
        match groups.iter_mut().find(|(of, _)| *of == flags) {
            Some((_, names)) => names.push(name),
            None => groups.push((flags, vec![name])),
        }
    }
    let groups: Vec<String> = groups.iter().map(|(flags, names)| format!("{}={flags}", names.join(","))).collect();
    let root = root.filter(|root| *root != 0).map(|root| format!(" [rootid={root}]")).unwrap_or_default();
    Some(groups.join(" ") + &root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn in_the_notation_of_getcap() {
        let table: [(&[u32], Option<&str>); 8] = [
            (&[0x0200_0001, 1 << 10, 0, 0, 0], Some("cap_net_bind_service=ep")),
            (&[0x0200_0000, 1 << 10 | 1 << 13, 0, 0, 0], Some("cap_net_bind_service,cap_net_raw=p")),
            (&[0x0200_0001, 1 << 13, 1 << 13, 0, 0], Some("cap_net_raw=eip")),
            (&[0x0200_0001, 1 << 7, 1 << 13, 1 << 7, 0], Some("cap_setuid,cap_bpf=ep cap_net_raw=ei")),
            (&[0x0300_0001, 1 << 13, 0, 0, 0, 1000], Some("cap_net_raw=ep [rootid=1000]")),
            (&[0x0100_0001, 1 << 5, 0], Some("cap_kill=ep")),
            (&[0x0400_0001, 1 << 5, 0], None),
            (&[0x0200_0001, 1 << 5], None),
        ];
        for (words, expected) in table {
            assert_eq!(text(&value(words)).as_deref(), expected, "{words:x?}");
        }
        assert_eq!(text(b""), None);
    }
}
