//! Opening handshakes (RFC 6455 §4).

use wsspec_reference::deflate::{ClientWindow, Offer, WindowBits};
use wsspec_reference::handshake::{ClientHandshake, ClientOptions, ServerHandshake, ServerOptions};
use wsspec_reference::{Deviation as D, Deviations, Role};

/// A head that is sent to an endpoint, what a lawful one makes of it, and what others do.
struct Shake {
    role: Role,
    title: &'static str,
    /// The head of §1.3 with these changes: a line that starts with the first text becomes the
    /// second; after an empty text it is added, and an empty one takes its place.
    changes: &'static [(&'static str, &'static str)],
    lawful: &'static str,
    deviant: &'static [(D, &'static str)],
}

impl Shake {
    fn play(&self, deviation: Option<D>) -> String {
        let deviations = deviation.into_iter().collect();
        match self.role {
            Role::Server => ask_server(&head(REQUEST, self.changes), deviations),
            Role::Client => answer_client(&head(RESPONSE, self.changes), deviations),
        }
    }
}

/// What a server answers, and whether the frame that follows the request is left.
fn ask_server(request: &[u8], deviations: Deviations) -> String {
    let mut server = ServerHandshake::new(ServerOptions {
        subprotocols: vec!["superchat".into()],
        deviations,
        ..ServerOptions::default()
    });
    let outcome = server.receive(request);
    let (response, rest) = match &outcome {
        Ok(None) => return "waits".to_owned(),
        Ok(Some(acceptance)) => (&acceptance.response, &request[acceptance.taken..]),
        Err(refusal) => (&refusal.response, &b""[..]),
    };
    let response = String::from_utf8_lossy(response);
    let mut words = match &outcome {
        Err(_) => vec![describe_refusal(&response)],
        _ => difference(RESPONSE, &response, "accepts"),
    };
    if outcome.is_ok() && rest != FRAME {
        words.push("loses a frame".to_owned());
    }
    words.join(" ")
}

fn describe_refusal(response: &str) -> String {
    let status = response.split(' ').nth(1).unwrap_or("with nothing");
    let versions = response.contains("Sec-WebSocket-Version: 13\r\n");
    let without = if versions || response.is_empty() {
        ""
    } else {
        " without versions"
    };
    format!("refuses {status}{without}")
}

/// What a client asks, and whether it takes the response.
fn answer_client(response: &[u8], deviations: Deviations) -> String {
    // Compression is offered where the response has something to say about it.
    let about_deflate = String::from_utf8_lossy(response).contains("permessage-deflate");
    let offer = Offer {
        server_no_context_takeover: true,
        server_max_window_bits: WindowBits::new(10),
        client_max_window_bits: ClientWindow::Fixed,
        ..Offer::default()
    };
    let offers = if about_deflate {
        vec![offer]
    } else {
        Vec::new()
    };
    let options = ClientOptions {
        deflate: offers,
        subprotocols: vec!["superchat".into()],
        deviations,
        ..ClientOptions::new("server.example.com", "/chat")
    };
    let mut client = ClientHandshake::new(options, *b"the sample nonce").expect("lawful options");
    let request = String::from_utf8_lossy(&client.request()).into_owned();
    let mut words = difference(REQUEST, &request, "asks");
    match client.receive(response) {
        Ok(None) => words.push("waits".to_owned()),
        Ok(Some(welcome)) if &response[welcome.taken..] == FRAME => words.push("opens".to_owned()),
        Ok(Some(_)) => words.push("opens and loses a frame".to_owned()),
        Err(_) => words.push("fails".to_owned()),
    }
    words.join(", ")
}

/// The lines that `head` has and the usual one has not, and the other way round.
fn difference(usual: &[&str], head: &str, word: &str) -> Vec<String> {
    let mut words = vec![word.to_owned()];
    if !head.contains("\r\n") {
        words.push(
            if head.is_empty() {
                "nothing"
            } else {
                "bare line feeds"
            }
            .to_owned(),
        );
        return words;
    }
    let (lines, rest) = head.split_once("\r\n\r\n").unwrap_or((head, ""));
    let lines: Vec<_> = lines.split("\r\n").collect();
    let count = |lines: &[&str], line| lines.iter().filter(|other| **other == line).count();
    for line in usual {
        if count(&lines, *line) == 0 {
            words.push(format!("-{line}"));
        }
    }
    for line in &lines {
        if count(&lines, *line) > count(usual, *line) {
            words.push(format!("+{line}"));
        }
    }
    words.dedup();
    if !rest.is_empty() {
        words.push(format!("+{}", rest.escape_default()));
    }
    words
}

const REQUEST: &[&str] = &[
    "GET /chat HTTP/1.1",
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: superchat",
];

const RESPONSE: &[&str] = &[
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    "Sec-WebSocket-Protocol: superchat",
];

/// What comes at once with the head.
const FRAME: &[u8] = b"frame";

