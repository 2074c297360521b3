//! The server's side of the opening handshake (RFC 6455 §4.2).

use super::head::HeadBuffer;
use super::key::accept_for;
use super::{Request, RequestError, VERSION};
use crate::deflate::{Agreement, ServerPolicy};
use crate::liberty::RefusalForm;
use crate::{Deviation, Deviations, Liberties, Liberty, Role};

/// How a server answers handshakes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerOptions {
    /// The subprotocols the server speaks. Of those the client lists, the first that is here is chosen.
    pub subprotocols: Vec<String>,
    /// How offers of permessage-deflate are answered; `None` declines them.
    pub deflate: Option<ServerPolicy>,
    /// The longest request head that is read, in octets.
    pub head_octets_max: usize,
    /// The departures from the RFC to make.
    pub deviations: Deviations,
    /// What is done otherwise of that which the RFC leaves open.
    pub liberties: Liberties,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            subprotocols: Vec::new(),
            deflate: Some(ServerPolicy::default()),
            head_octets_max: 16 << 10,
            deviations: Deviations::NONE,
            liberties: Liberties::NONE,
        }
    }
}

/// A handshake that a server takes part in.
#[derive(Debug)]
pub struct ServerHandshake {
    options: ServerOptions,
    head: HeadBuffer,
}

/// The handshake succeeded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acceptance {
    /// The octets to answer with.
    pub response: Vec<u8>,
    /// What the client asked for.
    pub request: Request,
    /// The subprotocol in use.
    pub subprotocol: Option<String>,
    /// What to call [`Connection::use_deflate`](crate::Connection::use_deflate) with, if
    /// permessage-deflate is in use.
    pub deflate: Option<Agreement>,
    /// How many of the octets last received belong to the handshake; the others are for the
    /// [`Connection`](crate::Connection).
    pub taken: usize,
}

/// The handshake failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Why.
    pub error: RequestError,
    /// The octets to answer with, before TCP is closed.
    pub response: Vec<u8>,
    /// How many of the octets last received belong to the request, if another one may follow it.
    pub taken: Option<usize>,
}

impl ServerHandshake {
    /// A handshake of which nothing has arrived.
    pub fn new(mut options: ServerOptions) -> Self {
        let liberties = options.liberties.of(Role::Server);
        liberties.configure_server(&mut options);
        options.liberties = liberties;
        options.deviations = options.deviations.and(liberties.as_deviations());
        options.deviations = options.deviations.of(Role::Server);
        if options.deviations.include(Deviation::ReadHeadsWithoutLimit) {
            options.head_octets_max = UNLIMITED_HEAD_OCTETS_MAX;
        }
        Self {
            head: HeadBuffer::new(options.head_octets_max),
            options,
        }
    }

    /// Takes octets from the client; `None` if more are needed.
    ///
    /// # Errors
    /// The request does not keep §4.2.1, or is not one for a WebSocket at all.
    pub fn receive(&mut self, octets: &[u8]) -> Result<Option<Acceptance>, Box<Refusal>> {
        let taken = match self.head.receive_with(octets, &self.options.deviations) {
            Ok(Some(taken)) => taken,
            Ok(None) => return Ok(None),
            Err(error) => return Err(self.refuse(error.into())),
        };
        match self.answer(octets.len() - taken) {
            Ok(acceptance) => Ok(Some(Acceptance {
                taken: match self.options.deviations.include(Deviation::LoseEarlyFrames) {
                    true => octets.len(),
                    false => taken,
                },
                ..acceptance
            })),
            Err(error) => {
                let mut refusal = self.refuse(error);
                // Where a body was announced, what follows is no request.
                let goes_on = refusal.error != RequestError::BodyAnnounced;
                refusal.taken = goes_on.then_some(taken);
                Err(refusal)
            }
        }
    }

