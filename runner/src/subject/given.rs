//! What a client is given to connect to, and what its request has to show of it.

use std::net::SocketAddr;

use wsspec_cases::Case;
use wsspec_judge::observe::UrlFacts;

use crate::drive::Ways;

/// Where we listen, and as what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) address: SocketAddr,
    pub(super) is_secure: bool,
}

/// The URL for a case, or what it has in place of one; `number` and `path` are where the case
/// is. What the request has to show goes into `ways`.
pub(super) fn given(
    case: &Case,
    place: Place,
    number: u64,
    path: String,
    ways: &mut Ways,
) -> String {
    let port = place.address.port();
    // Certificates for this machine are most often for its name.
    let (ws, http, address) = if place.is_secure {
        ("wss", "https", format!("localhost:{port}"))
    } else {
        ("ws", "http", place.address.to_string())
    };
    let Some(url) = &case.opening.url else {
        let url = format!("{ws}://{address}{path}");
        ways.urls = vec![UrlFacts::of(&url)];
        ways.given = case.opening.tls.map(|_| url.clone());
        return url;
    };
    let host = address.rsplit_once(':').map_or("", |(host, _)| host);
    let names = [
        ("{ws}", ws.to_owned()),
        ("{WS}", ws.to_ascii_uppercase()),
        ("{http}", http.to_owned()),
        ("{host}", host.to_owned()),
        ("{address}", address.clone()),
        ("{port}", port.to_string()),
        ("{port+65536}", (u32::from(port) + 65_536).to_string()),
        ("{path}", path),
        ("{run}", format!("run={number}")),
    ];
    let write = |template: &String| {
        let names = names.iter();
        names.fold(template.clone(), |text, (name, value)| {
            text.replace(name, value)
        })
    };
    let given = write(&url.given);
    ways.urls = match &url.means[..] {
        [] => vec![UrlFacts::of(&given)],
        means => means.iter().map(|url| UrlFacts::of(&write(url))).collect(),
    };
    ways.given = Some(given.clone());
    given
}
