//! What Docker says of an image that it has.

use super::quote;

/// Prints the ID of the image with this name, which may be any that an archive gives it: `--` before it, since it may
/// begin with `-`.
pub fn image_id(name: &str) -> String {
    format!("docker image inspect --format '{{{{.Id}}}}' -- {}", quote(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_word_and_no_option() {
        let command =
            |name| image_id(name).strip_prefix("docker image inspect --format '{{.Id}}' -- ").unwrap().to_owned();
        assert_eq!(command("hello:1"), "hello:1");
        assert_eq!(command("x; rm -rf ~"), "'x; rm -rf ~'");
        assert_eq!(command("it's$(id)"), r"'it'\''s$(id)'");
        assert_eq!(command("--help"), "--help");
    }
}
