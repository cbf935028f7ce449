//! The decoders: chunk boundaries, damage, caps.

use std::io::Write;

use flate2::{Crc, GzBuilder, write::GzEncoder};
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::{Compression, DecodeError, Decoder};
use crate::limits;

/// Unpacks a stream that comes in slices of these sizes, over and over.
fn decode(compression: Compression, stream: &[u8], cuts: &[usize]) -> Result<Vec<u8>, DecodeError> {
    let mut decoder = Decoder::new(compression);
    let mut out = Vec::new();
    let mut rest = stream;
    let mut cuts = cuts.iter().cycle();
    let mut sink = |bytes: &[u8]| {
        assert!(bytes.len() <= 256 << 10);
        out.extend_from_slice(bytes);
        Ok::<_, DecodeError>(())
    };
    while !rest.is_empty() {
        let (now, later) = rest.split_at((*cuts.next().unwrap()).clamp(1, rest.len()));
        decoder.push(now, &mut sink)?;
        rest = later;
    }
    decoder.finish(&mut sink)?;
    assert_eq!(decoder.consumed(), stream.len() as u64);
    assert_eq!(decoder.produced(), out.len() as u64);
    Ok(out)
}

/// Found by the fuzzer: the library has two messages for one damage, and the cut decides which it gives.
#[test]
fn damage_is_told_alike_however_the_stream_is_cut() {
    let stream = [
        0x1f, 0x8b, 8, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x32, 0x51, 0xd1, 0x30, 0x51, 0xff, 0xff, 0x51, 0xd1, 1,
        0x51, 0, 1, 1, 0xff, 0xff, 0xff, 0, 0x25, 0x80, 0, 0x42, 0xff, 0xff, 0xff, 0xff, 0xd4,
    ];
    let whole = decode(Compression::Gzip, &stream, &[stream.len()]).unwrap_err();
    for cuts in [&[1_usize] as &[usize], &[2, 3], &[0, 31, 2, 7]] {
        assert_eq!(decode(Compression::Gzip, &stream, cuts).unwrap_err(), whole, "{cuts:?}");
    }
}

/// Found by the fuzzer: damage in a stream's last bytes was told as such only where they came in one piece.
#[test]
fn damage_in_the_last_bytes_is_told_however_the_stream_is_cut() {
    let digits = "1f8b0800ffffffffffff329696969696808080808080808080cacacacacacacacacacacacacacacacacacacacacacacacaca\
        cacacacacacacacacacacacacaca8acacacacacacacacacacacacacacacacacacacacacaca61caca34343434343434343434\
        34343434343434343434343434343434343434343d3434343434343434343400343434343434343434343434343434343434\
        3434343434343434343434343434343434343434343434343434343434343434343434343434343434343434343434343434\
        3434cacacacacacacacacacacacaca808080808001653838383838383838969696969696ffffffffff42ffffffffd47b7b7b\
        7b7b7b008e";
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let stream: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
    let whole = decode(Compression::Gzip, &stream, &[stream.len()]).unwrap_err();
    assert!(matches!(whole, DecodeError::Corrupt { .. }), "{whole}");
    for cut in 1..stream.len() {
        assert_eq!(decode(Compression::Gzip, &stream, &[cut]).unwrap_err(), whole, "{cut}");
    }
}

