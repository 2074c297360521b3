//! Tokens, lists of them, and the grammar of extensions (RFC 6455 §9.1, RFC 9110 §5.6).

/// Whether `octets` are a token: one or more letters, digits or marks that separate nothing.
pub fn is_token(octets: &[u8]) -> bool {
    !octets.is_empty() && octets.iter().all(|&octet| is_token_octet(octet))
}

/// The elements of a comma-separated list, without white space; empty ones are left out,
/// as RFC 2616 §2.1 has it.
pub fn list_elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|&octet| octet == b',')
        .map(trim)
        .filter(|element| !element.is_empty())
}

/// Whether one of the lists in `values` has `wanted` as an element, in whatever case.
pub fn lists_contain<'a>(values: impl Iterator<Item = &'a [u8]>, wanted: &str) -> bool {
    values
        .flat_map(list_elements)
        .any(|element| element.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// The tokens in a field that may be split over several `values` (`1#token`); `None` if there
/// are none, or if some element is not a token.
pub fn token_list<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Vec<String>> {
    let tokens = values
        .flat_map(list_elements)
        .map(|element| is_token(element).then(|| ascii(element)))
        .collect::<Option<Vec<_>>>()?;
    (!tokens.is_empty()).then_some(tokens)
}

/// An extension, offered or accepted (§9.1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its parameters in order, with their values if they have any.
    pub parameters: Vec<(String, Option<String>)>,
}

impl std::fmt::Display for Extension {
    /// Writes it as it is in a field; values are tokens, which need no quotes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        for (name, value) in &self.parameters {
            write!(f, "; {name}")?;
            if let Some(value) = value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}

/// The extensions in a field that may be split over several `values`; `None` if there are
/// none, or if the grammar is not kept.
pub fn extension_list<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Vec<Extension>> {
    let mut extensions = Vec::new();
    for value in values {
        Scanner { rest: value }.extensions(&mut extensions)?;
    }
    (!extensions.is_empty()).then_some(extensions)
}

/// `octets` without spaces and tabs at either end.
pub(super) fn trim(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

/// Reads a value from the front; each octet is looked at a bounded number of times.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    /// `extension-list = 1#extension`
    fn extensions(&mut self, extensions: &mut Vec<Extension>) -> Option<()> {
        loop {
            while self.take(b',') {}
            if self.rest.is_empty() {
                return Some(());
            }
            extensions.push(self.extension()?);
            if !self.rest.is_empty() && !self.take(b',') {
                return None;
            }
        }
    }

    /// `extension = extension-token *( ";" extension-param )`
    fn extension(&mut self) -> Option<Extension> {
        let name = self.token()?;
        let mut parameters = Vec::new();
        while self.take(b';') {
            parameters.push(self.parameter()?);
        }
        Some(Extension { name, parameters })
    }

    /// `extension-param = token [ "=" (token | quoted-string) ]`
    fn parameter(&mut self) -> Option<(String, Option<String>)> {
        let name = self.token()?;
        if !self.take(b'=') {
            return Some((name, None));
        }
        let value = if self.take(b'"') {
            self.quoted()?
        } else {
            self.token()?
        };
        Some((name, Some(value)))
    }

    fn token(&mut self) -> Option<String> {
        self.skip_white_space();
        let length = self
            .rest
            .iter()
            .position(|&octet| !is_token_octet(octet))
            .unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        (length > 0).then(|| ascii(token))
    }

    /// The rest of a quoted string. §9.1: "the value after quoted-string unescaping MUST conform
    /// to the 'token' ABNF".
    fn quoted(&mut self) -> Option<String> {
        let mut value = Vec::new();
        loop {
            let (&octet, rest) = self.rest.split_first()?;
            self.rest = rest;
            match octet {
                b'"' => return is_token(&value).then(|| ascii(&value)),
                b'\\' => {
                    let (&escaped, rest) = self.rest.split_first()?;
                    self.rest = rest;
                    value.push(escaped);
                }
                octet => value.push(octet),
            }
        }
    }

    /// Takes `octet` if it comes next, after any white space.
    fn take(&mut self, octet: u8) -> bool {
        self.skip_white_space();
        let found = self.rest.first() == Some(&octet);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn skip_white_space(&mut self) {
        while let [b' ' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
}

const fn is_token_octet(octet: u8) -> bool {
    matches!(
        octet,
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'
            | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.'
            | b'^' | b'_' | b'`' | b'|' | b'~'
    )
}

/// Token octets as text.
fn ascii(token: &[u8]) -> String {
    token.iter().map(|&octet| char::from(octet)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_no_separators() {
        for (octets, expected) in [
            (&b"chat"[..], true),
            (b"!#$%&'*+-.^_`|~09AZaz", true),
            (b"", false),
            (b"a b", false),
            (b"a,b", false),
            (b"a/b", false),
            (b"\"a\"", false),
            (b"caf\xc3\xa9", false),
            (b"a\x7f", false),
        ] {
            assert_eq!(is_token(octets), expected, "{octets:02x?}");
        }
    }

    #[test]
    fn lists_may_be_split_and_have_empty_elements() {
        for (values, expected) in [
            (&[&b"a"[..]][..], Some(&["a"][..])),
            (&[b"a,b"], Some(&["a", "b"])),
            (&[b" a ,\tb "], Some(&["a", "b"])),
            (&[b"a,,b,"], Some(&["a", "b"])),
            (&[b"a", b"b"], Some(&["a", "b"])),
            (&[b""], None),
            (&[b","], None),
            (&[b"a b"], None),
            (&[b"a", b"b;c"], None),
        ] {
            let parsed = token_list(values.iter().copied());
            let parsed: Option<Vec<&str>> = parsed
                .as_ref()
                .map(|tokens| tokens.iter().map(String::as_str).collect());
            assert_eq!(parsed.as_deref(), expected, "{values:02x?}");
        }
    }

    #[test]
    fn extensions_follow_the_grammar() {
        type Parameters<'a> = &'a [(&'a str, Option<&'a str>)];
        type Expected<'a> = Option<&'a [(&'a str, Parameters<'a>)]>;
        for (value, expected) in [
            ("foo", Some(&[("foo", &[][..])][..])),
            (
                "foo, bar; baz=2",
                Some(&[("foo", &[][..]), ("bar", &[("baz", Some("2"))])]),
            ),
            (
                "foo ; a ; b = c",
                Some(&[("foo", &[("a", None), ("b", Some("c"))])]),
            ),
            (r#"foo; a="b""#, Some(&[("foo", &[("a", Some("b"))])])),
            (r#"foo; a="\b\c""#, Some(&[("foo", &[("a", Some("bc"))])])),
            (",foo,,", Some(&[("foo", &[])])),
            ("", None),
            (",", None),
            ("foo bar", None),
            ("foo;", None),
            ("foo; a=", None),
            ("foo; =b", None),
            (r#"foo; a="""#, None),
            (r#"foo; a="b c""#, None),
            (r#"foo; a="b"#, None),
            (r#"foo; a="\"#, None),
            ("caf\u{e9}", None),
        ] as [(&str, Expected<'_>); 17]
        {
            let expected = expected.map(|extensions| {
                extensions
                    .iter()
                    .map(|(name, parameters)| Extension {
                        name: (*name).to_owned(),
                        parameters: parameters
                            .iter()
                            .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
                            .collect(),
                    })
                    .collect::<Vec<_>>()
            });
            assert_eq!(
                extension_list([value.as_bytes()].into_iter()),
                expected,
                "{value}"
            );
        }
    }
}
