//! Entering a stream anywhere gives what unpacking it from its start gives.

use std::io::Write as _;

use flate2::write::GzEncoder;
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{AccessIndex, Compression, DecodeError, Decoder};

/// Pushes the rest of a stream in slices of these sizes, over and over.
fn push(decoder: &mut Decoder, stream: &[u8], cuts: &[usize]) -> Result<Vec<u8>, DecodeError> {
    let mut out = Vec::new();
    let mut rest = stream.get(usize::try_from(decoder.consumed()).unwrap()..).unwrap_or_default();
    let mut cuts = cuts.iter().cycle();
    let mut sink = |bytes: &[u8]| {
        out.extend_from_slice(bytes);
        Ok::<_, DecodeError>(())
    };
    while !rest.is_empty() {
        let (now, later) = rest.split_at((*cuts.next().unwrap()).clamp(1, rest.len()));
        decoder.push(now, &mut sink)?;
        rest = later;
    }
    decoder.finish(&mut sink)?;
    Ok(out)
}

fn index(compression: Compression, stream: &[u8], share: usize, cuts: &[usize]) -> (AccessIndex, Vec<u8>) {
    let mut decoder = Decoder::keeping(compression, share);
    let out = push(&mut decoder, stream, cuts).unwrap();
    let index = decoder.access();
    assert!(index.byte_len() <= share + 32);
    assert_eq!((index.stream_bytes(), index.unpacked_bytes()), (stream.len() as u64, out.len() as u64));
    (AccessIndex::from_bytes(index.into_bytes()).unwrap(), out)
}

/// Enters at `at`; says how many bytes before it came out.
fn enter(index: &AccessIndex, stream: &[u8], whole: &[u8], at: usize, cuts: &[usize]) -> usize {
    let mut decoder = Decoder::resume(index, at as u64);
    let from = usize::try_from(decoder.produced()).unwrap();
    assert!(from <= at);
    let out = push(&mut decoder, stream, cuts).unwrap();
    assert!(whole.get(from..) == Some(out.as_slice()), "entered at {from} for {at}");
    at - from
}

/// Lines whose numbers look random, so that blocks are short and of every bit length.
fn text(seed: u32, length: usize) -> Vec<u8> {
    let lines = (0..).flat_map(|n: u32| format!("{}\n", (n ^ seed).wrapping_mul(2_654_435_761)).into_bytes());
    lines.take(length).collect()
}

/// One member, with a flush in its middle: an empty stored block.
fn gzip(content: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    let (first, second) = content.split_at(content.len() / 2);
    encoder.write_all(first).unwrap();
    encoder.flush().unwrap();
    encoder.write_all(second).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn points_are_where_they_should_be() {
    let content = text(1, 3 << 20);
    // A point is taken at the end of the block that is being read when one is due.
    for (level, share, least, most) in
        [(6, 4 << 20, 8, 48), (9, 4 << 20, 8, 48), (0, 4 << 20, 8, 48), (6, 100_000, 2, 8)]
    {
        let stream = gzip(&content, level);
        let (index, out) = index(Compression::Gzip, &stream, share, &[100_000]);
        assert!(out == content);
        assert!((least..=most).contains(&index.points()), "level {level}, share {share}: {} points", index.points());
        let far = (0..content.len()).step_by(99_991).map(|at| enter(&index, &stream, &content, at, &[50_000])).max();
        assert!(far < Some(if share > 1 << 20 { 500_000 } else { 2 << 20 }), "{far:?} bytes too early");
    }
}

#[test]
fn members_and_frames_are_points() {
    let parts: Vec<Vec<u8>> = (0..200).map(|seed| text(seed, 1500)).collect();
    let whole = parts.concat();
    let members: Vec<u8> = parts.iter().flat_map(|part| gzip(part, 6)).collect();
    let frames: Vec<u8> =
        parts.iter().flat_map(|part| compress_to_vec(part.as_slice(), CompressionLevel::Fastest)).collect();
    for (compression, stream) in [(Compression::Gzip, members), (Compression::Zstd, frames)] {
        let (index, _) = index(compression, &stream, 10_000, &[777]);
        assert!(index.points() > 60, "{compression:?}: {} points", index.points());
        let far = (0..whole.len()).step_by(997).map(|at| enter(&index, &stream, &whole, at, &[1234])).max();
        assert!(far < Some(6_000), "{compression:?}: {far:?} bytes too early");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entering_is_as_unpacking(
        parts in proptest::collection::vec((any::<u32>(), 0..400_000_usize, 0..=9_u32), 1..5),
        share in 0..400_000_usize,
        cuts in proptest::collection::vec(1..90_000_usize, 1..6),
        at in proptest::collection::vec(any::<prop::sample::Index>(), 6),
    ) {
        let contents: Vec<_> = parts.iter().map(|(seed, length, _)| text(*seed, *length)).collect();
        let whole = contents.concat();
        let members: Vec<u8> = contents.iter().zip(&parts).flat_map(|(part, of)| gzip(part, of.2)).collect();
        let frames: Vec<u8> =
            contents.iter().flat_map(|part| compress_to_vec(part.as_slice(), CompressionLevel::Fastest)).collect();
        let plain = whole.clone();
        for (compression, stream) in
            [(Compression::Gzip, members), (Compression::Zstd, frames), (Compression::None, plain)]
        {
            let (index, out) = index(compression, &stream, share, &cuts);
            prop_assert!(out == whole);
            for at in &at {
                enter(&index, &stream, &whole, at.index(whole.len() + 1), &cuts);
            }
        }
    }

    #[test]
    fn damage_ends_without_panic(seed in any::<u32>(), at in any::<prop::sample::Index>(), bit in 0..8_u32, of_index: bool) {
        let content = text(seed, 300_000);
        let mut stream = gzip(&content, 6);
        let (mut index, _) = index(Compression::Gzip, &stream, 1 << 20, &[8192]);
        if of_index {
            let mut bytes = index.clone().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            index = AccessIndex::from_bytes(bytes).unwrap_or(index);
        } else {
            let at = at.index(stream.len());
            stream[at] ^= 1 << bit;
        }
        for at in [0, 100_000, 200_000, 300_000, u64::MAX] {
            let mut decoder = Decoder::resume(&index, at);
            let _ = push(&mut decoder, &stream, &[4096]);
        }
    }
}
