//! Transfers that are cut, misled and held up.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{image::Reference, protocol::Via};

const AT: Moment = Moment { now: 0, chance: 0 };
/// Bytes that come at once.
const PIECE: usize = 4_099;

fn access() -> Access {
    Access::new(Via::Direct { plain_http: false }, Reference::parse("r.example/a").unwrap(), None).unwrap()
}

fn transfer(blob: &[u8], size: Option<u64>) -> Transfer {
    Transfer::new(&access(), &Digest::of(blob), size, "layer 0")
}

/// What the other side does with one request.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// 200 with all, in pieces; cut after so many bytes.
    All { cut: usize },
    /// 206 from where it was asked for, or so many bytes before that; cut after so many bytes.
    Part { before: usize, cut: usize },
    /// 206 from too far on.
    Gap,
    /// 206 without a range that can be read.
    Vague,
    /// 416.
    NoRange { says: bool },
    /// Another status.
    Status(u16),
    /// 429 with a time.
    Wait,
    /// No answer.
    Away,
    /// A body that ends cleanly after so many bytes.
    Short(usize),
    /// A challenge, then a token.
    Challenge,
}

fn head(status: u16, headers: &[(&str, String)]) -> HttpResponse {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    HttpResponse { status, headers, ..HttpResponse::default() }
}

/// Drives a transfer of `blob` against these acts, and then against a server that behaves. What came, and how it ended.
fn drive(blob: &[u8], size: Option<u64>, acts: &[Act]) -> (Vec<u8>, Result<(), Problem>, usize) {
    let mut access = access();
    let mut transfer = transfer(blob, size);
    let mut acts = acts.iter().copied();
    let (mut got, mut body, mut waits, mut sent) = (Vec::new(), (0, 0, true), 0, 0);
    for _ in 0..100_000 {
        let end = match transfer.poll(&access) {
            TransferStep::Done => return (got, Ok(()), sent),
            TransferStep::Wait(_) => {
                waits += 1;
                assert!(waits < 1_000, "it waits without end");
                transfer.waited();
                Ok(())
            }
            TransferStep::Fetch(request) => {
                assert_eq!(request.url, "https://r.example/token?scope=repository:a:pull");
                let token = HttpResponse { status: 200, body: br#"{"token":"x"}"#.to_vec(), ..HttpResponse::default() };
                transfer.answered(&mut access, Ok(token), AT)
            }
            TransferStep::Stream(request) => {
                sent += 1;
                let range = request.headers.iter().find(|(name, _)| name == "range");
                let from = range.map(|(_, value)| value["bytes=".len()..value.len() - 1].parse::<usize>().unwrap());
                assert_eq!(from.unwrap_or(got.len()), got.len(), "asked for from behind the last good byte");
                let usual = if from.is_some() {
                    Act::Part { before: 0, cut: usize::MAX }
                } else {
                    Act::All { cut: usize::MAX }
                };
                let (response, next) = respond(blob, from, acts.next().unwrap_or(usual));
                body = next;
                transfer.answered(&mut access, response, AT)
            }
            TransferStep::Read => {
                let (at, end, clean) = body;
                let piece = blob.get(at..end.min(at + PIECE)).unwrap_or_default();
                if piece.is_empty() {
                    if clean {
                        transfer.ended(&access, AT)
                    } else {
                        transfer.broke(&access, &Transport::Broken("cut".into()), AT)
                    }
                } else {
                    body.0 += piece.len();
                    transfer.take(piece.len()).map(|new| got.extend_from_slice(&piece[new]))
                }
            }
        };
        if let Err(problem) = end {
            return (got, Err(problem), sent);
        }
        assert!(blob.starts_with(&got), "a byte was taken twice, or left out");
    }
    panic!("it does not end");
}

/// The head, and the body as first byte, end, and whether it ends cleanly.
fn respond(blob: &[u8], from: Option<usize>, act: Act) -> (Result<HttpResponse, Transport>, (usize, usize, bool)) {
    let length = blob.len();
    let range = |start: usize| [("content-range", format!("bytes {start}-{}/{length}", length - 1))];
    let none = (0, 0, true);
    let start = from.unwrap_or(0);
    let cut =
        |start: usize, cut: usize| (start, start.saturating_add(cut).min(length), start.saturating_add(cut) >= length);
    match act {
        Act::All { cut: after } => (Ok(head(200, &[("content-length", length.to_string())])), cut(0, after)),
        Act::Part { before, cut: after } => {
            let start = start.saturating_sub(before);
            (Ok(head(206, &range(start))), cut(start, after))
        }
        Act::Gap => (Ok(head(206, &range((start + 1).min(length - 1)))), cut((start + 1).min(length - 1), 5)),
        Act::Vague => (Ok(head(206, &[("content-range", "bytes all/of it".to_owned())])), cut(0, 5)),
        Act::NoRange { says } => {
            let headers = says.then(|| ("content-range", format!("bytes */{length}")));
            (Ok(head(416, headers.as_slice())), none)
        }
        Act::Status(status) => (Ok(head(status, &[])), none),
        Act::Wait => (Ok(head(429, &[("retry-after", "1".to_owned())])), none),
        Act::Away => (Err(Transport::Unreachable("away".to_owned())), none),
        Act::Short(after) => (Ok(head(200, &[])), (0, after.min(length), true)),
        Act::Challenge => {
            let challenge = r#"Bearer realm="https://r.example/token""#.to_owned();
            (Ok(head(401, &[("www-authenticate", challenge)])), none)
        }
    }
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0_usize..120).prop_map(|cut| Act::All { cut }),
        6 => (0_usize..9, 0_usize..120).prop_map(|(before, cut)| Act::Part { before, cut }),
        1 => Just(Act::Gap),
        1 => Just(Act::Vague),
        1 => any::<bool>().prop_map(|says| Act::NoRange { says }),
        1 => prop_oneof![Just(403_u16), Just(404), Just(500), Just(503), Just(302), Just(204)].prop_map(Act::Status),
        1 => Just(Act::Wait),
        2 => Just(Act::Away),
        1 => (0_usize..120).prop_map(Act::Short),
        2 => Just(Act::Challenge),
    ]
}