/// Found by the fuzzer: what was unpacked before the damage was given only where a cut lay between.
#[test]
fn what_comes_before_damage_is_given_however_the_stream_is_cut() {
    let mut stream =
        gzip(&(0..30_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect::<Vec<_>>());
    let middle = stream.len() / 2;
    stream.truncate(middle);
    stream.extend([0xff; 400]);
    let given = |cut: usize| {
        let (mut decoder, mut given) = (Decoder::new(Compression::Gzip), 0);
        let mut sink = |bytes: &[u8]| {
            given += bytes.len();
            Ok::<_, DecodeError>(())
        };
        let outcome = stream.chunks(cut).try_for_each(|piece| decoder.push(piece, &mut sink));
        (outcome.and_then(|()| decoder.finish(&mut sink)).unwrap_err(), given)
    };
    let whole = given(stream.len());
    assert!(whole.1 > 0);
    for cut in [1, 7, 300, 5_000] {
        assert_eq!(given(cut), whole, "{cut}");
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A member with every optional field, header CRC among them.
fn gzip_with_fields(content: &[u8]) -> Vec<u8> {
    let builder = GzBuilder::new().extra(vec![7; 300]).filename("name.tar").comment("a comment").mtime(1);
    let mut encoder = builder.write(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    let plain = encoder.finish().unwrap();
    let header = 10 + 2 + 300 + b"name.tar\0a comment\0".len();
    let mut member = plain[..header].to_vec();
    member[3] |= 0x02;
    let mut crc = Crc::new();
    crc.update(&member);
    member.extend_from_slice(&crc.sum().to_le_bytes()[..2]);
    member.extend_from_slice(&plain[header..]);
    member
}

fn zstd(content: &[u8]) -> Vec<u8> {
    compress_to_vec(content, CompressionLevel::Fastest)
}

fn skippable(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [&[0x5c, 0x2a, 0x4d, 0x18], length.to_le_bytes().as_slice(), content].concat()
}

/// A frame of one run-length block a byte, with what the frame says about itself left to the caller.
fn zstd_runs(header: &[u8], runs: &[(u8, u32)], tail: &[u8]) -> Vec<u8> {
    let mut frame = [&[0x28, 0xb5, 0x2f, 0xfd], header].concat();
    for (at, (byte, length)) in runs.iter().enumerate() {
        let last = u32::from(at + 1 == runs.len());
        frame.extend_from_slice(&(length << 3 | 1 << 1 | last).to_le_bytes()[..3]);
        frame.push(*byte);
    }
    frame.extend_from_slice(tail);
    frame
}

fn message(compression: Compression, stream: &[u8]) -> String {
    let whole = decode(compression, stream, &[usize::MAX]).unwrap_err();
    assert_eq!(decode(compression, stream, &[1]).unwrap_err(), whole, "the error depends on the slices");
    whole.to_string()
}

#[test]
fn plain_passes_through() {
    assert_eq!(decode(Compression::None, b"abc", &[2]).unwrap(), b"abc");
    assert_eq!(decode(Compression::None, b"", &[1]).unwrap(), b"");
}

#[test]
fn gzip_of_several_members_and_padding() {
    let stream = [gzip(b"one"), gzip(b""), gzip_with_fields(b" two"), vec![0; 700]].concat();
    for cut in [1, 2, 3, 7, 300, 5000] {
        assert_eq!(decode(Compression::Gzip, &stream, &[cut]).unwrap(), b"one two", "slices of {cut}");
    }
}

#[test]
fn damaged_gzip() {
    let whole = gzip(b"some content");
    let end = whole.len();
    let with = |at: usize, byte: u8| {
        let mut damaged = whole.clone();
        damaged[at] ^= byte;
        damaged
    };
    let mut bad_header_crc = gzip_with_fields(b"x");
    bad_header_crc[20] ^= 1;
    let table = [
        (vec![], "inside the header"),
        (whole[..5].to_vec(), "ends at byte 5, inside the header"),
        (whole[..end - 9].to_vec(), "inside the data"),
        (whole[..end - 1].to_vec(), "inside the trailer"),
        (with(0, 1), "byte 0: expected a gzip member"),
        (with(2, 1), "byte 2: expected the compression method deflate (08), found 09"),
        (with(3, 0x80), "reserved bits"),
        (with(10, 0x07), "damaged deflate data"),
        (with(end - 8, 1), "CRC-32"),
        (with(end - 4, 1), "size modulo 2^32 is stored as 13 but 12"),
        (bad_header_crc, "gzip header's CRC"),
        ([whole.as_slice(), b"junk"].concat(), "expected a gzip member"),
        ([whole.as_slice(), b"\0\0junk"].concat(), "nothing but zeros after"),
    ];
    for (stream, expected) in table {
        let text = message(Compression::Gzip, &stream);
        assert!(text.contains(expected), "{text:?} lacks {expected:?}");
    }
}

#[test]
fn zstd_of_several_frames() {
    let stream = [skippable(b"toc"), zstd(b"one"), skippable(b""), zstd(b" two"), skippable(&[9; 1000])].concat();
    for cut in [1, 2, 3, 7, 300, 5000] {
        assert_eq!(decode(Compression::Zstd, &stream, &[cut]).unwrap(), b"one two", "slices of {cut}");
    }
    let runs = zstd_runs(&[0x00, 0x58], &[(b'a', 100_000), (b'b', 3)], &[]);
    assert_eq!(decode(Compression::Zstd, &runs, &[1]).unwrap(), [vec![b'a'; 100_000], vec![b'b'; 3]].concat());
}

#[test]
fn damaged_zstd() {
    let whole = zstd(&[b'x'; 5000]);
    let runs = |header: &[u8], tail: &[u8]| zstd_runs(header, &[(b'a', 9)], tail);
    let table = [
        (vec![], "inside the header"),
        (whole[..3].to_vec(), "ends at byte 3, inside the header"),
        (whole[..whole.len() - 1].to_vec(), "inside a block"),
        (skippable(&[0; 9])[..10].to_vec(), "inside a skippable"),
        ([whole.as_slice(), &[0; 8]].concat(), "expected a zstd frame"),
        (runs(&[0x04, 0x58], &[1, 2, 3, 4]), "zstd frame's checksum is stored as 04030201"),
        (runs(&[0x20, 8], &[]), "damaged zstd data"),
        (runs(&[0x20, 10], &[]), "content size is stored as 10 but 9"),
        (runs(&[0x00, 0x90], &[]), "exceeds the limit ZSTD_WINDOW"),
        (runs(&[0x01, 0x58, 5], &[]), "needs the dictionary 5"),
        ([&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x58], [7_u8, 0, 0].as_slice()].concat(), "known type"),
        ([&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x58], [0xfd_u8, 0xff, 0xff].as_slice()].concat(), "at most 128 KiB"),
    ];
    for (stream, expected) in table {
        let text = message(Compression::Zstd, &stream);
        assert!(text.contains(expected), "{text:?} lacks {expected:?}");
    }
}

#[test]
fn a_bomb_is_stopped() {
    // 40 MB out of every 1,200 bytes: the grace passes, then the ratio does not.
    let frame = zstd_runs(&[0x00, 0x58], &[(0, 128 << 10); 300], &[]);
    let mut decoder = Decoder::new(Compression::Zstd);
    let mut seen = 0;
    let mut sink = |bytes: &[u8]| {
        seen += bytes.len() as u64;
        Ok::<_, DecodeError>(())
    };
    let error = (0..1000).find_map(|_| decoder.push(&frame, &mut sink).err()).unwrap();
    assert!(matches!(error, DecodeError::Limit { limit: "EXPANSION_RATIO", .. }), "{error}");
    assert!(seen <= limits::EXPANSION_GRACE);
}

#[test]
fn a_sink_error_stops_at_once() {
    #[derive(Debug, PartialEq)]
    struct Full;
    impl From<DecodeError> for Full {
        fn from(error: DecodeError) -> Self {
            panic!("not the sink's own error: {error}")
        }
    }
    for (compression, stream) in [(Compression::Gzip, gzip(b"abc")), (Compression::Zstd, zstd(b"abc"))] {
        assert_eq!(Decoder::new(compression).push(&stream, &mut |_: &[u8]| Err(Full)), Err(Full));
    }
}

/// Content that compresses somewhat, of any length around the buffers' sizes.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let piece = (any::<u8>(), 0..60_000_usize, proptest::collection::vec(any::<u8>(), 0..2000));
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| {
        let pieces = pieces.into_iter().map(|(byte, run, noise)| [vec![byte; run], noise].concat());
        pieces.collect::<Vec<_>>().concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slices_do_not_matter(
        parts in proptest::collection::vec(content(), 1..4),
        cuts in proptest::collection::vec(1..9000_usize, 1..6),
    ) {
        let expected = parts.concat();
        let members: Vec<_> = parts.iter().map(|part| gzip(part)).collect();
        prop_assert!(decode(Compression::Gzip, &members.concat(), &cuts).unwrap() == expected);
        let frames: Vec<_> = parts.iter().flat_map(|part| [zstd(part), skippable(b"between")]).collect();
        prop_assert!(decode(Compression::Zstd, &frames.concat(), &cuts).unwrap() == expected);
    }

    #[test]
    fn any_bytes_end_without_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..3000), at in 0..3000_usize, content in content()) {
        let _ = decode(Compression::Gzip, &bytes, &[700]);
        let _ = decode(Compression::Zstd, &bytes, &[700]);
        for (compression, stream) in [(Compression::Gzip, gzip(&content)), (Compression::Zstd, zstd(&content))] {
            let cut = at.min(stream.len());
            bytes.splice(..0, stream[..cut].iter().copied());
            let _ = decode(compression, &bytes, &[700, 1]);
        }
    }
}