    /// The answer to a request that is complete, behind which so many `early_octets` have come.
    fn answer(&self, early_octets: usize) -> Result<Acceptance, RequestError> {
        let (deviations, liberties) = (&self.options.deviations, &self.options.liberties);
        let request = Request::parse_with(self.head.octets(), deviations, liberties)?;
        if early_octets > 0 && liberties.include(Liberty::RefuseEarlyOctets) {
            return Err(RequestError::OctetsTooEarly);
        }
        let subprotocol = self.choose_subprotocol(&request);
        if subprotocol.is_none() && liberties.include(Liberty::InsistOnSubprotocol) {
            return Err(RequestError::SubprotocolMissing);
        }
        let policy = self.options.deflate;
        let deflate = policy.and_then(|policy| {
            if deviations.is_empty() {
                liberties.answer_offers(&policy, &request.extensions)
            } else {
                let offers = deviations.alter_offers(&request.extensions);
                liberties.answer_offers(&policy, &offers)
            }
        });
        if deviations.refuse_offers(&request.extensions) {
            return Err(RequestError::ExtensionsInvalid);
        }
        Ok(Acceptance {
            response: self.accept(&request, subprotocol.as_deref(), deflate),
            request,
            subprotocol,
            deflate,
            taken: 0,
        })
    }

    /// Refuses a request that would be accepted, since there are too many connections.
    #[must_use]
    pub fn refuse_as_busy(&self) -> Box<Refusal> {
        self.refuse(RequestError::Busy)
    }

    /// §4.2.2 item 4: the value "MUST be one of the values in the client's handshake", or null.
    fn choose_subprotocol(&self, request: &Request) -> Option<String> {
        let names = &request.subprotocols;
        // The client's order is its order of preference (§4.1 item 10).
        names
            .iter()
            .find(|name| self.options.subprotocols.contains(name))
            .cloned()
            .or_else(|| self.options.liberties.choose_subprotocol(names))
            .or_else(|| {
                let spoken = &self.options.subprotocols;
                self.options.deviations.alter_subprotocol(names, spoken)
            })
    }

    fn accept(
        &self,
        request: &Request,
        subprotocol: Option<&str>,
        deflate: Option<Agreement>,
    ) -> Vec<u8> {
        let deviations = &self.options.deviations;
        let accept = if deviations.is_empty() {
            accept_for(&request.key)
        } else {
            deviations.accept_for(&request.key)
        };
        let mut response = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n"
        );
        if let Some(name) = subprotocol {
            response += &format!("Sec-WebSocket-Protocol: {name}\r\n");
        }
        if let Some(agreement) = deflate {
            let extension = agreement.to_extension();
            response += &format!("Sec-WebSocket-Extensions: {extension}\r\n");
        }
        response += "\r\n";
        let response = self.options.liberties.write_response(response);
        deviations.alter_response(response, request)
    }

    fn refuse(&self, error: RequestError) -> Box<Refusal> {
        let (deviations, liberties) = (&self.options.deviations, &self.options.liberties);
        let response = liberties.write_head(refusal_response(&error, liberties));
        Box::new(Refusal {
            response: deviations.alter_refusal(response),
            error,
            taken: None,
        })
    }
}

/// How much of a head is read without a limit: enough to show, too little to do harm.
const UNLIMITED_HEAD_OCTETS_MAX: usize = 1 << 20;