proptest! {
    /// Whatever comes: it ends with all bytes or with one problem, and in between each byte is taken once.
    #[test]
    fn any_answers_end_with_all_bytes_or_one_problem(
        blob in vec(any::<u8>(), 1..100),
        stated in any::<bool>(),
        acts in vec(any_act(), 0..12),
    ) {
        let size = stated.then_some(blob.len() as u64);
        let (got, end, _) = drive(&blob, size, &acts);
        match end {
            // Without a stated size, and without one in the answer, a short body is all there is: the digest tells.
            Ok(()) if !stated && acts.iter().any(|act| matches!(act, Act::Short(_))) => prop_assert!(blob.starts_with(&got)),
            // The other side says twice that there is no more: whoever hashes it sees that it is too short.
            Ok(()) if got != blob => prop_assert!(acts.iter().filter(|act| matches!(act, Act::Short(_))).count() >= 2),
            Ok(()) => {}
            Err(problem) => prop_assert!(!problem.detail.is_empty() && problem.place.contains("layer 0")),
        }
    }

    /// Cuts alone, as many as there are tries without progress: all bytes come, each once, and none is sent twice.
    #[test]
    fn cuts_cost_no_byte(blob in vec(any::<u8>(), 1..200), cuts in vec(0_usize..60, 0..6)) {
        let acts: Vec<Act> = cuts.iter().enumerate()
            .map(|(n, cut)| if n == 0 { Act::All { cut: *cut } } else { Act::Part { before: 0, cut: *cut } })
            .take_while(|act| !matches!(act, Act::All { cut } if *cut == 0))
            .collect();
        let (got, end, _) = drive(&blob, Some(blob.len() as u64), &acts);
        prop_assert_eq!(end, Ok(()));
        prop_assert_eq!(got, blob);
    }
}

