//! What a registry says of the pulls that it still allows: `RateLimit-Limit: 100;w=21600` and its like (Docker Hub).

use super::via::HttpResponse;
use crate::image::display_name;
pub use crate::protocol::Quota;

impl Quota {
    /// The quota that an answer tells of; none if it tells of none.
    pub fn of(response: &HttpResponse) -> Option<Self> {
        let number = |name: &str| {
            let (value, rest) = response.header(name)?.split_once(';').unwrap_or((response.header(name)?, ""));
            let window = rest.split(';').find_map(|part| part.trim().strip_prefix("w=")?.parse().ok());
            Some((value.trim().parse::<u64>().ok()?, window))
        };
        let (limit, remaining) = (number("ratelimit-limit"), number("ratelimit-remaining"));
        if limit.is_none() && remaining.is_none() {
            return None;
        }
        let source = response.header("docker-ratelimit-source").map(|source| display_name(source.as_bytes()));
        Some(Self {
            limit: limit.map(|(value, _)| value),
            remaining: remaining.map(|(value, _)| value),
            window: limit
                .and_then(|(_, window)| window)
                .or(remaining.and_then(|(_, window): (u64, Option<u64>)| window)),
            source: source.map(|source| source.chars().take(80).collect()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_docker_hub_writes_it() {
        let of = |headers: &[(&str, &str)]| {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Quota::of(&HttpResponse { headers, ..HttpResponse::default() })
        };
        let full = [
            ("ratelimit-limit", "100;w=21600"),
            ("ratelimit-remaining", "76;w=21600"),
            ("docker-ratelimit-source", "192.0.2.1"),
        ];
        let quota = of(&full).unwrap();
        assert_eq!((quota.limit, quota.remaining, quota.window), (Some(100), Some(76), Some(21_600)));
        assert_eq!(quota.source.as_deref(), Some("192.0.2.1"));
        assert_eq!(of(&[("ratelimit-remaining", "0")]).unwrap().remaining, Some(0));
        assert_eq!(of(&[("ratelimit-limit", "many")]), None);
        assert_eq!(of(&[]), None);
    }
}
