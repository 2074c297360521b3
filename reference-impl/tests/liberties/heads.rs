//! Opening handshakes, and what liberties make of them.

use wsspec_reference::handshake::{ClientHandshake, ClientOptions, ServerHandshake, ServerOptions};
use wsspec_reference::{Liberties, Liberty as L, Role};

/// What shows a liberty: something is sent that would not be sent otherwise.
struct Shown {
    role: Role,
    liberty: L,
    /// What a server finds in the request beside the fields of §1.3, or behind it.
    added: Added,
    sent: &'static str,
}

#[derive(Clone, Copy)]
enum Added {
    Nothing,
    Fields(&'static str),
    LongField,
    NoUpgrade,
    Behind(&'static str),
}

const fn server(liberty: L, added: Added, sent: &'static str) -> Shown {
    Shown {
        role: Role::Server,
        liberty,
        added,
        sent,
    }
}

const fn client(liberty: L, sent: &'static str) -> Shown {
    Shown {
        role: Role::Client,
        liberty,
        added: Nothing,
        sent,
    }
}

use Added::{Behind, Fields, LongField, NoUpgrade, Nothing};

const DEFLATE: Added = Fields("Sec-WebSocket-Extensions: permessage-deflate\r\n");
const LIMITED: Added =
    Fields("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=13\r\n");
const LIMITABLE: Added =
    Fields("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
const HINTS: Added = Fields(
    "Sec-WebSocket-Extensions: permessage-deflate; \
     client_no_context_takeover; client_max_window_bits=10\r\n",
);
const SEVERAL: Added = Fields(
    "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9, \
     permessage-deflate; server_max_window_bits=10\r\n",
);
const SUBPROTOCOLS: Added = Fields("Sec-WebSocket-Protocol: soap, wamp\r\n");
const SECOND_KEY: Added = Fields("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n");

/// The answer to both.
const JOINED_ACCEPT: &str = "EmFEn0qzPLy+zIoOT6LGjvrTnx4=";

/// The answer to the second key.
const SECOND_ACCEPT: &str = "ICX+Yqv66kxgM0FcWaLWlFLwTAI=";

const SHOWN: &[Shown] = &[
    server(L::LimitHeadsTo4096, LongField, "HTTP/1.1 431 "),
    server(L::LimitHeadsTo4096With400, LongField, "HTTP/1.1 400 "),
    server(L::LimitHeadsTo4096ByDropping, LongField, "nothing"),
    server(
        L::DeclineCompression,
        DEFLATE,
        "websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    ),
    server(
        L::DeclineServerWindow,
        LIMITED,
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    ),
    server(
        L::TakeLastOffer,
        SEVERAL,
        "deflate; server_max_window_bits=10\r\n",
    ),
    server(
        L::AgreeWithoutServerTakeover,
        DEFLATE,
        "deflate; server_no_context_takeover\r\n",
    ),
    server(
        L::AgreeWithoutClientTakeover,
        DEFLATE,
        "deflate; client_no_context_takeover\r\n",
    ),
    server(
        L::AgreeWithoutTakeover,
        DEFLATE,
        "deflate; server_no_context_takeover; client_no_context_takeover\r\n",
    ),
    server(
        L::AgreeToServerWindow8,
        LIMITED,
        "deflate; server_max_window_bits=8\r\n",
    ),
    server(
        L::AgreeToServerWindow9,
        DEFLATE,
        "deflate; server_max_window_bits=9\r\n",
    ),
    server(
        L::AgreeToServerWindow12,
        LIMITED,
        "deflate; server_max_window_bits=12\r\n",
    ),
    server(
        L::StateServerWindow15,
        DEFLATE,
        "deflate; server_max_window_bits=15\r\n",
    ),
    server(
        L::AgreeToClientWindow8,
        LIMITABLE,
        "deflate; client_max_window_bits=8\r\n",
    ),
    server(
        L::AgreeToClientWindow9,
        HINTS,
        "; client_max_window_bits=9\r\n",
    ),
    server(
        L::AgreeToClientWindow12,
        LIMITABLE,
        "deflate; client_max_window_bits=12\r\n",
    ),
    server(
        L::AgreeToAllParameters,
        LIMITABLE,
        "deflate; server_no_context_takeover; client_no_context_takeover; \
         server_max_window_bits=10; client_max_window_bits=10\r\n",
    ),
    server(L::IgnoreHints, HINTS, "permessage-deflate\r\n"),
    server(L::ExceedHints, HINTS, "; client_max_window_bits=15\r\n"),
    client(L::DeclineCompression, "Version: 13\r\n\r\n"),
    client(L::OfferPlainly, "Extensions: permessage-deflate\r\n"),
    client(
        L::OfferAllParameters,
        "deflate; server_no_context_takeover; client_no_context_takeover; \
         server_max_window_bits=10; client_max_window_bits=10\r\n",
    ),
    client(
        L::OfferWithoutTakeover,
        "deflate; server_no_context_takeover; client_no_context_takeover\r\n",
    ),
    client(
        L::OfferServerWindow8,
        "deflate; server_max_window_bits=8\r\n",
    ),
    client(
        L::OfferClientWindow9,
        "deflate; client_max_window_bits=9\r\n",
    ),
    client(
        L::OfferSeveral,
        "deflate; server_max_window_bits=8, permessage-deflate\r\n",
    ),
    server(
        L::QuoteParameters,
        LIMITED,
        "; server_max_window_bits=\"13\"\r\n",
    ),
    server(
        L::SpaceOutParameters,
        LIMITED,
        " ;\tserver_max_window_bits = 13\r\n",
    ),
    client(L::SpaceOutParameters, " ;\tclient_max_window_bits\r\n"),
    server(L::RefuseWith400, NoUpgrade, "HTTP/1.1 400 Bad Request\r\n"),
    server(L::RefuseWith403, NoUpgrade, "HTTP/1.1 403 Forbidden\r\n"),
    server(L::RefuseWith404, NoUpgrade, "HTTP/1.1 404 Not Found\r\n"),
    server(
        L::RefuseWith426,
        Fields("Content-Length: 1\r\n"),
        "HTTP/1.1 426 ",
    ),
    server(
        L::RefuseWith500,
        NoUpgrade,
        "HTTP/1.1 500 Internal Server Error\r\n",
    ),
    server(
        L::RefuseWith503,
        NoUpgrade,
        "HTTP/1.1 503 Service Unavailable\r\n",
    ),
    server(L::RefuseByDropping, NoUpgrade, "nothing"),
    server(L::RefuseWithoutBody, NoUpgrade, "Content-Length: 0\r\n\r\n"),
    server(L::RefuseInChunks, NoUpgrade, "websocket\n\r\n0\r\n\r\n"),
    server(L::RefuseUntilEnd, NoUpgrade, "charset=utf-8\r\n\r\nthis is"),
    server(
        L::KeepRefusedConnections,
        NoUpgrade,
        "Connection: keep-alive, Upgrade\r\n",
    ),
    server(
        L::DiscardEarlyOctets,
        Behind("early"),
        "loses what is behind",
    ),
    server(L::RefuseEarlyOctets, Behind("early"), "HTTP/1.1 400 "),
    server(
        L::TakeFirstField,
        SECOND_KEY,
        "Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
    ),
    server(L::TakeLastField, SECOND_KEY, SECOND_ACCEPT),
    server(L::JoinFields, SECOND_KEY, JOINED_ACCEPT),
    server(
        L::TakeVersionLists,
        Fields("Sec-WebSocket-Version: 8, 13\r\n"),
        "HTTP/1.1 101 ",
    ),
    server(
        L::TakeRepeatedSubprotocols,
        Fields("Sec-WebSocket-Protocol: soap, soap\r\n"),
        "HTTP/1.1 101 ",
    ),
    server(
        L::TakeKeysUndecoded,
        Fields("Sec-WebSocket-Key: short\r\n"),
        "HTTP/1.1 101 ",
    ),
    server(
        L::AgreeToFirstSubprotocol,
        SUBPROTOCOLS,
        "Protocol: soap\r\n",
    ),
    server(
        L::AgreeToLastSubprotocol,
        SUBPROTOCOLS,
        "Protocol: wamp\r\n",
    ),
    server(L::InsistOnSubprotocol, SUBPROTOCOLS, "HTTP/1.1 400 "),
    client(L::OfferSubprotocols, "Protocol: chat, superchat\r\n"),
    server(
        L::WriteNamesInLowerCase,
        Nothing,
        "\r\nsec-websocket-accept: s3pP",
    ),
    client(
        L::WriteNamesInLowerCase,
        "\r\nsec-websocket-version: 13\r\n",
    ),
    server(
        L::WriteNamesInCapitals,
        Nothing,
        "\r\nUPGRADE: websocket\r\n",
    ),
    client(L::WriteNamesInCapitals, "\r\nHOST: server.example.com\r\n"),
    server(
        L::WriteValuesInLowerCase,
        Nothing,
        "Connection: upgrade\r\n",
    ),
    client(L::WriteValuesInMixedCase, "Upgrade: WebSocket\r\n"),
    server(L::KeepAlive, Nothing, "Connection: keep-alive, Upgrade\r\n"),
    client(L::KeepAlive, "Connection: keep-alive, Upgrade\r\n"),
    server(
        L::SplitLists,
        Nothing,
        "Connection: keep-alive\r\nConnection: Upgrade\r\n",
    ),
    server(L::WriteFieldsTight, Nothing, "\r\nUpgrade:websocket\r\n"),
    client(L::WriteFieldsTight, "\r\nUpgrade:websocket\r\n"),
    server(
        L::WriteFieldsWide,
        Nothing,
        "\r\nUpgrade: \t   websocket  \t \r\n",
    ),
    server(
        L::ReverseFields,
        Nothing,
        "Protocols\r\nSec-WebSocket-Accept: ",
    ),
    client(L::ReverseFields, "\r\nHost: server.example.com\r\n\r\n"),
    server(
        L::SendMoreFields,
        Nothing,
        "\r\nSet-Cookie: session=\"a b\"; ",
    ),
    client(L::SendMoreFields, "\r\nUser-Agent: wsspec\r\n"),
    server(L::SendUnknownFields, Nothing, "\r\nX-Wsspec-Empty: \r\n"),
    client(
        L::SendUnknownFields,
        "\r\nX_Wsspec.More!: a: b, c; d=\"e\"\r\n",
    ),
    client(L::SendOrigin, "\r\nOrigin: http://example.com\r\n"),
    server(L::OmitReasonPhrase, Nothing, "HTTP/1.1 101 \r\n"),
    server(
        L::SendLongReasonPhrase,
        Nothing,
        "HTTP/1.1 101 Web Socket Protocol Handshake: ",
    ),
    server(
        L::SendEarlyHints,
        Nothing,
        "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 101 ",
    ),
];

pub(crate) fn shows(liberty: L) -> bool {
    SHOWN.iter().any(|shown| shown.liberty == liberty)
}

impl Shown {
    fn play(&self, liberties: Liberties) -> String {
        match self.role {
            Role::Server => answer(&request(self.added), liberties),
            Role::Client => ask(liberties),
        }
    }
}

/// The request of §1.3 with something added, for some of which the usual field makes room.
fn request(added: Added) -> String {
    let (upgrade, fields, behind) = match added {
        Nothing => ("websocket", String::new(), ""),
        Fields(fields) => ("websocket", fields.to_owned(), ""),
        LongField => (
            "websocket",
            format!("X-Long: {}\r\n", "x".repeat(4_096)),
            "",
        ),
        NoUpgrade => ("h2c", String::new(), ""),
        Behind(octets) => ("websocket", String::new(), octets),
    };
    let unless = |added, usual| {
        if fields.contains(added) { "" } else { usual }
    };
    let key = unless(
        "Key: short",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    );
    let version = unless("Version: 8, 13", "Sec-WebSocket-Version: 13\r\n");
    format!(
        "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: {upgrade}\r\n\
         Connection: Upgrade\r\n{key}{version}{fields}\r\n{behind}"
    )
}

fn answer(request: &str, liberties: Liberties) -> String {
    let options = ServerOptions {
        liberties,
        ..ServerOptions::default()
    };
    let (response, loses) = match ServerHandshake::new(options).receive(request.as_bytes()) {
        Ok(acceptance) => {
            let acceptance = acceptance.expect("the request is complete");
            let loses = acceptance.taken == request.len() && !request.ends_with("\r\n\r\n");
            (acceptance.response, loses)
        }
        Err(refusal) => (refusal.response, false),
    };
    match (response.is_empty(), loses) {
        (true, _) => "nothing".to_owned(),
        (_, true) => "loses what is behind".to_owned(),
        _ => String::from_utf8(response).expect("heads are text"),
    }
}

fn ask(liberties: Liberties) -> String {
    let options = ClientOptions {
        liberties,
        ..ClientOptions::new("server.example.com", "/chat")
    };
    let client = ClientHandshake::new(options, *b"the sample nonce").expect("lawful options");
    String::from_utf8(client.request()).expect("heads are text")
}

#[test]
fn heads_are_as_the_liberty_says() {
    let mut wrong = Vec::new();
    for shown in SHOWN {
        let (liberty, role) = (shown.liberty, shown.role);
        let usual = shown.play(Liberties::NONE);
        let sent = shown.play(Liberties::NONE.with(liberty));
        if !sent.contains(shown.sent) || usual.contains(shown.sent) {
            wrong.push(format!("{liberty}, {role}: {sent:?}, usually {usual:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not told of in [`SHOWN`] changes no head.
#[test]
fn other_liberties_change_no_head() {
    let usual = (
        answer(&request(HINTS), Liberties::NONE),
        ask(Liberties::NONE),
    );
    for &liberty in L::ALL.iter().filter(|&&liberty| !shows(liberty)) {
        let liberties = Liberties::NONE.with(liberty);
        let sent = (answer(&request(HINTS), liberties), ask(liberties));
        assert_eq!(sent, usual, "{liberty}");
    }
}

/// Clients take what servers make of their requests, whatever liberties both take.
#[test]
fn a_head_with_any_liberty_is_understood() {
    for &of_client in L::ALL {
        for &of_server in L::ALL {
            let liberties = |liberty| Liberties::NONE.with(liberty);
            let options = ClientOptions {
                liberties: liberties(of_client),
                ..ClientOptions::new("server.example.com", "/chat")
            };
            let mut client =
                ClientHandshake::new(options, *b"the sample nonce").expect("lawful options");
            let options = ServerOptions {
                liberties: liberties(of_server),
                ..ServerOptions::default()
            };
            let answer = ServerHandshake::new(options).receive(&client.request());
            let insists = of_server == L::InsistOnSubprotocol && of_client != L::OfferSubprotocols;
            let Ok(Some(acceptance)) = answer else {
                assert!(insists, "{of_server} refuses {of_client}: {answer:?}");
                continue;
            };
            let welcome = client.receive(&acceptance.response);
            let welcome = welcome
                .unwrap_or_else(|error| panic!("{of_client} fails {of_server}: {error}"))
                .expect("the response is complete");
            assert_eq!(welcome.subprotocol, acceptance.subprotocol);
            assert_eq!(welcome.deflate.is_some(), acceptance.deflate.is_some());
        }
    }
}
