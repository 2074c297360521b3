//! What a request asks for: a path and parameters, of which no one can be too long.

use url::Url;

/// The path of a request and the parameters behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) path: String,
    parameters: Vec<(String, String)>,
}

impl Query {
    /// Reads a request target; one that cannot be read has the path `/` and a query
    /// nobody asked for is of no use to anybody, so that this needs no error.
    pub(crate) fn of(target: &str) -> Self {
        // Any base will do: only path and query are looked at. An absolute target
        // (RFC 9112 §3.2.2) has a base of its own.
        let base = Url::parse("ws://wsspec.invalid/").expect("the base is a URL");
        let url = if target.starts_with('/') {
            // Not joined: `//host/path` would be taken for another host.
            let mut url = base;
            let (path, query) = match target.split_once('?') {
                Some((path, query)) => (path, Some(query)),
                None => (target, None),
            };
            url.set_path(path);
            url.set_query(query);
            url
        } else {
            Url::parse(target).unwrap_or(base)
        };
        Self {
            path: url.path().to_owned(),
            parameters: url
                .query_pairs()
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        }
    }

    /// The value of a parameter; nothing where it is not there exactly once.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut values = self.parameters.iter().filter(|(other, _)| other == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The segments of the path.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').skip(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_taken_apart() {
        for (target, path, agent) in [
            ("/runCase?case=1&agent=a", "/runCase", Some("a")),
            ("/runCase?agent=a%20%2Fb+c", "/runCase", Some("a /b c")),
            ("/x?agent=%00%ff%E2%80%AE", "/x", Some("\0\u{fffd}\u{202e}")),
            ("/x?agent=a&agent=b", "/x", None),
            ("/x?agent", "/x", Some("")),
            ("/x", "/x", None),
            ("//h/x?agent=a", "//h/x", Some("a")),
            ("/a/../../etc?agent=a", "/etc", Some("a")),
            ("/a/%2e%2e/b", "/b", None),
            ("ws://h:1/x?agent=a", "/x", Some("a")),
            ("*", "/", None),
            ("", "/", None),
        ] {
            let query = Query::of(target);
            assert_eq!(
                (query.path.as_str(), query.parameter("agent")),
                (path, agent),
                "{target}"
            );
        }
    }
}
