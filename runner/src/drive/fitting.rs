//! An agreement on compression that fits what a client has offered (RFC 7692 §7.1).

use wsspec_judge::observe::{Extension, Request, parse_extensions};

const SERVER_TAKEOVER: &str = "server_no_context_takeover";
const SERVER_WINDOW: &str = "server_max_window_bits";
const CLIENT_WINDOW: &str = "client_max_window_bits";

/// The extensions that a case agrees to, such as the client has to take them: what it asks of
/// the server is granted beside (§7.1.1.1, §7.1.2.1), and a limit of its own window that it does
/// not offer is left out (§7.1.2.2). What cannot be read stays as it is.
pub(super) fn fitted(agreed: &str, request: &Request) -> String {
    let offers = parse_extensions(request.values("sec-websocket-extensions")).unwrap_or_default();
    let offer = offers.iter().find(|offer| offer.is_deflate());
    let (Some(offer), Some(agreed_to)) = (offer, parse_extensions([agreed.as_bytes()])) else {
        return agreed.to_owned();
    };
    let written = agreed.split(',').map(str::trim).zip(&agreed_to);
    let fitted: Vec<String> = written
        .map(|(text, extension)| match extension.is_deflate() {
            true => fit(text, extension, offer),
            false => text.to_owned(),
        })
        .collect();
    fitted.join(", ")
}

fn fit(text: &str, agreed: &Extension, offer: &Extension) -> String {
    let names = |parameter: &str, name| parameter.split('=').next().map(str::trim) == Some(name);
    let bits = |one: &Extension| one.parameter(SERVER_WINDOW).flatten()?.parse::<u8>().ok();
    let (ours, theirs) = (bits(agreed), bits(offer));
    let is_too_large = theirs.is_some() && ours.is_none_or(|ours| Some(ours) > theirs);
    let keeps = |parameter: &&str| {
        let is_in_excess =
            names(parameter, CLIENT_WINDOW) && offer.parameter(CLIENT_WINDOW).is_none();
        !(is_in_excess || names(parameter, SERVER_WINDOW) && is_too_large)
    };
    let mut parts: Vec<String> = text
        .split(';')
        .map(str::trim)
        .filter(keeps)
        .map(str::to_owned)
        .collect();
    let asks = |name| offer.parameter(name).is_some() && agreed.parameter(name).is_none();
    if asks(SERVER_TAKEOVER) {
        parts.push(SERVER_TAKEOVER.to_owned());
    }
    if let (true, Some(bits)) = (is_too_large, theirs) {
        parts.push(format!("{SERVER_WINDOW}={bits}"));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreement_has_what_the_client_asks_for_and_no_more() {
        const PLAIN: &str = "permessage-deflate";
        for (offer, agreed, expected) in [
            ("", "", PLAIN),
            ("; client_max_window_bits", "", PLAIN),
            (
                "; server_max_window_bits=12; client_max_window_bits=12",
                "",
                "permessage-deflate; server_max_window_bits=12",
            ),
            (
                "; server_no_context_takeover",
                "; client_no_context_takeover",
                "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
            ),
            ("", "; client_max_window_bits=9", PLAIN),
            (
                "; client_max_window_bits",
                "; client_max_window_bits=9",
                "permessage-deflate; client_max_window_bits=9",
            ),
            (
                "; server_max_window_bits=12",
                "; server_max_window_bits=15",
                "permessage-deflate; server_max_window_bits=12",
            ),
            (
                "; server_max_window_bits=12",
                "; server_max_window_bits=\"10\"",
                "permessage-deflate; server_max_window_bits=\"10\"",
            ),
        ] {
            let head =
                format!("GET / HTTP/1.1\r\nSec-WebSocket-Extensions: {PLAIN}{offer}\r\n\r\n");
            let request = Request::parse(head.as_bytes()).unwrap();
            let agreed = format!("{PLAIN}{agreed}");
            assert_eq!(fitted(&agreed, &request), expected, "{offer} {agreed}");
        }
    }
}
