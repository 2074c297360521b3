//! Heads of HTTP/1 taken apart (RFC 7230 §3), whatever is wrong with them.
//!
//! Read line by line and by nobody else's parser: the reference implementation has
//! another one.

use wsspec_record::Head;
use wsspec_record::escape::escape_octets;
use wsspec_record::head::{Field, Malformation, Malformed};

/// The most octets of a head that are read, and that a transcript keeps.
pub const HEAD_OCTETS_MAX: usize = 64 * 1024;

/// Reads a head octet by octet, however it is cut.
#[derive(Debug, Default)]
pub struct HeadReader {
    octets: Vec<u8>,
    /// How far the search for the empty line has come.
    searched: usize,
}

impl HeadReader {
    /// Takes octets; where they complete the head, gives the head and how many of the
    /// octets belong to what follows it.
    pub fn receive(&mut self, octets: &[u8]) -> Option<usize> {
        self.octets.extend_from_slice(octets);
        let from = self.searched.saturating_sub(3);
        let end = self.octets[from..]
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .map(|at| from + at + 4);
        self.searched = self.octets.len();
        let end = end?;
        let behind = self.octets.len() - end;
        self.octets.truncate(end);
        Some(behind)
    }

    /// Whether more came than is read of any head.
    pub fn is_too_large(&self) -> bool {
        self.octets.len() > HEAD_OCTETS_MAX
    }

    /// What came so far.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}

/// What a head has to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Response,
}

/// A head in lines.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    pub(super) start: &'a [u8],
    pub(super) fields: Vec<Line<'a>>,
    /// The first line that cannot be read.
    pub(super) malformed: Option<Malformed>,
}

/// A line behind the start line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// The name; nothing where the line is no field.
    pub(super) name: &'a [u8],
    /// The value, without white space around it.
    pub(super) value: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Lines<'a> {
    /// Takes a head apart, up to its empty line.
    pub(super) fn of(head: &'a [u8], kind: Kind) -> Self {
        let head = match kind {
            // §3.5: an empty line before a request is ignored.
            Kind::Request => head.strip_prefix(b"\r\n").unwrap_or(head),
            Kind::Response => head,
        };
        // §3.5: a line may be recognised by its line feed alone.
        let mut lines = head.split_inclusive(|octet| *octet == b'\n');
        let start = without_end(lines.next().unwrap_or_default());
        let mut malformed = match kind {
            Kind::Request if request_line(start).is_none() => Some(Malformation::RequestLine),
            Kind::Response if status(start).is_none() => Some(Malformation::StatusLine),
            _ => None,
        }
        .map(|why| Malformed { line: 1, why });
        let mut fields = Vec::new();
        let mut has_end = false;
        for (line, number) in lines.zip(2..) {
            if matches!(line, b"\r\n" | b"\n") {
                has_end = true;
                break;
            }
            let (field, fault) = read_line(without_end(line));
            if let (None, Some(why)) = (&malformed, fault) {
                malformed = Some(Malformed { line: number, why });
            }
            fields.push(field);
        }
        if !has_end {
            let line = u32::try_from(fields.len() + 2).unwrap_or(u32::MAX);
            let why = Malformation::NoEnd;
            malformed.get_or_insert(Malformed { line, why });
        }
        Self {
            start,
            fields,
            malformed,
        }
    }

    /// The status code of a response that could be read.
    pub(super) fn status(&self) -> Option<u16> {
        status(self.start).filter(|_| self.malformed.is_none())
    }

    /// What a transcript keeps of it.
    pub(super) fn record(&self) -> Head {
        let mut room = HEAD_OCTETS_MAX.saturating_sub(self.start.len());
        let kept = self.fields.iter().take_while(|line| {
            let fits = line.whole.len() <= room;
            room = room.saturating_sub(line.whole.len());
            fits
        });
        let fields: Vec<Field> = kept.map(Line::record).collect();
        Head {
            start: escape_octets(self.start, HEAD_OCTETS_MAX),
            status: self.status(),
            fields_omitted: (self.fields.len() - fields.len()) as u64,
            fields,
            malformed: self.malformed.clone(),
            faults: Vec::new(),
        }
    }

    /// The fields, names as text.
    pub(super) fn named(&self) -> Vec<(String, Vec<u8>)> {
        let name = |line: &Line<'_>| String::from_utf8_lossy(line.name).into_owned();
        let fields = self.fields.iter();
        fields
            .map(|line| (name(line), line.value.to_vec()))
            .collect()
    }
}

