//! What a member's name means: the path inside the root, and whether it is a whiteout (image-spec layer.md,
//! "Whiteouts").

/// Where a member's name leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// An ordinary entry at these components; none: the root itself.
    At(Vec<&'a [u8]>),
    /// Deletes the path in lower layers.
    Whiteout(Vec<&'a [u8]>),
    /// Hides everything of lower layers below the directory.
    Opaque(Vec<&'a [u8]>),
    /// Metadata of the AUFS driver (`.wh..wh.plnk/…`): no part of the tree, but hard links may point at it.
    Aufs(Vec<&'a [u8]>),
    /// A whiteout that names nothing (`.wh.`, `.wh..`, `.wh...`).
    BadWhiteout,
}

/// Reads a member's name. Names are clamped to the root: a leading `/` is dropped, `..` never climbs above it.
/// The flag tells that `..` was in it.
pub fn locate(path: &[u8]) -> (Place<'_>, bool) {
    let mut climbs = false;
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                climbs = true;
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    (classify(parts), climbs)
}

fn classify(mut parts: Vec<&[u8]>) -> Place<'_> {
    let is_aufs = matches!(parts.first(), Some(&(b".wh..wh.plnk" | b".wh..wh.aufs" | b".wh..wh.orph")));
    if is_aufs {
        return Place::Aufs(parts);
    }
    let Some(target) = parts.last().and_then(|last| last.strip_prefix(b".wh.")) else {
        return Place::At(parts);
    };
    parts.pop();
    match target {
        b".wh..opq" => Place::Opaque(parts),
        b"" | b"." | b".." => Place::BadWhiteout,
        name => {
            parts.push(name);
            Place::Whiteout(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_they_mean() {
        let at = |parts: &[&'static str]| Place::At(parts.iter().map(|p| p.as_bytes()).collect());
        for (path, place, climbs) in [
            ("etc/passwd", at(&["etc", "passwd"]), false),
            ("./etc//passwd/", at(&["etc", "passwd"]), false),
            ("/abs", at(&["abs"]), false),
            ("../../x", at(&["x"]), true),
            ("a/../b", at(&["b"]), true),
            ("./", at(&[]), false),
            ("a/.wh.b", Place::Whiteout(vec![b"a", b"b"]), false),
            (".wh.d/", Place::Whiteout(vec![b"d"]), false),
            ("a/.wh..wh..opq", Place::Opaque(vec![b"a"]), false),
            (".wh..wh..opq", Place::Opaque(vec![]), false),
            ("a/.wh..wh..opqX", Place::Whiteout(vec![b"a", b".wh..opqX"]), false),
            (".wh..wh.plnk/12.34", Place::Aufs(vec![b".wh..wh.plnk", b"12.34"]), false),
            (".wh..wh.aufs", Place::Aufs(vec![b".wh..wh.aufs"]), false),
            ("a/.wh.", Place::BadWhiteout, false),
            ("a/.wh...", Place::BadWhiteout, false),
            ("a/.whatever", at(&["a", ".whatever"]), false),
        ] {
            assert_eq!(locate(path.as_bytes()), (place, climbs), "{path}");
        }
    }
}
