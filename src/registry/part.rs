//! A part of a blob, by Range. Whether the bytes are right is for whoever takes them to say.

use super::{
    transfer::content_range,
    via::{HttpRequest, HttpResponse},
};
use crate::{image::Digest, problem::Problem, protocol::Access};

/// What asks for bytes of a blob.
pub fn part_request(access: &Access, digest: &Digest, offset: u64, length: u64) -> HttpRequest {
    let last = offset.saturating_add(length.max(1) - 1);
    let range = ("range".to_owned(), format!("bytes={offset}-{last}"));
    HttpRequest::get(access.blob_url(digest), vec![range], length)
}

/// The bytes of an answer to [`part_request`]; none where the other side gives no ranges.
///
/// # Errors
/// It is a refusal.
pub fn part_of(access: &Access, response: HttpResponse, offset: u64, length: u64) -> Result<Option<Vec<u8>>, Problem> {
    let packed = response.header("content-encoding").is_some_and(|encoding| encoding != "identity");
    match response.status {
        206 => {
            let begins = content_range(&response).is_some_and(|(start, _)| start == offset);
            let is_it = begins && !packed && !response.truncated && response.body.len() as u64 == length;
            Ok(is_it.then_some(response.body))
        }
        // The whole blob, of which a part is of no use: its end was wanted.
        200 => Ok(None),
        _ => Err(access.refused(&response)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{image::Reference, problem::ProblemKind, protocol::Via};

    fn access() -> Access {
        let reference = Reference::parse("localhost:5000/a/b:1").unwrap();
        Access::new(Via::Direct { plain_http: true }, reference, None).unwrap()
    }

    fn of(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Result<Option<Vec<u8>>, ProblemKind> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = HttpResponse { status, headers, body: body.to_vec(), truncated: false };
        part_of(&access(), response, 5, 3).map_err(|problem| problem.kind)
    }

    #[test]
    fn the_bytes_that_were_asked_for_and_no_others() {
        let request = part_request(&access(), &Digest::of(b""), 5, 3);
        assert_eq!(request.headers, [("range".to_owned(), "bytes=5-7".to_owned())]);
        assert_eq!((request.max_bytes, request.digest), (3, None), "a copy of the whole cannot stand in");
        assert_eq!(of(206, &[("content-range", "bytes 5-7/10")], b"abc"), Ok(Some(b"abc".to_vec())));
        assert_eq!(of(206, &[("content-range", "bytes 4-6/10")], b"abc"), Ok(None));
        assert_eq!(of(206, &[("content-range", "bytes 5-7/10")], b"ab"), Ok(None));
        assert_eq!(of(206, &[("content-range", "bytes 5-7/10"), ("content-encoding", "gzip")], b"abc"), Ok(None));
        assert_eq!(of(206, &[], b"abc"), Ok(None));
    }

    #[test]
    fn a_registry_without_ranges_answers_with_the_whole() {
        assert_eq!(of(200, &[("content-length", "10")], b"0123456789"), Ok(None));
        assert_eq!(of(404, &[], b""), Err(ProblemKind::ManifestUnknown));
        assert_eq!(of(416, &[], b""), Err(ProblemKind::RegistryError));
    }
}
