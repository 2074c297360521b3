//! What a client is given to connect to.

use wsspec_cases::Case;
use wsspec_judge::observe::UrlFacts;

use super::Reception;

/// Where a client is sent.
#[derive(Debug, Clone)]
pub struct Place {
    /// Whether it is to speak TLS.
    pub is_secure: bool,
    /// The host, as URLs have it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query that tell what the request is for,
    pub path: String,
    /// and the number in it, for URLs that do without a path.
    pub number: u64,
}

impl Place {
    /// The URL to give to a client in a case, and how whoever comes of it is received.
    pub fn invite(&self, case: &Case, reception: &Reception) -> (String, Reception) {
        let mut reception = reception.clone();
        let (given, means) = match &case.opening.url {
            None => {
                let url = self.fill("{ws}://{address}{path}");
                reception.given = case.opening.tls.map(|_| url.clone());
                (url.clone(), vec![url])
            }
            Some(url) => {
                let given = self.fill(&url.given);
                reception.given = Some(given.clone());
                let means = url.means.iter().map(|url| self.fill(url)).collect();
                (given, means)
            }
        };
        reception.urls = match &means[..] {
            [] => vec![UrlFacts::of(&given)],
            means => means.iter().map(|url| UrlFacts::of(url)).collect(),
        };
        (given, reception)
    }

    /// Puts what is known here into a template.
    fn fill(&self, template: &str) -> String {
        let (ws, http) = match self.is_secure {
            true => ("wss", "https"),
            false => ("ws", "http"),
        };
        let names = [
            ("{ws}", ws.to_owned()),
            ("{WS}", ws.to_ascii_uppercase()),
            ("{http}", http.to_owned()),
            ("{host}", self.host.clone()),
            ("{address}", format!("{}:{}", self.host, self.port)),
            ("{port}", self.port.to_string()),
            ("{port+65536}", (u32::from(self.port) + 65_536).to_string()),
            ("{path}", self.path.clone()),
            ("{run}", format!("run={}", self.number)),
        ];
        let filled = template.to_owned();
        let fill = |text: String, (name, value): &(&str, String)| text.replace(name, value);
        names.iter().fold(filled, fill)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled() {
        let place = Place {
            is_secure: true,
            host: "h".into(),
            port: 5,
            path: "/a?b".into(),
            number: 7,
        };
        for (template, expected) in [
            ("{ws}://{address}{path}", "wss://h:5/a?b"),
            ("{WS}://{host}:{port+65536}", "WSS://h:65541"),
            ("{http}://{host}:{port}?{run}", "https://h:5?run=7"),
        ] {
            assert_eq!(place.fill(template), expected);
        }
    }
}