/// The response that refuses a request, empty if there is none.
fn refusal_response(error: &RequestError, liberties: &Liberties) -> String {
    let status = liberties.refusal_status(error);
    let close = match liberties.keeps_refused_connections() {
        true => "keep-alive",
        false => "close",
    };
    let (reason, upgrade, extra) = match status {
        403 => ("Forbidden", "", ""),
        404 => ("Not Found", "", ""),
        405 => ("Method Not Allowed", "", "Allow: GET\r\n"),
        // RFC 9110 §7.8: a sender of Upgrade also sends the connection option of that name.
        426 => ("Upgrade Required", ", Upgrade", "Upgrade: websocket\r\n"),
        431 => ("Request Header Fields Too Large", "", ""),
        500 => ("Internal Server Error", "", ""),
        503 => ("Service Unavailable", "", "Retry-After: 1\r\n"),
        _ => ("Bad Request", "", ""),
    };
    let text = format!("{error}\n");
    let length = text.len();
    let (framing, body) = match liberties.refusal_form(error) {
        RefusalForm::Dropped => return String::new(),
        RefusalForm::Sized => (format!("Content-Length: {length}\r\n"), text),
        RefusalForm::Empty => ("Content-Length: 0\r\n".into(), String::new()),
        RefusalForm::UntilEnd => (String::new(), text),
        RefusalForm::Chunked => (
            "Transfer-Encoding: chunked\r\n".into(),
            format!("{length:x}\r\n{text}\r\n0\r\n\r\n"),
        ),
    };
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nConnection: {close}{upgrade}\r\n{extra}\
         Sec-WebSocket-Version: {VERSION}\r\nContent-Type: text/plain; charset=utf-8\r\n\
         {framing}\r\n"
    );
    let is_head = matches!(error, RequestError::MethodNotGet { method } if method == "HEAD");
    if is_head { head } else { head + &body }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\n\
        Upgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n\
        Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n";

    fn server(subprotocols: &[&str]) -> ServerHandshake {
        ServerHandshake::new(ServerOptions {
            subprotocols: subprotocols.iter().map(|&name| name.to_owned()).collect(),
            ..ServerOptions::default()
        })
    }

    #[test]
    fn the_request_of_section_1_3_is_answered_as_there() {
        let acceptance = server(&["chat"])
            .receive(REQUEST)
            .expect("lawful")
            .expect("complete");
        let expected = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
            Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
            Sec-WebSocket-Protocol: chat\r\n\r\n";
        assert_eq!(acceptance.response, expected, "{:?}", acceptance.response);
        assert_eq!(acceptance.taken, REQUEST.len());
    }

    #[test]
    fn the_clients_preference_decides_on_the_subprotocol() {
        for (spoken, chosen) in [
            (&["superchat", "chat"][..], Some("chat")),
            (&["superchat"], Some("superchat")),
            (&["Chat"], None),
            (&[], None),
        ] {
            let accepted = server(spoken).receive(REQUEST).expect("lawful");
            let acceptance = accepted.expect("complete");
            assert_eq!(acceptance.subprotocol.as_deref(), chosen, "{spoken:?}");
            let response = String::from_utf8(acceptance.response).expect("text");
            assert_eq!(
                response.contains("Sec-WebSocket-Protocol"),
                chosen.is_some()
            );
        }
    }

    #[test]
    fn any_split_is_accepted_alike_and_the_rest_is_left() {
        let mut octets = REQUEST.to_vec();
        octets.extend_from_slice(b"frames");
        let whole = server(&[])
            .receive(&octets)
            .expect("lawful")
            .expect("complete");
        assert_eq!(whole.taken, REQUEST.len());
        let mut singly = server(&[]);
        for (index, octet) in REQUEST.iter().enumerate() {
            let outcome = singly.receive(&[*octet]).expect("lawful");
            assert_eq!(
                outcome.is_some(),
                index + 1 == REQUEST.len(),
                "octet {index}"
            );
            if let Some(acceptance) = outcome {
                assert_eq!(acceptance.response, whole.response);
                assert_eq!(acceptance.taken, 1);
            }
        }
    }

    #[test]
    fn refusals_are_complete_http_responses() {
        for (request, status, field) in [
            (
                &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
                426,
                "Upgrade: websocket\r\n",
            ),
            (b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow: GET\r\n"),
            (b"nonsense\r\n\r\n", 400, "Connection: close\r\n"),
            (b"\x16\x03\x01", 400, "Connection: close\r\n"),
        ] {
            let refusal = server(&[]).receive(request).expect_err("unlawful");
            let response = String::from_utf8(refusal.response).expect("text");
            let (head, body) = response.split_once("\r\n\r\n").expect("a head");
            let head = format!("{head}\r\n");
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
            assert!(head.contains(field), "{head}");
            assert!(head.contains("Sec-WebSocket-Version: 13\r\n"), "{head}");
            assert!(
                head.contains(&format!("Content-Length: {}\r\n", body.len())),
                "{head}"
            );
        }
    }

    #[test]
    fn a_head_without_end_is_refused_at_the_limit() {
        let mut handshake = server(&[]);
        let mut received = 0;
        let refusal = loop {
            received += 1;
            match handshake.receive(b"a") {
                Ok(outcome) => assert_eq!(outcome, None),
                Err(refusal) => break refusal,
            }
        };
        assert_eq!(received, (16 << 10) + 1);
        assert_eq!(refusal.error.status(), 431);
    }
}
