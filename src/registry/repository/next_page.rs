//! The next page of a list (RFC 8288 `Link` with `rel="next"`; distribution-spec, "Listing tags").
//!
//! Only the query is taken of the link: the page is of the same list at the same place, so no answer can lead a request
//! elsewhere. Registries behind gateways also name themselves by addresses that lead nowhere.

use crate::registry::via::HttpResponse;

/// What an answer says of the page after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There is none.
    None,
    /// The query of the next page, without the `ns` of a proxy.
    Page(String),
    /// A link that cannot be the next page of this list.
    Wrong(String),
}

/// The page after an answer of `list`, such as `tags/list`.
pub(super) fn next_page(response: &HttpResponse, list: &str) -> Next {
    let Some(target) = response.headers.iter().filter(|(name, _)| name == "link").find_map(|(_, value)| target(value))
    else {
        return Next::None;
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query.split('#').next().unwrap_or_default();
    let is_plain = |b: u8| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b);
    let of_this_list = path.is_empty() || path.replace("%3A", ":").ends_with(list);
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("ns=")).collect();
    if !of_this_list || kept.is_empty() || !query.bytes().all(is_plain) {
        return Next::Wrong(target.to_owned());
    }
    Next::Page(kept.join("&"))
}

/// The target of the first link with `rel="next"`.
fn target(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let parameters = after.split('<').next().unwrap_or_default();
        let is_next = parameters.split([';', ',']).any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                let value = value.trim().trim_matches('"');
                name.trim().eq_ignore_ascii_case("rel")
                    && value.split_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(target.trim());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(header: &str) -> Next {
        let headers = vec![("link".to_owned(), header.to_owned())];
        next_page(&HttpResponse { status: 200, headers, ..HttpResponse::default() }, "tags/list")
    }

    #[test]
    fn links_as_registries_write_them() {
        let page = |query: &str| Next::Page(query.to_owned());
        for (header, expected) in [
            ("</v2/a/b/tags/list?last=x&n=2>; rel=\"next\"", page("last=x&n=2")),
            (
                "<https://registry.example/v2/a/b/tags/list?next_page=gAAA%3D&n=50>; rel=\"next\"",
                page("next_page=gAAA%3D&n=50"),
            ),
            ("<http://10.0.0.1:5000/v2/a/b/tags/list?n=2&last=x>;rel=next", page("n=2&last=x")),
            ("</v2/a/tags/list?last=x&n=2&ns=ghcr.io>; rel=\"next\"", page("last=x&n=2")),
            ("<?last=x>; rel=next", page("last=x")),
            (
                "</v2/a/b/tags/list?n=2>; rel=\"first\", </v2/a/b/tags/list?n=2&last=q>; title=\"a,b\"; REL=\"prev next\"",
                page("n=2&last=q"),
            ),
            ("</v2/a/b/tags/list?n=2>; rel=\"previous\"", Next::None),
            ("nonsense", Next::None),
            ("<unclosed", Next::None),
            ("</v2/a/b/tags/list>; rel=next", Next::Wrong("/v2/a/b/tags/list".to_owned())),
            ("</v2/a/b/tags/list?ns=x>; rel=next", Next::Wrong("/v2/a/b/tags/list?ns=x".to_owned())),
            (
                "<https://evil.example/steal?last=x>; rel=next",
                Next::Wrong("https://evil.example/steal?last=x".to_owned()),
            ),
            ("</v2/a/b/tags/list?last=a b>; rel=next", Next::Wrong("/v2/a/b/tags/list?last=a b".to_owned())),
        ] {
            assert_eq!(next(header), expected, "{header}");
        }
        assert_eq!(next_page(&HttpResponse::default(), "tags/list"), Next::None);
    }
}
