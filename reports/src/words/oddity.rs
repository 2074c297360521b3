//! Departures from the RFC that single frames show.

use wsspec_record::Oddity;

/// What the target did, to follow the words "the target".
pub fn oddity(oddity: Oddity) -> &'static str {
    match oddity {
        Oddity::MaskedByServer => "masked a frame, which a server never does",
        Oddity::UnmaskedByClient => "sent a frame without masking it",
        Oddity::ReservedBits => "set an RSV bit that no extension gives a meaning",
        Oddity::ReservedOpcode => "sent a frame with a reserved opcode",
        Oddity::LengthNotMinimal => "encoded a payload length in more octets than it takes",
        Oddity::LengthTopBit => "set the most significant bit of a 64-bit payload length",
        Oddity::ControlTooLong => "sent a control frame with more than 125 octets",
        Oddity::ControlFragmented => "fragmented a control frame",
        Oddity::ContinuationOfNothing => "sent a continuation frame with nothing to continue",
        Oddity::MessageInsideMessage => "began a message inside of an unfinished one",
        Oddity::TextNotUtf8 => "sent a text message that is not UTF-8",
        Oddity::ClosePayloadOneOctet => "sent a Close frame with a payload of one octet",
        Oddity::CloseCodeForbidden => "sent a status code that must not be on the wire",
        Oddity::CloseReasonNotUtf8 => "sent a Close frame whose reason is not UTF-8",
        Oddity::AfterClose => "sent data after its Close frame",
        Oddity::SecondClose => "sent a second Close frame",
        Oddity::Http => "sent HTTP where frames were agreed to",
        Oddity::CutShort => "ended the connection inside of a frame",
        Oddity::UnsolicitedPong => "sent a Pong frame that answers nothing",
    }
}
