//! Agreeing on permessage-deflate in the opening handshake (RFC 7692 §5, §7).

use wsspec_reference::Role;
use wsspec_reference::deflate::{
    Agreement, AgreementError, ClientWindow, Direction, Offer, ParameterError, ServerPolicy,
    WindowBits,
};
use wsspec_reference::handshake::tokens::extension_list;
use wsspec_reference::handshake::{
    ClientHandshake, ClientOptions, RequestError, ResponseError, ServerHandshake, ServerOptions,
    Welcome,
};

/// The Sec-WebSocket-Extensions of the server's answer to `offers`; `None` declines.
fn answer(policy: Option<ServerPolicy>, offers: &str) -> Result<Option<String>, RequestError> {
    let request = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Extensions: {offers}\r\n\r\n"
    );
    let options = ServerOptions {
        deflate: policy,
        ..ServerOptions::default()
    };
    let outcome = ServerHandshake::new(options).receive(request.as_bytes());
    let acceptance = outcome.map_err(|refusal| refusal.error)?.expect("complete");
    let response = String::from_utf8(acceptance.response).expect("text");
    let mut lines = response.lines();
    let field = lines.find_map(|line| line.strip_prefix("Sec-WebSocket-Extensions: "));
    assert_eq!(field.is_some(), acceptance.deflate.is_some(), "{offers}");
    Ok(field.map(str::to_owned))
}

#[test]
fn a_server_answers_each_offer_as_section_7_1_has_it() {
    for (offers, accepted) in [
        ("permessage-deflate", Some("permessage-deflate")),
        (
            "permessage-deflate; client_max_window_bits",
            Some("permessage-deflate"),
        ),
        (
            "permessage-deflate; server_no_context_takeover",
            Some("permessage-deflate; server_no_context_takeover"),
        ),
        (
            "permessage-deflate; client_no_context_takeover",
            Some("permessage-deflate; client_no_context_takeover"),
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            Some("permessage-deflate; server_max_window_bits=10"),
        ),
        (
            "permessage-deflate; server_max_window_bits=\"10\"",
            Some("permessage-deflate; server_max_window_bits=10"),
        ),
        (
            r#"permessage-deflate; server_max_window_bits="1\0""#,
            Some("permessage-deflate; server_max_window_bits=10"),
        ),
        (
            "permessage-deflate; server_max_window_bits=8",
            Some("permessage-deflate; server_max_window_bits=8"),
        ),
        (
            "permessage-deflate; server_max_window_bits=15",
            Some("permessage-deflate; server_max_window_bits=15"),
        ),
        (
            "permessage-deflate;client_max_window_bits = 9 ; client_no_context_takeover",
            Some("permessage-deflate; client_no_context_takeover; client_max_window_bits=9"),
        ),
        // Declined, each for one reason.
        ("permessage-deflate; foo", None),
        ("permessage-deflate; foo=1", None),
        ("permessage-deflate; server_no_context_takeover=1", None),
        ("permessage-deflate; server_no_context_takeover=true", None),
        ("permessage-deflate; client_no_context_takeover=1", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; server_max_window_bits=7", None),
        ("permessage-deflate; server_max_window_bits=16", None),
        ("permessage-deflate; server_max_window_bits=08", None),
        ("permessage-deflate; server_max_window_bits=+10", None),
        ("permessage-deflate; client_max_window_bits=0", None),
        ("permessage-deflate; client_max_window_bits=010", None),
        ("permessage-deflate; client_max_window_bits=abc", None),
        (
            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
            None,
        ),
        (
            "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
            None,
        ),
        (
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            None,
        ),
        ("permessage-deflate; Server_No_Context_Takeover", None),
        ("Permessage-Deflate", None),
        ("x-webkit-deflate-frame", None),
        ("constructor", None),
        // Of several, the first that can be accepted.
        (
            "permessage-deflate; server_max_window_bits=10, permessage-deflate",
            Some("permessage-deflate; server_max_window_bits=10"),
        ),
        (
            "permessage-deflate, permessage-deflate; server_max_window_bits=10",
            Some("permessage-deflate"),
        ),
        (
            "permessage-deflate; foo, permessage-deflate",
            Some("permessage-deflate"),
        ),
        (
            "foo; bar, permessage-deflate; server_max_window_bits=7, permessage-deflate; \
             server_no_context_takeover",
            Some("permessage-deflate; server_no_context_takeover"),
        ),
        (
            "permessage-deflate; foo\r\nSec-WebSocket-Extensions: permessage-deflate",
            Some("permessage-deflate"),
        ),
    ] {
        let expected = Ok(accepted.map(str::to_owned));
        assert_eq!(
            answer(Some(ServerPolicy::default()), offers),
            expected,
            "{offers}"
        );
        assert_eq!(answer(None, offers), Ok(None), "{offers}");
    }
}

#[test]
fn a_field_that_breaks_the_grammar_is_refused() {
    for offers in [
        "permessage-deflate;",
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=\"\"",
        "permessage-deflate; server_max_window_bits=\" 10 \"",
        "permessage-deflate; server_max_window_bits=\"10",
        "permessage-deflate permessage-deflate",
        "permessage-deflate; =8",
    ] {
        let outcome = answer(Some(ServerPolicy::default()), offers);
        assert_eq!(outcome, Err(RequestError::ExtensionsInvalid), "{offers}");
    }
}

#[test]
fn a_server_with_a_policy_asks_for_no_more_than_it_may() {
    let bits = |bits| WindowBits::new(bits).expect("in range");
    let policy = ServerPolicy {
        server_context_takeover: false,
        client_context_takeover: false,
        server_window_bits: bits(12),
        client_window_bits: bits(10),
    };
    for (offers, accepted) in [
        // Its client's window cannot be limited.
        ("permessage-deflate", None),
        (
            "permessage-deflate; client_max_window_bits",
            Some("server_max_window_bits=12; client_max_window_bits=10"),
        ),
        (
            "permessage-deflate; client_max_window_bits=9; server_max_window_bits=11",
            Some("server_max_window_bits=11; client_max_window_bits=9"),
        ),
        (
            "permessage-deflate; client_max_window_bits=15; server_max_window_bits=15",
            Some("server_max_window_bits=12; client_max_window_bits=10"),
        ),
    ] {
        let expected = accepted.map(|windows| {
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                .to_owned()
                + windows
        });
        assert_eq!(answer(Some(policy), offers), Ok(expected), "{offers}");
    }
}

/// What a client with these offers makes of a response with this Sec-WebSocket-Extensions.
fn welcome(offers: &[Offer], response: &str) -> Result<Welcome, ResponseError> {
    let options = ClientOptions {
        deflate: offers.to_vec(),
        ..ClientOptions::new("server.example.com", "/chat")
    };
    let mut client = ClientHandshake::new(options, *b"the sample nonce").expect("lawful options");
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
         Sec-WebSocket-Extensions: {response}\r\n\r\n"
    );
    client
        .receive(head.as_bytes())
        .map(|welcome| welcome.expect("complete"))
}