fn head(usual: &[&str], changes: &[(&str, &str)]) -> Vec<u8> {
    let mut lines: Vec<_> = usual.iter().map(|&line| line.to_owned()).collect();
    for (start, instead) in changes {
        match lines
            .iter_mut()
            .find(|line| !start.is_empty() && line.starts_with(start))
        {
            Some(line) => *line = (*instead).to_owned(),
            None => lines.push((*instead).to_owned()),
        }
    }
    lines.retain(|line| !line.is_empty());
    let mut octets = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
    octets.extend_from_slice(FRAME);
    octets
}

#[test]
fn lawful_endpoints_shake_hands_as_expected() {
    for shake in SHAKES {
        assert_eq!(
            shake.play(None),
            shake.lawful,
            "{}: {}",
            shake.role,
            shake.title
        );
    }
}

#[test]
fn deviations_do_what_they_say() {
    let mut wrong = Vec::new();
    for shake in SHAKES {
        for &(deviation, expected) in shake.deviant {
            let outcome = shake.play(Some(deviation));
            if outcome != expected || outcome == shake.lawful {
                wrong.push(format!(
                    "{deviation}, {}: {}: {outcome}",
                    shake.role, shake.title
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn deviations_do_nothing_else() {
    let mut unintended = Vec::new();
    for shake in SHAKES {
        // What shows in the usual handshake shows in many others.
        let usual = |deviation| {
            let shows = |other: &&Shake| other.deviant.iter().any(|&(shown, _)| shown == deviation);
            SHAKES
                .iter()
                .filter(|other| other.title.starts_with("the usual"))
                .any(|other| shows(&other))
        };
        for &deviation in D::ALL {
            let shown = shake.deviant.iter().any(|&(other, _)| other == deviation);
            let outcome = shake.play(Some(deviation));
            if !shown && !usual(deviation) && outcome != shake.lawful {
                unintended.push(format!(
                    "{deviation}, {}: {}: {outcome}",
                    shake.role, shake.title
                ));
            }
        }
    }
    assert!(unintended.is_empty(), "{}", unintended.join("\n"));
}

#[test]
fn heads_are_read_without_limit() {
    let cookie = format!("Cookie: {}", "x".repeat(100_000));
    let request = head(REQUEST, &[("", &cookie)]);
    assert_eq!(ask_server(&request, Deviations::NONE), "refuses 431");
    let without_limit = Deviations::NONE.with(D::ReadHeadsWithoutLimit);
    assert_eq!(ask_server(&request, without_limit), "accepts");
}

/// Whether `deviation` shows in one of these handshakes.
pub(crate) fn shows(deviation: D) -> bool {
    let below = [D::TakeUnfinishedHeads, D::RefuseClientWindow];
    let offered = WINDOWS_OFFERED.iter().any(|&(other, _)| other == deviation);
    offered || below.contains(&deviation) || is_shaken(deviation)
}

fn is_shaken(deviation: D) -> bool {
    SHAKES
        .iter()
        .any(|shake| shake.deviant.iter().any(|&(other, _)| other == deviation))
}

const fn to_server(
    title: &'static str,
    changes: &'static [(&'static str, &'static str)],
    lawful: &'static str,
    deviant: &'static [(D, &'static str)],
) -> Shake {
    Shake {
        role: Role::Server,
        title,
        changes,
        lawful,
        deviant,
    }
}

const fn to_client(
    title: &'static str,
    changes: &'static [(&'static str, &'static str)],
    lawful: &'static str,
    deviant: &'static [(D, &'static str)],
) -> Shake {
    Shake {
        role: Role::Client,
        title,
        changes,
        lawful,
        deviant,
    }
}

const SHAKES: &[Shake] = &[
    to_server(
        "the usual request",
        &[],
        "accepts",
        &[
            (
                D::RepeatSubprotocol,
                "accepts +Sec-WebSocket-Protocol: superchat",
            ),
            (
                D::SendWrongAccept,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=",
            ),
            (D::RequireOrigin, "refuses 400"),
            (D::OmitResponseUpgrade, "accepts -Upgrade: websocket"),
            (D::OmitResponseConnection, "accepts -Connection: Upgrade"),
            (
                D::OmitAccept,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            ),
            (
                D::RepeatAccept,
                "accepts +Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            ),
            (
                D::SendOtherResponseUpgrade,
                "accepts -Upgrade: websocket +Upgrade: h2c",
            ),
            (
                D::SendOtherResponseConnection,
                "accepts -Connection: Upgrade +Connection: keep-alive",
            ),
            (
                D::HashDecodedKey,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: BXhwxM0SZasKmCD9S4BfpPmCnEw=",
            ),
            (
                D::HashKeyWithoutGuid,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: hHLtf2V1k8aDQZfNjw3Ia1hCwt0=",
            ),
            (
                D::SendLowerCaseAccept,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: s3pplmbitxaq9kygzzhzrbk+xoo=",
            ),
            (
                D::SendUnpaddedAccept,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo",
            ),
            (
                D::SendKeyAsAccept,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==",
            ),
            (
                D::AnswerWith200,
                "accepts -HTTP/1.1 101 Switching Protocols +HTTP/1.1 200 OK",
            ),
            (
                D::AnswerWithHttp10,
                "accepts -HTTP/1.1 101 Switching Protocols +HTTP/1.0 101 Switching Protocols",
            ),
            (
                D::ChooseUnofferedSubprotocol,
                "accepts +Sec-WebSocket-Protocol: unoffered",
            ),
            (D::SendEmptySubprotocol, "accepts +Sec-WebSocket-Protocol:"),
            (
                D::ChooseUnofferedExtension,
                "accepts +Sec-WebSocket-Extensions: x-unoffered",
            ),
            (D::SendEmptyExtensions, "accepts +Sec-WebSocket-Extensions:"),
            (D::EndResponseLinesWithLf, "accepts bare line feeds"),
            (
                D::FoldResponseFields,
                "accepts -Upgrade: websocket +Upgrade:  + websocket",
            ),
            (D::SendOctetsAfterResponse, "accepts +\\r\\n"),
            (D::NeverAnswerHandshake, "accepts nothing"),
            (D::LoseEarlyFrames, "accepts loses a frame"),
        ],
    ),
    to_server(
        "another method",
        &[("GET", "POST /chat HTTP/1.1")],
        "refuses 405",
        &[
            (D::AnswerAllWith200, "refuses 200"),
            (D::RefuseAllWith401, "refuses 401"),
            (D::RefuseAllWith404, "refuses 404"),
            (D::AcceptOtherMethods, "accepts"),
        ],
    ),
    to_server(
        "HTTP/1.0",
        &[("GET", "GET /chat HTTP/1.0")],
        "refuses 400",
        &[(D::AcceptHttp10, "accepts")],
    ),
    to_server(
        "HTTP/1.2",
        &[("GET", "GET /chat HTTP/1.2")],
        "accepts",
        &[(D::RefuseHigherHttpVersions, "refuses 400")],
    ),
    to_server(
        "a target that is no resource name",
        &[("GET", "GET chat HTTP/1.1")],
        "refuses 400",
        &[(D::AcceptInvalidTarget, "accepts")],
    ),
    to_server(
        "a target that is absolute",
        &[("GET", "GET http://server.example.com/chat HTTP/1.1")],
        "accepts",
        &[(D::RefuseAbsoluteTargets, "refuses 400")],
    ),
    to_server(
        "no Host",
        &[("Host", "")],
        "refuses 400",
        &[(D::AcceptMissingHost, "accepts")],
    ),
    to_server(
        "two Hosts",
        &[("", "Host: server.example.com")],
        "refuses 400",
        &[(D::AcceptRepeatedHost, "accepts")],
    ),
    to_server(
        "a Host that is none",
        &[("Host", "Host: a/b")],
        "refuses 400",
        &[(D::AcceptInvalidHost, "accepts")],
    ),
    to_server(
        "a Host that comes late",
        &[("Host", "Origin: null"), ("", "Host: a")],
        "accepts",
        &[(D::RequireHostFirst, "refuses 400")],
    ),
    to_server(
        "no Upgrade",
        &[("Upgrade", "")],
        "refuses 426",
        &[(D::AcceptMissingUpgrade, "accepts")],
    ),
    to_server(
        "another Upgrade",
        &[("Upgrade", "Upgrade: h2c")],
        "refuses 426",
        &[(D::AcceptMissingUpgrade, "accepts")],
    ),
    to_server(
        "an Upgrade with capitals",
        &[("Upgrade", "Upgrade: WebSocket")],
        "accepts",
        &[(D::CompareUpgradeWithCase, "refuses 400")],
    ),
    to_server(
        "no Connection",
        &[("Connection", "")],
        "refuses 400",
        &[(D::AcceptMissingConnection, "accepts")],
    ),
    to_server(
        "another Connection",
        &[("Connection", "Connection: keep-alive")],
        "refuses 400",
        &[(D::AcceptMissingConnection, "accepts")],
    ),
    to_server(
        "a Connection in lower case",
        &[("Connection", "Connection: upgrade")],
        "accepts",
        &[(D::CompareConnectionWithCase, "refuses 400")],
    ),
    to_server(
        "a Connection with two tokens",
        &[("Connection", "Connection: keep-alive, Upgrade")],
        "accepts",
        &[(D::RefuseConnectionLists, "refuses 400")],
    ),
    to_server(
        "a Connection with an empty element",
        &[("Connection", "Connection: ,Upgrade")],
        "accepts",
        &[(D::RefuseEmptyListElements, "refuses 400")],
    ),
    to_server(
        "names in lower case",
        &[
            ("Upgrade", "upgrade: websocket"),
            ("Connection", "connection: Upgrade"),
        ],
        "accepts",
        &[(D::CompareNamesWithCase, "refuses 400")],
    ),
    to_server(
        "a line that is no field",
        &[("", "no field")],
        "refuses 400",
        &[(D::AcceptMalformedFields, "accepts")],
    ),
    to_server(
        "a folded field, and white space before a colon",
        &[("", "X-A: b\r\n c"), ("", "X-B : c")],
        "refuses 400",
        &[(D::AcceptMalformedFields, "accepts")],
    ),
    to_server(
        "no version",
        &[("Sec-WebSocket-Version", "")],
        "refuses 400",
        &[(D::AcceptMissingVersion, "accepts")],
    ),
    to_server(
        "two versions",
        &[("", "Sec-WebSocket-Version: 13")],
        "refuses 400",
        &[(D::AcceptRepeatedVersion, "accepts")],
    ),
    to_server(
        "the usual refusal, for another version",
        &[("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8")],
        "refuses 426",
        &[
            (D::AnswerAllWith200, "refuses 200"),
            (D::RefuseAllWith401, "refuses 401"),
            (D::RefuseAllWith404, "refuses 404"),
            (D::SendMalformedVersions, "refuses 426 without versions"),
            (D::AcceptOtherVersions, "accepts"),
            (D::OmitVersionsInRefusal, "refuses 426 without versions"),
            (D::RefuseWith200, "refuses 200"),
            (D::CloseWithoutRefusal, "refuses with nothing"),
            (D::StallOnRefusal, "refuses with nothing"),
        ],
    ),
    to_server(
        "no key",
        &[("Sec-WebSocket-Key", "")],
        "refuses 400",
        &[(
            D::AcceptMissingKey,
            "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=",
        )],
    ),
    to_server(
        "two keys",
        &[("", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==")],
        "refuses 400",
        &[(D::AcceptRepeatedKey, "accepts")],
    ),
    to_server(
        "a key of 15 octets",
        &[(
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j",
        )],
        "refuses 400",
        &[
            (
                D::AcceptInvalidKey,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: k9uFUQ3sxsBzo5O0/ylrvYr5zk4=",
            ),
            (
                D::AcceptKeyOfOtherLength,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: k9uFUQ3sxsBzo5O0/ylrvYr5zk4=",
            ),
        ],
    ),
    to_server(
        "a key that is not base64",
        &[(
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j_Q==",
        )],
        "refuses 400",
        &[
            (
                D::AcceptInvalidKey,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: jxeUEUwMHsT9F15HDpGXNfBSkNA=",
            ),
            (
                D::AcceptKeyNotBase64,
                "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: jxeUEUwMHsT9F15HDpGXNfBSkNA=",
            ),
        ],
    ),
    to_server(
        "a key that is anything",
        &[("Sec-WebSocket-Key", "Sec-WebSocket-Key: key")],
        "refuses 400",
        &[(
            D::AcceptInvalidKey,
            "accepts -Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo= +Sec-WebSocket-Accept: 3zK22MhUhryr5kF4G6IwUR0kqa4=",
        )],
    ),
    to_server(
        "subprotocols that are no tokens",
        &[("Sec-WebSocket-Protocol", "Sec-WebSocket-Protocol: a b")],
        "refuses 400",
        &[(
            D::AcceptInvalidSubprotocols,
            "accepts -Sec-WebSocket-Protocol: superchat",
        )],
    ),
    to_server(
        "a subprotocol twice",
        &[(
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Protocol: chat, chat",
        )],
        "refuses 400",
        &[(
            D::AcceptRepeatedSubprotocols,
            "accepts -Sec-WebSocket-Protocol: superchat",
        )],
    ),
    to_server(
        "two subprotocols",
        &[(
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Protocol: chat, superchat",
        )],
        "accepts",
        &[(
            D::EchoSubprotocolList,
            "accepts -Sec-WebSocket-Protocol: superchat +Sec-WebSocket-Protocol: chat, superchat",
        )],
    ),
    to_server(
        "a subprotocol with capitals",
        &[(
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Protocol: SuperChat",
        )],
        "accepts -Sec-WebSocket-Protocol: superchat",
        &[
            (
                D::EchoSubprotocolList,
                "accepts -Sec-WebSocket-Protocol: superchat +Sec-WebSocket-Protocol: SuperChat",
            ),
            (
                D::MatchSubprotocolsWithoutCase,
                "accepts -Sec-WebSocket-Protocol: superchat +Sec-WebSocket-Protocol: SuperChat",
            ),
        ],
    ),
    to_server(
        "no subprotocols",
        &[("Sec-WebSocket-Protocol", "")],
        "accepts -Sec-WebSocket-Protocol: superchat",
        &[],
    ),
    to_server(
        "extensions against the grammar",
        &[("", "Sec-WebSocket-Extensions: a; =")],
        "refuses 400",
        &[(D::AcceptInvalidExtensions, "accepts")],
    ),
    to_server(
        "an extension that nobody knows",
        &[("", "Sec-WebSocket-Extensions: x-unknown")],
        "accepts",
        &[(
            D::EchoExtensionOffers,
            "accepts +Sec-WebSocket-Extensions: x-unknown",
        )],
    ),
    to_server(
        "a field that nobody knows",
        &[("", "X-Unknown: x")],
        "accepts",
        &[(D::RefuseUnknownFields, "refuses 400")],
    ),
    to_server(
        "a field that is not ASCII",
        &[("", "Cookie: \u{e9}")],
        "accepts",
        &[
            (D::RefuseUnknownFields, "refuses 400"),
            (D::RefuseNonAsciiFields, "refuses 400"),
        ],
    ),
    to_server(
        "a request with an origin",
        &[("", "Origin: http://example.com")],
        "accepts",
        &[],
    ),
    to_client(
        "the usual response",
        &[],
        "asks, opens",
        &[
            (D::NeverAsk, "asks, nothing, opens"),
            (
                D::SendVersion12,
                "asks, -Sec-WebSocket-Version: 13, +Sec-WebSocket-Version: 12, opens",
            ),
            (
                D::SendWebSocketUri,
                "asks, -GET /chat HTTP/1.1, +GET ws://server.example.com/chat HTTP/1.1, opens",
            ),
            (
                D::SendForeignUri,
                "asks, -GET /chat HTTP/1.1, +GET http://elsewhere.example/chat HTTP/1.1, opens",
            ),
            (D::LoseEarlyFrames, "asks, opens and loses a frame"),
            (D::OmitHost, "asks, -Host: server.example.com, opens"),
            (D::OmitRequestUpgrade, "asks, -Upgrade: websocket, opens"),
            (
                D::OmitRequestConnection,
                "asks, -Connection: Upgrade, opens",
            ),
            (
                D::OmitKey,
                "asks, -Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, opens",
            ),
            (D::OmitVersion, "asks, -Sec-WebSocket-Version: 13, opens"),
            (
                D::SendOtherRequestUpgrade,
                "asks, -Upgrade: websocket, +Upgrade: h2c, opens",
            ),
            (
                D::SendOtherRequestConnection,
                "asks, -Connection: Upgrade, +Connection: keep-alive, opens",
            ),
            (
                D::SendVersion8,
                "asks, -Sec-WebSocket-Version: 13, +Sec-WebSocket-Version: 8, opens",
            ),
            (
                D::SendVersionWithLeadingZero,
                "asks, -Sec-WebSocket-Version: 13, +Sec-WebSocket-Version: 013, opens",
            ),
            (D::RepeatVersion, "asks, +Sec-WebSocket-Version: 13, opens"),
            (
                D::RepeatKey,
                "asks, +Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, opens",
            ),
            (D::RepeatHost, "asks, +Host: server.example.com, opens"),
            (
                D::SendConstantKey,
                "asks, -Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, +Sec-WebSocket-Key: d3NzcGVjIGlzIHRlc3Rpbg==, fails",
            ),
            (
                D::SendShortKey,
                "asks, -Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, +Sec-WebSocket-Key: d3NzcGVjIGlzIA==, fails",
            ),
            (
                D::SendKeyNotBase64,
                "asks, -Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, +Sec-WebSocket-Key: this is not base64!!!!!!, fails",
            ),
            (
                D::SendPost,
                "asks, -GET /chat HTTP/1.1, +POST /chat HTTP/1.1, opens",
            ),
            (
                D::SendLowerCaseMethod,
                "asks, -GET /chat HTTP/1.1, +get /chat HTTP/1.1, opens",
            ),
            (
                D::SendHttp10,
                "asks, -GET /chat HTTP/1.1, +GET /chat HTTP/1.0, opens",
            ),
            (
                D::SendFragmentIdentifier,
                "asks, -GET /chat HTTP/1.1, +GET /chat#fragment HTTP/1.1, opens",
            ),
            (
                D::OfferSubprotocolTwice,
                "asks, +Sec-WebSocket-Protocol: chat, chat, opens",
            ),
            (
                D::OfferInvalidSubprotocol,
                "asks, +Sec-WebSocket-Protocol: no token, opens",
            ),
            (
                D::OfferEmptySubprotocols,
                "asks, -Sec-WebSocket-Protocol: superchat, +Sec-WebSocket-Protocol:, opens",
            ),
            (
                D::OfferUnregisteredExtension,
                "asks, +Sec-WebSocket-Extensions: x-unregistered, opens",
            ),
            (
                D::SendMalformedOrigin,
                "asks, +Origin: http://example.com/path, opens",
            ),
            (
                D::OfferInvalidExtension,
                "asks, +Sec-WebSocket-Extensions: x-invalid; =, opens",
            ),
            (D::EndRequestLinesWithLf, "asks, bare line feeds, opens"),
            (
                D::SendFrameBeforeResponse,
                "asks, +\\u{fffd}\\u{fffd}7\\u{fffd}!=, opens",
            ),
        ],
    ),
    to_client(
        "another status",
        &[("HTTP", "HTTP/1.1 200 OK")],
        "asks, fails",
        &[(D::AcceptOtherStatus, "asks, opens")],
    ),
    to_client(
        "an interim response first",
        &[(
            "HTTP",
            "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switching Protocols",
        )],
        "asks, opens",
        &[(D::RefuseInterimResponses, "asks, fails")],
    ),
    to_client(
        "a response of HTTP/1.0",
        &[("HTTP", "HTTP/1.0 101 Switching Protocols")],
        "asks, fails",
        &[
            (D::AcceptResponseHttp10, "asks, opens"),
            (D::MatchStatusLoosely, "asks, opens"),
        ],
    ),
    to_client(
        "no Upgrade in response",
        &[("Upgrade", "")],
        "asks, fails",
        &[(D::AcceptResponseWithoutUpgrade, "asks, opens")],
    ),
    to_client(
        "another Upgrade in response",
        &[("Upgrade", "Upgrade: h2c")],
        "asks, fails",
        &[(D::AcceptOtherResponseUpgrade, "asks, opens")],
    ),
    to_client(
        "an Upgrade with capitals in response",
        &[("Upgrade", "Upgrade: WebSocket")],
        "asks, opens",
        &[(D::CompareUpgradeWithCase, "asks, fails")],
    ),
    to_client(
        "no Connection in response",
        &[("Connection", "")],
        "asks, fails",
        &[(D::AcceptResponseWithoutConnection, "asks, opens")],
    ),
    to_client(
        "a Connection in lower case in response",
        &[("Connection", "Connection: upgrade")],
        "asks, opens",
        &[(D::CompareConnectionWithCase, "asks, fails")],
    ),
    to_client(
        "a Connection with two tokens in response",
        &[("Connection", "Connection: keep-alive, Upgrade")],
        "asks, opens",
        &[(D::RefuseConnectionLists, "asks, fails")],
    ),
    to_client(
        "a Connection with an empty element in response",
        &[("Connection", "Connection: Upgrade,")],
        "asks, opens",
        &[(D::RefuseEmptyListElements, "asks, fails")],
    ),
    to_client(
        "empty elements around an extension in response",
        &[(
            "",
            "Sec-WebSocket-Extensions: , permessage-deflate; server_no_context_takeover; server_max_window_bits=10,,",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        &[(
            D::RefuseEmptyExtensionElements,
            "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
        )],
    ),
    to_client(
        "names in lower case in response",
        &[
            ("Upgrade", "upgrade: websocket"),
            ("Connection", "connection: Upgrade"),
        ],
        "asks, opens",
        &[(D::CompareNamesWithCase, "asks, fails")],
    ),
    to_client(
        "a line that is no field in response",
        &[("", "no field")],
        "asks, fails",
        &[(D::AcceptMalformedFields, "asks, opens")],
    ),
    to_client(
        "a status of four digits",
        &[("HTTP", "HTTP/1.1 1010 Switching Protocols")],
        "asks, fails",
        &[(D::MatchStatusLoosely, "asks, opens")],
    ),
    to_client(
        "the usual response of a server that wants a password",
        &[
            ("HTTP", "HTTP/1.1 401 Unauthorized"),
            ("Upgrade", ""),
            ("Sec-WebSocket-Accept", ""),
        ],
        "asks, fails",
        &[
            (D::NeverAsk, "asks, nothing, fails"),
            (
                D::SendVersion12,
                "asks, -Sec-WebSocket-Version: 13, +Sec-WebSocket-Version: 12, fails",
            ),
            (
                D::SendWebSocketUri,
                "asks, -GET /chat HTTP/1.1, +GET ws://server.example.com/chat HTTP/1.1, fails",
            ),
            (
                D::SendForeignUri,
                "asks, -GET /chat HTTP/1.1, +GET http://elsewhere.example/chat HTTP/1.1, fails",
            ),
            (D::TakeAnyResponse, "asks, opens"),
        ],
    ),
    to_client(
        "no accept",
        &[("Sec-WebSocket-Accept", "")],
        "asks, fails",
        &[(D::AcceptMissingAccept, "asks, opens")],
    ),
    to_client(
        "two accepts",
        &[("", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")],
        "asks, fails",
        &[(D::AcceptRepeatedAccept, "asks, opens")],
    ),
    to_client(
        "a wrong accept",
        &[(
            "Sec-WebSocket-Accept",
            "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        )],
        "asks, fails",
        &[(D::AcceptWrongAccept, "asks, opens")],
    ),
    to_client(
        "extensions against the grammar in response",
        &[("", "Sec-WebSocket-Extensions: a; =")],
        "asks, fails",
        &[(D::AcceptInvalidResponseExtensions, "asks, opens")],
    ),
    to_client(
        "an extension that was not offered",
        &[("", "Sec-WebSocket-Extensions: x-unoffered")],
        "asks, fails",
        &[(D::AcceptUnofferedExtension, "asks, opens")],
    ),
    to_client(
        "a subprotocol that was not offered",
        &[("Sec-WebSocket-Protocol", "Sec-WebSocket-Protocol: chat")],
        "asks, fails",
        &[(D::AcceptUnofferedSubprotocol, "asks, opens")],
    ),
    to_client(
        "two subprotocols in two fields",
        &[("", "Sec-WebSocket-Protocol: superchat")],
        "asks, fails",
        &[(D::AcceptRepeatedSubprotocol, "asks, opens")],
    ),
    to_client(
        "two subprotocols in one field",
        &[(
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Protocol: chat, superchat",
        )],
        "asks, fails",
        &[(D::AcceptInvalidSubprotocol, "asks, opens")],
    ),
    to_client(
        "a field that is not ASCII in response",
        &[("", "Set-Cookie: \u{e9}")],
        "asks, opens",
        &[(D::RefuseNonAsciiFields, "asks, fails")],
    ),
    to_server(
        "the usual offer",
        &[("", "Sec-WebSocket-Extensions: permessage-deflate")],
        "accepts +Sec-WebSocket-Extensions: permessage-deflate",
        &[
            (
                D::SendClientWindowWithoutValue,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            ),
            (
                D::SendClientTakeoverWithValue,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover=true",
            ),
            (
                D::AgreeByOtherName,
                "accepts +Sec-WebSocket-Extensions: x-webkit-deflate-frame",
            ),
            (D::OmitAgreement, "accepts"),
            (
                D::RepeatSubprotocol,
                "accepts +Sec-WebSocket-Protocol: superchat +Sec-WebSocket-Extensions: permessage-deflate",
            ),
            (
                D::LimitClientWindowUnasked,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=15",
            ),
            (
                D::SendWindowBitsWithoutValue,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits",
            ),
            (
                D::SendWindowBitsOutOfRange,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16",
            ),
            (
                D::SendTakeoverWithValue,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover=true",
            ),
            (
                D::SendUnknownParameter,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; x_unknown",
            ),
            (
                D::RepeatParameter,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            ),
            (
                D::AgreeToDeflateTwice,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate",
            ),
        ],
    ),
    to_server(
        "an offer with demands",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
        )],
        "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
        &[
            (
                D::OmitServerNoContextTakeover,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10",
            ),
            (
                D::OmitServerMaxWindowBits,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
            ),
        ],
    ),
    to_server(
        "an offer with an unknown parameter",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; x_unknown",
        )],
        "accepts",
        &[
            (
                D::EchoExtensionOffers,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; x_unknown",
            ),
            (
                D::AcceptUnknownParameters,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate",
            ),
            (D::RefuseHandshakeOverOffer, "refuses 400"),
        ],
    ),
    to_server(
        "an offer with an invalid value",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7",
        )],
        "accepts",
        &[
            (
                D::EchoExtensionOffers,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7",
            ),
            (
                D::AcceptInvalidParameters,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate",
            ),
            (D::RefuseHandshakeOverOffer, "refuses 400"),
        ],
    ),
    to_server(
        "an offer with a parameter twice",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; client_max_window_bits=9",
        )],
        "accepts",
        &[
            (
                D::EchoExtensionOffers,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; client_max_window_bits=9",
            ),
            (
                D::AcceptRepeatedParameters,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate",
            ),
            (D::RefuseHandshakeOverOffer, "refuses 400"),
        ],
    ),
    to_server(
        "an acceptable offer after another",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; x_unknown, permessage-deflate",
        )],
        "accepts +Sec-WebSocket-Extensions: permessage-deflate",
        &[
            (
                D::EchoExtensionOffers,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; x_unknown, permessage-deflate",
            ),
            (D::TakeFirstOfferOnly, "accepts"),
            (D::RefuseHandshakeOverOffer, "refuses 400"),
        ],
    ),
    to_client(
        "the usual agreement",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        &[
            (
                D::RefuseServerWindow,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
            ),
            (
                D::RefuseServerTakeover,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
            ),
            (
                D::OfferWindowBitsNotDecimal,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=1e1; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
            (
                D::OfferClientTakeoverWithValue,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover=true; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
            (
                D::OfferTakeoverWithValue,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover=true; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
            (
                D::OfferOtherName,
                "asks, +Sec-WebSocket-Extensions: x-webkit-deflate-frame; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
            (
                D::OfferUnknownParameter,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; x_unknown; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
            (
                D::OfferRepeatedParameter,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_no_context_takeover; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
            (
                D::OfferWindowBitsOutOfRange,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
            (
                D::OfferWindowBitsWithLeadingZero,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=010; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
            (
                D::OfferServerWindowWithoutValue,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits; server_no_context_takeover; server_max_window_bits=10, opens",
            ),
        ],
    ),
    to_client(
        "an agreement with an unknown parameter",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10; x_unknown",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
        &[(
            D::AcceptUnknownResponseParameters,
            "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        )],
    ),
    to_client(
        "an agreement with an invalid value",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=010",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
        &[(
            D::AcceptInvalidResponseParameters,
            "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        )],
    ),
    to_client(
        "an agreement with a parameter twice",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
        &[(
            D::AcceptRepeatedResponseParameters,
            "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        )],
    ),
    to_client(
        "an agreement twice",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, permessage-deflate",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
        &[(
            D::AcceptDeflateTwice,
            "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        )],
    ),
    to_client(
        "an agreement with a limit that was not offered",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
        &[(
            D::AcceptLimitNotOffered,
            "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        )],
    ),
    to_client(
        "an agreement without server_no_context_takeover",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
        &[(
            D::AcceptTakeoverRefused,
            "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        )],
    ),
    to_client(
        "an agreement with a larger window",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=11",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
        &[(
            D::AcceptLargerServerWindow,
            "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        )],
    ),
    to_server(
        "a key with much white space around it",
        &[(
            "Sec-WebSocket-Key",
            "Sec-WebSocket-Key: \t dGhlIHNhbXBsZSBub25jZQ==\t ",
        )],
        "accepts",
        &[
            (D::AnswerAllWith200, "refuses 200"),
            (D::RefuseAllWith401, "refuses 401"),
            (D::RefuseAllWith404, "refuses 404"),
            (D::RefuseSpaceAroundValues, "refuses 400"),
        ],
    ),
    to_client(
        "an accept value with much white space around it",
        &[(
            "Sec-WebSocket-Accept",
            "Sec-WebSocket-Accept: \t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= ",
        )],
        "asks, opens",
        &[(D::RefuseSpaceAroundValues, "asks, fails")],
    ),
    to_server(
        "an offer with white space around its separators",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate ; server_max_window_bits = 10",
        )],
        "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10",
        &[
            (
                D::OmitServerMaxWindowBits,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate",
            ),
            (
                D::EchoExtensionOffers,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate ; server_max_window_bits = 10",
            ),
            (D::RefuseSpaceAroundSeparators, "refuses 400"),
        ],
    ),
    to_client(
        "connection options with white space around the comma",
        &[("Connection", "Connection: keep-alive ,\tUpgrade")],
        "asks, opens",
        &[
            (D::RefuseConnectionLists, "asks, fails"),
            (D::RefuseSpaceAroundSeparators, "asks, fails"),
        ],
    ),
    to_server(
        "an offer with hints",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_window_bits=10",
        )],
        "accepts +Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_window_bits=10",
        &[
            (
                D::OmitClientMaxWindowBits,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover",
            ),
            (
                D::OmitClientNoContextTakeover,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10",
            ),
        ],
    ),
    to_server(
        "an offer with a quoted value",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\"10\"",
        )],
        "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10",
        &[
            (
                D::OmitServerMaxWindowBits,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate",
            ),
            (
                D::EchoExtensionOffers,
                "accepts +Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\"10\"",
            ),
            (D::RefuseQuotedParameters, "refuses 400"),
        ],
    ),
    to_client(
        "an agreement with client_no_context_takeover and a quoted value",
        &[(
            "",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=\"10\"",
        )],
        "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, opens",
        &[
            (
                D::RefuseClientTakeover,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
            ),
            (
                D::RefuseQuotedParameters,
                "asks, +Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=10, fails",
            ),
        ],
    ),
    to_client(
        "a subprotocol in other letters",
        &[(
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Protocol: SuperChat",
        )],
        "asks, fails",
        &[
            (D::AcceptUnofferedSubprotocol, "asks, opens"),
            (D::AcceptSubprotocolInOtherCase, "asks, opens"),
        ],
    ),
];

/// What the usual client offers where a deviation alters the parameter of its offer.
const WINDOWS_OFFERED: &[(D, &str)] = &[
    (D::OfferClientWindowOutOfRange, "16"),
    (D::OfferClientWindowWithLeadingZero, "010"),
    (D::OfferClientWindowNotDecimal, "+10"),
];

fn usual_client(deviation: D) -> ClientHandshake {
    let options = ClientOptions {
        deviations: Deviations::NONE.with(deviation),
        ..ClientOptions::new("server.example.com", "/chat")
    };
    ClientHandshake::new(options, *b"the sample nonce").expect("lawful options")
}

#[test]
fn windows_are_offered_as_the_deviation_says() {
    for &(deviation, bits) in WINDOWS_OFFERED {
        let request = String::from_utf8(usual_client(deviation).request()).expect("text");
        let offer = format!("permessage-deflate; client_max_window_bits={bits}\r\n");
        assert!(request.contains(&offer), "{deviation}: {request}");
    }
}

#[test]
fn a_limit_that_was_offered_is_refused() {
    let limit = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9";
    let response = head(RESPONSE, &[("", limit), ("Sec-WebSocket-Protocol", "")]);
    for (deviation, opens) in [
        (D::RefuseClientTakeover, true),
        (D::RefuseClientWindow, false),
    ] {
        let welcome = usual_client(deviation).receive(&response);
        assert_eq!(matches!(welcome, Ok(Some(_))), opens, "{deviation}");
    }
}

#[test]
fn heads_are_complete_without_their_last_line() {
    let unfinished = |usual| {
        let mut head = head(usual, &[]);
        head.truncate(head.len() - FRAME.len() - 2);
        head
    };
    let (request, response) = (unfinished(REQUEST), unfinished(RESPONSE));
    let takes = Deviations::NONE.with(D::TakeUnfinishedHeads);
    assert_eq!(ask_server(&request, Deviations::NONE), "waits");
    assert_eq!(ask_server(&request, takes), "accepts loses a frame");
    assert_eq!(answer_client(&response, Deviations::NONE), "asks, waits");
    assert_eq!(
        answer_client(&response, takes),
        "asks, opens and loses a frame"
    );
}