#[test]
fn tries_end_without_progress_and_go_on_with_it() {
    let blob = vec![7; 50];
    let cut = |after: usize| Act::Part { before: 0, cut: after };
    let (got, end, sent) = drive(&blob, Some(50), &vec![cut(1); 100]);
    let problem = end.unwrap_err();
    assert_eq!((problem.kind, got.len(), sent), (ProblemKind::RegistryUnreachable, 6, 6));
    assert!(problem.detail.contains("after 6 of 50 bytes"), "{problem}");
    let step = usize::try_from(limits::PROGRESS_BYTES).unwrap();
    let large = vec![7; 12 * step];
    let acts: Vec<Act> = (0..11).map(|_| cut(step)).collect();
    assert_eq!(drive(&large, Some(large.len() as u64), &acts).1, Ok(()), "eleven cuts, each behind progress");
}

#[test]
fn ranges_that_are_refused_are_done_without() {
    let blob: Vec<u8> = (0..100).collect();
    for act in [Act::Gap, Act::Vague, Act::NoRange { says: false }, Act::All { cut: usize::MAX }] {
        let (got, end, _) = drive(&blob, Some(100), &[Act::All { cut: 40 }, act]);
        assert_eq!((end, got), (Ok(()), blob.clone()), "{act:?}");
    }
    let stubborn = [Act::All { cut: 40 }, Act::Vague, Act::Vague];
    assert_eq!(drive(&blob, Some(100), &stubborn).1.unwrap_err().kind, ProblemKind::RegistryError);
}

#[test]
fn a_body_that_breaks_off_behind_its_last_byte_is_whole() {
    let blob = vec![1; 20];
    let mut access = access();
    let mut transfer = transfer(&blob, Some(20));
    transfer.answered(&mut access, Ok(head(200, &[])), AT).unwrap();
    assert_eq!(transfer.take(20), Ok(0..20));
    transfer.broke(&access, &Transport::Stalled(30), AT).unwrap();
    assert_eq!(transfer.poll(&access), TransferStep::Done);
}

#[test]
fn what_is_longer_is_stopped_and_what_is_shorter_ends() {
    let mut access = access();
    let mut long = transfer(b"x", Some(10));
    long.answered(&mut access, Ok(head(200, &[])), AT).unwrap();
    assert_eq!(long.take(8), Ok(0..8));
    assert_eq!(long.take(8), Ok(0..8), "whoever takes them sees that they are too many");
    assert_eq!(long.poll(&access), TransferStep::Done);
    let mut short = transfer(b"x", Some(10));
    short.answered(&mut access, Ok(head(200, &[("content-length", "8".to_owned())])), AT).unwrap();
    short.take(8).unwrap();
    short.ended(&access, AT).unwrap();
    assert_eq!(short.poll(&access), TransferStep::Done, "as long as it said itself");
}

#[test]
fn what_the_client_unpacks_is_not_resumed_in_the_middle() {
    let mut access = access();
    let mut packed = transfer(b"x", Some(10));
    let headers = [("content-encoding", "gzip".to_owned()), ("content-length", "3".to_owned())];
    packed.answered(&mut access, Ok(head(200, &headers)), AT).unwrap();
    packed.take(4).unwrap();
    packed.broke(&access, &Transport::Broken("cut".to_owned()), AT).unwrap();
    packed.waited();
    let TransferStep::Stream(request) = packed.poll(&access) else { panic!("no request") };
    assert_eq!(request.headers, []);
    packed.answered(&mut access, Ok(head(200, &headers)), AT).unwrap();
    assert_eq!((packed.take(6), packed.taken()), (Ok(4..6), 6));
}

#[test]
fn refusals_of_a_blob() {
    for (status, kind) in [
        (404, ProblemKind::LayerAbsent),
        (403, ProblemKind::AccessDenied),
        (302, ProblemKind::RegistryError),
        (204, ProblemKind::RegistryError),
    ] {
        let problem = transfer(b"x", Some(1)).answered(&mut access(), Ok(head(status, &[])), AT).unwrap_err();
        assert_eq!((problem.kind, problem.place.as_str()), (kind, "layer 0"));
    }
}