#[test]
fn a_client_takes_what_fits_its_offer() {
    let bits = |bits| WindowBits::new(bits).expect("in range");
    let plain = Offer::default();
    let fixed = Offer {
        client_max_window_bits: ClientWindow::Fixed,
        ..plain
    };
    let hint = Offer {
        client_max_window_bits: ClientWindow::Hint(bits(10)),
        client_no_context_takeover: true,
        ..plain
    };
    let strict = Offer {
        server_no_context_takeover: true,
        server_max_window_bits: Some(bits(10)),
        ..plain
    };
    let limited = |client: Option<u8>, server: Option<u8>| Agreement {
        client_max_window_bits: client.map(bits),
        server_max_window_bits: server.map(bits),
        ..Agreement::default()
    };
    for (offers, response, expected) in [
        (&[plain][..], "permessage-deflate", limited(None, None)),
        (&[fixed], "permessage-deflate", limited(None, None)),
        (
            &[plain],
            "permessage-deflate; server_max_window_bits=8; client_max_window_bits=\"9\"",
            limited(Some(9), Some(8)),
        ),
        (
            &[fixed],
            "permessage-deflate; server_max_window_bits=15",
            limited(None, Some(15)),
        ),
        (
            &[plain],
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            Agreement {
                server_no_context_takeover: true,
                client_no_context_takeover: true,
                ..Agreement::default()
            },
        ),
        (
            &[hint],
            "permessage-deflate; client_max_window_bits=15",
            Agreement {
                client_no_context_takeover: true,
                ..limited(Some(10), None)
            },
        ),
        (
            &[strict, plain],
            "permessage-deflate; server_max_window_bits=9",
            limited(None, Some(9)),
        ),
        (
            &[plain, strict],
            "permessage-deflate; server_max_window_bits=10; server_no_context_takeover",
            Agreement {
                server_no_context_takeover: true,
                ..limited(None, Some(10))
            },
        ),
    ] {
        let outcome = welcome(offers, response).map(|welcome| welcome.deflate);
        assert_eq!(outcome, Ok(Some(expected)), "{response}");
    }
}

