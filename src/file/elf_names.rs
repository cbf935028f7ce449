//! Numbers of the ELF header in words.

/// `e_machine`.
const MACHINES: &[(u64, &str)] = &[
    (2, "SPARC"),
    (3, "x86 (i386)"),
    (4, "Motorola 68000"),
    (8, "MIPS"),
    (15, "PA-RISC"),
    (18, "SPARC"),
    (20, "PowerPC"),
    (21, "PowerPC 64"),
    (22, "IBM S/390"),
    (40, "ARM"),
    (42, "SuperH"),
    (43, "SPARC 64"),
    (50, "Itanium"),
    (62, "x86-64"),
    (93, "ARC"),
    (94, "Xtensa"),
    (164, "Hexagon"),
    (183, "AArch64"),
    (224, "AMD GPU"),
    (243, "RISC-V"),
    (247, "BPF"),
    (252, "C-SKY"),
    (258, "LoongArch"),
];

/// `EI_OSABI`.
const ABIS: &[(u8, &str)] = &[
    (0, "System V"),
    (1, "HP-UX"),
    (2, "NetBSD"),
    (3, "GNU/Linux"),
    (6, "Solaris"),
    (9, "FreeBSD"),
    (12, "OpenBSD"),
    (97, "ARM"),
    (255, "standalone"),
];

pub(super) fn machine(number: u64, wide: bool, big: bool) -> String {
    let name = MACHINES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name);
    match (name, number) {
        (Some(name), 21) if !big => format!("{name} (little-endian)"),
        (Some(name), 8 | 243 | 258) => format!("{name} {}", if wide { 64 } else { 32 }),
        (Some(name), _) => name.to_owned(),
        (None, _) => format!("machine {number}"),
    }
}

pub(super) fn abi(number: u8) -> String {
    let name = ABIS.iter().find(|(known, _)| *known == number).map(|(_, name)| (*name).to_owned());
    name.unwrap_or_else(|| format!("ABI {number}"))
}