impl Line<'_> {
    fn record(&self) -> Field {
        Field::from_line(&escape_octets(self.whole, HEAD_OCTETS_MAX))
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn read_line(line: &[u8]) -> (Line<'_>, Option<Malformation>) {
    let no_field = Line {
        name: b"",
        value: b"",
        whole: line,
    };
    if line.starts_with(b" ") || line.starts_with(b"\t") {
        return (no_field, Some(Malformation::Folded));
    }
    let Some(colon) = line.iter().position(|octet| *octet == b':') else {
        return (no_field, Some(Malformation::NoColon));
    };
    let (name, value) = (&line[..colon], trim(&line[colon + 1..]));
    let fault = if !is_token(name) {
        Some(Malformation::Name)
    } else if !is_text(value) {
        Some(Malformation::Value)
    } else {
        None
    };
    let field = Line {
        name,
        value,
        whole: line,
    };
    (field, fault)
}

/// Method, target and minor version of a request line (§3.1.1).
pub(super) fn request_line(line: &[u8]) -> Option<(&str, String, u8)> {
    let mut parts = line.split(|octet| *octet == b' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let is_target = !target.is_empty() && target.iter().all(|octet| !is_control(*octet));
    if parts.next().is_some() || !is_token(method) || !is_target {
        return None;
    }
    let target = String::from_utf8_lossy(target).into_owned();
    Some((std::str::from_utf8(method).ok()?, target, minor(version)?))
}

/// The status code of a status line (§3.1.2).
fn status(line: &[u8]) -> Option<u16> {
    let (version, rest) = line.split_at_checked(8)?;
    minor(version)?;
    let (code, phrase) = rest.strip_prefix(b" ")?.split_at_checked(3)?;
    // The phrase may be empty, and with it the space before it is forgotten by many.
    let has_phrase = phrase.is_empty() || phrase.starts_with(b" ") && is_text(phrase);
    let is_code = code.iter().all(u8::is_ascii_digit);
    let code = std::str::from_utf8(code).ok()?;
    (has_phrase && is_code).then(|| code.parse().ok())?
}

fn minor(version: &[u8]) -> Option<u8> {
    match version {
        [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            b'1',
            b'.',
            digit @ b'0'..=b'9',
        ] => Some(digit - b'0'),
        _ => None,
    }
}

/// Whether this is a token (§3.2.6).
pub(super) fn is_token(text: &[u8]) -> bool {
    let is_one = |octet: &u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(octet);
    !text.is_empty() && text.iter().all(is_one)
}

/// Whether there is no control character but for tabs.
fn is_text(value: &[u8]) -> bool {
    value
        .iter()
        .all(|octet| *octet == b'\t' || !is_control(*octet))
}

fn is_control(octet: u8) -> bool {
    octet < 0x20 || octet == 0x7f
}

/// Without optional white space around (§3.2.3).
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// A head that we send, however it is made, and what follows its empty line.
pub fn sent_head(octets: &[u8]) -> (Head, &[u8]) {
    let end = octets.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, behind) = octets.split_at(end.map_or(octets.len(), |at| at + 4));
    let kind = match head.starts_with(b"HTTP/") {
        true => Kind::Response,
        false => Kind::Request,
    };
    let mut head = Lines::of(head, kind).record();
    // It is what a case makes it; only what a target sends has a status to look at.
    head.status = None;
    (head, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_malformed_is_found_where_it_is() {
        use Malformation::*;
        let request = "GET / HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n";
        for (from, to, expected) in [
            ("", "", None),
            ("\r\n", "\n", None),
            ("GET", "\r\nGET", None),
            ("h\r", "\t \u{e9} \t\r", None),
            ("h\r", "\r", None),
            ("Host: h", "Host:h", None),
            ("GET /", "GET  /", Some((1, RequestLine))),
            ("GET /", "GET", Some((1, RequestLine))),
            ("GET", "G(T", Some((1, RequestLine))),
            ("1.1", "2.0", Some((1, RequestLine))),
            ("1.1", "1.1 ", Some((1, RequestLine))),
            ("Host:", "Host :", Some((2, Name))),
            ("Host", "", Some((2, Name))),
            ("X: y", "X y", Some((3, NoColon))),
            ("X", " X", Some((3, Folded))),
            ("h\r", "h\0\r", Some((2, Value))),
            ("h\r", "h\r\r", Some((2, Value))),
            ("y\r\n\r\n", "y\r\n", Some((4, NoEnd))),
        ] {
            let head = request.replacen(from, to, 1);
            let lines = Lines::of(head.as_bytes(), Kind::Request);
            let found = lines
                .malformed
                .as_ref()
                .map(|found| (found.line, found.why));
            assert_eq!(found, expected, "{head:?}");
        }
    }

    #[test]
    fn status_lines_are_read() {
        for (line, expected) in [
            ("HTTP/1.1 101 Switching Protocols", Some(101)),
            ("HTTP/1.1 101 ", Some(101)),
            ("HTTP/1.0 404", Some(404)),
            ("HTTP/1.1 200 \u{e9}", Some(200)),
            ("HTTP/1.1 2000", None),
            ("HTTP/1.1 10x y", None),
            ("HTTP/1.1  101", None),
            ("HTTP/2.0 101 x", None),
            ("http/1.1 101 x", None),
            ("HTTP/1.1 101 a\rb", None),
            ("", None),
        ] {
            assert_eq!(status(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn a_head_is_found_at_any_cut() {
        let head = b"HTTP/1.1 101 x\r\nA: b\r\n\r\n";
        let octets = [&head[..], b"\x81\x00"].concat();
        for cut in 0..octets.len() {
            let mut reader = HeadReader::default();
            let first = reader.receive(&octets[..cut]);
            let behind = first.map_or_else(
                || reader.receive(&octets[cut..]),
                |behind| Some(behind + octets.len() - cut),
            );
            assert_eq!(behind, Some(2), "cut at {cut}");
            assert_eq!(reader.octets(), head);
        }
    }

    #[test]
    fn a_large_head_is_kept_in_part_and_says_so() {
        let line = format!("X: {}\r\n", "y".repeat(1000));
        let text = format!("GET / HTTP/1.1\r\n{}\r\n", line.repeat(80));
        let (head, behind) = sent_head(text.as_bytes());
        assert!(head.malformed.is_none() && behind.is_empty());
        assert_eq!(head.fields.len() as u64 + head.fields_omitted, 80);
        assert!((60..80).contains(&head.fields.len()));
        let (head, behind) = sent_head(b"HTTP/1.1 400 x\r\nX:y\r\n\r\nbody");
        assert_eq!(head.lines().collect::<Vec<_>>(), ["HTTP/1.1 400 x", "X:y"]);
        assert_eq!(behind, b"body");
    }
}