#[test]
fn a_client_has_an_error_for_each_rule() {
    use AgreementError as A;
    use ParameterError as P;
    let bits = |bits| WindowBits::new(bits).expect("in range");
    let plain = Offer::default();
    let fixed = Offer {
        client_max_window_bits: ClientWindow::Fixed,
        ..plain
    };
    let no_takeover = Offer {
        server_no_context_takeover: true,
        ..plain
    };
    let small = Offer {
        server_max_window_bits: Some(bits(10)),
        ..plain
    };
    let (server_bits, client_bits) = ("server_max_window_bits", "client_max_window_bits");
    let parameter = |error: P| A::Parameter(error);
    let value = |value: &str| value.to_owned();
    for (offer, parameters, error, section) in [
        (
            plain,
            "; foo",
            parameter(P::Unknown { name: value("foo") }),
            "7692 7",
        ),
        (
            plain,
            "; server_max_window_bits=9; server_max_window_bits=9",
            parameter(P::Repeated { name: server_bits }),
            "7692 7",
        ),
        (
            plain,
            "; server_no_context_takeover=1",
            parameter(P::ValueUnexpected {
                name: "server_no_context_takeover",
                value: value("1"),
            }),
            "7692 7.1.1.1",
        ),
        (
            plain,
            "; client_no_context_takeover=1",
            parameter(P::ValueUnexpected {
                name: "client_no_context_takeover",
                value: value("1"),
            }),
            "7692 7.1.1.2",
        ),
        (
            plain,
            "; server_max_window_bits",
            parameter(P::ValueMissing { name: server_bits }),
            "7692 7.1.2.1",
        ),
        (
            plain,
            "; client_max_window_bits",
            parameter(P::ValueMissing { name: client_bits }),
            "7692 7.1.2.2",
        ),
        (
            plain,
            "; server_max_window_bits=16",
            parameter(P::WindowBitsOutOfRange {
                name: server_bits,
                value: value("16"),
            }),
            "7692 7.1.2.1",
        ),
        (
            plain,
            "; client_max_window_bits=08",
            parameter(P::WindowBitsLeadingZero {
                name: client_bits,
                value: value("08"),
            }),
            "7692 7.1.2.2",
        ),
        (
            plain,
            "; client_max_window_bits=abc",
            parameter(P::WindowBitsNotDecimal {
                name: client_bits,
                value: value("abc"),
            }),
            "7692 7.1.2.2",
        ),
        (plain, ", permessage-deflate", A::AcceptedTwice, "7692 5"),
        (
            fixed,
            "; client_max_window_bits=15",
            A::ClientWindowNotLimitable,
            "7692 7.1.2.2",
        ),
        (
            no_takeover,
            "",
            A::ServerContextTakeoverNotGivenUp,
            "7692 7.1.1.1",
        ),
        (small, "", A::ServerWindowNotLimited, "7692 7.1.2.1"),
        (
            small,
            "; server_max_window_bits=11",
            A::ServerWindowTooLarge {
                bits: bits(11),
                offered: bits(10),
            },
            "7692 7.1.2.1",
        ),
    ] {
        let response = format!("permessage-deflate{parameters}");
        let outcome = welcome(&[offer], &response).expect_err("it does not fit");
        assert_eq!(outcome, ResponseError::Deflate(error), "{response}");
        assert_eq!(outcome.section(), section, "{response}");
    }
    let outcome = welcome(&[], "permessage-deflate").expect_err("nothing was offered");
    assert!(matches!(outcome, ResponseError::ExtensionNotOffered { .. }));
    let outcome = welcome(&[plain], "permessage-deflate;").expect_err("no list");
    assert_eq!(outcome, ResponseError::ExtensionsInvalid);
}

#[test]
fn offers_and_agreements_are_read_as_they_are_written() {
    let windows = (8..=15).map(WindowBits::new);
    let windows: Vec<_> = std::iter::once(None).chain(windows).collect();
    for (server, client) in windows
        .iter()
        .flat_map(|&a| windows.iter().map(move |&b| (a, b)))
    {
        for flags in 0..4 {
            let agreement = Agreement {
                server_no_context_takeover: flags & 1 != 0,
                client_no_context_takeover: flags & 2 != 0,
                server_max_window_bits: server,
                client_max_window_bits: client,
            };
            let written = agreement.to_extension().to_string();
            let read = extension_list([written.as_bytes()].into_iter()).expect("a list");
            assert_eq!(
                Agreement::parse(&read[0].parameters),
                Ok(agreement),
                "{written}"
            );
            for client_max_window_bits in [
                ClientWindow::Fixed,
                ClientWindow::Limitable,
                ClientWindow::Hint(client.unwrap_or(WindowBits::MAX)),
            ] {
                let offer = Offer {
                    server_no_context_takeover: flags & 1 != 0,
                    client_no_context_takeover: flags & 2 != 0,
                    server_max_window_bits: server,
                    client_max_window_bits,
                };
                let written = offer.to_extension().to_string();
                let read = extension_list([written.as_bytes()].into_iter()).expect("a list");
                assert_eq!(Offer::parse(&read[0].parameters), Ok(offer), "{written}");
                // Whatever is offered, our server's answer is one our client takes.
                let answer = ServerPolicy::default().accept(&offer).expect("acceptable");
                let taken = Agreement::from_response(&[answer.to_extension()], &[offer]);
                assert_eq!(taken, Ok(Some(answer)), "{written}");
            }
        }
    }
}

#[test]
fn each_parameter_changes_its_own_direction() {
    let bits = |bits| WindowBits::new(bits).expect("in range");
    let agreement = Agreement {
        server_no_context_takeover: true,
        client_max_window_bits: Some(bits(9)),
        ..Agreement::default()
    };
    let server = Direction {
        context_takeover: false,
        window_bits: WindowBits::MAX,
    };
    let client = Direction {
        context_takeover: true,
        window_bits: bits(9),
    };
    assert_eq!(agreement.direction(Role::Server), server);
    assert_eq!(agreement.direction(Role::Client), client);
}
