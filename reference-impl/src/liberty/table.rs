//! The table of liberties, by group.

use super::LibertyFacts;
use crate::Role;

/// Makes the enums and the table from one list, so that they cannot disagree.
macro_rules! liberties {
    ($($group_title:literal $group:ident {
        $($variant:ident, $name:literal, $role:expr, [$($id:literal),+], $title:literal;)+
    })+) => {
        /// What a liberty is about. Two of a group exclude each other.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Group {
            $(#[doc = $group_title] $group,)+
        }

        impl Group {
            /// What it is about, in a sentence.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$group => $group_title,)+
                }
            }
        }

        /// One thing that the RFC leaves open, done otherwise than usual.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Liberty {
            $($(#[doc = $title] $variant,)+)+
        }

        impl Liberty {
            /// Every liberty.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];
        }

        pub(super) const TABLE: &[LibertyFacts] = &[$($(LibertyFacts {
            liberty: Liberty::$variant,
            name: $name,
            title: $title,
            role: $role,
            group: Group::$group,
            left_open_by: &[$($id),+],
        },)+)+];
    };
}

const BOTH: Option<Role> = None;
const CLIENT: Option<Role> = Some(Role::Client);
const SERVER: Option<Role> = Some(Role::Server);

liberties! {
    "The longest message or frame that is taken." Size {
        LimitMessagesTo8192, "limit-messages-to-8192", BOTH, ["6455-10.4-1", "6455-7.4.1-1009"],
            "Takes messages of 8,192 octets at most.";
        LimitMessagesTo32768, "limit-messages-to-32768", BOTH, ["6455-10.4-1", "6455-7.4.1-1009"],
            "Takes messages of 32,768 octets at most.";
        LimitMessagesTo65536, "limit-messages-to-65536", BOTH, ["6455-10.4-1", "6455-7.4.1-1009"],
            "Takes messages of 65,536 octets at most.";
        LimitFramesTo8192, "limit-frames-to-8192", BOTH, ["6455-10.4-1", "6455-7.4.1-1009"],
            "Takes frames of 8,192 octets at most, and messages of any size.";
        LimitFramesTo32768, "limit-frames-to-32768", BOTH, ["6455-10.4-1", "6455-7.4.1-1009"],
            "Takes frames of 32,768 octets at most, and messages of any size.";
        LimitFramesTo65536, "limit-frames-to-65536", BOTH, ["6455-10.4-1", "6455-7.4.1-1009"],
            "Takes frames of 65,536 octets at most, and messages of any size.";
    }
    "How many fragments of a message are taken." Fragments {
        LimitFragmentsTo128, "limit-fragments-to-128", BOTH, ["6455-10.4-1", "6455-7.4.1-1009"],
            "Takes messages of 128 fragments at most.";
    }
    "The status code that answers what is too much." LimitCode {
        AnswerLimitsWith1008, "answer-limits-with-1008", BOTH, ["6455-7.4.1-1008", "6455-7.1.7-5"],
            "Fails the connection with 1008 rather than 1009 over what is longer than it takes.";
        AnswerLimitsWith1011, "answer-limits-with-1011", BOTH, ["6455-7.4.1-1011", "6455-7.1.7-5"],
            "Fails the connection with 1011 rather than 1009 over what is longer than it takes.";
    }
    "Which messages are understood." Kinds {
        UnderstandTextOnly, "understand-text-only", BOTH, ["6455-7.4.1-1003b"],
            "Fails the connection with 1003 when a binary message comes.";
        UnderstandBinaryOnly, "understand-binary-only", BOTH, ["6455-7.4.1-1003"],
            "Fails the connection with 1003 when a text message comes.";
    }
    "The longest head that is taken." HeadSize {
        LimitHeadsTo4096, "limit-heads-to-4096", BOTH, ["RFC 9110 §5.4", "6455-4.2.1-0a"],
            "Takes heads of 4,096 octets at most; a server answers longer ones with 431.";
        LimitHeadsTo4096With400, "limit-heads-to-4096-with-400", SERVER, ["RFC 9110 §5.4", "6455-4.2.1-0a"],
            "Takes heads of 4,096 octets at most and answers longer ones with 400.";
        LimitHeadsTo4096ByDropping, "limit-heads-to-4096-by-dropping", SERVER, ["6455-10.7-2", "6455-7.2.2-1"],
            "Takes heads of 4,096 octets at most and drops the connection over longer ones.";
    }
    "How many connections are served." Connections {
        RefuseBeyond8, "refuse-beyond-8-connections", SERVER, ["RFC 9110 §15.6.4", "6455-7.3-1"],
            "Serves eight connections at once and refuses further ones with 503.";
        WaitBeyond4, "wait-beyond-4-connections", SERVER, ["6455-2.1-2"],
            "Serves four connections at once and lets further ones wait.";
    }
    "Control frames that nobody has asked for." Heartbeat {
        PingEvery2Ms, "ping-every-2-ms", BOTH, ["6455-5.5.2-5"],
            "Sends a Ping of its own every two milliseconds.";
        PongEvery2Ms, "pong-every-2-ms", BOTH, ["6455-5.5.3-4"],
            "Sends a Pong that nobody has asked for every two milliseconds.";
        PingUntilTcpEnds, "ping-until-tcp-ends", BOTH, ["6455-5.5.1-7", "6455-5.5.2-5"],
            "Sends a Ping every five milliseconds, behind its Close frame too, until TCP ends.";
        PongUntilTcpEnds, "pong-until-tcp-ends", BOTH, ["6455-5.5.1-7", "6455-5.5.3-4"],
            "Sends a Pong every five milliseconds, behind its Close frame too, until TCP ends.";
        PingAtOnce, "ping-at-once", BOTH, ["6455-5.5.2-5", "6455-4.2.2-6b"],
            "Sends a Ping as soon as the connection is open.";
        Ping125Octets, "ping-125-octets-at-once", BOTH, ["6455-5.5.2-2", "6455-5.5.2-5"],
            "Sends a Ping with 125 octets of any value as soon as the connection is open.";
    }
    "Pongs that nobody has asked for, around those that are owed." UnaskedPongs {
        PongBeforePongs, "pong-before-pongs", BOTH, ["6455-5.5.3-4"],
            "Sends a Pong that nobody has asked for before each that is owed.";
        AnswerPingsTwice, "answer-pings-twice", BOTH, ["6455-5.5.3-4"],
            "Sends each Pong twice; the second is one that nobody has asked for.";
    }
    "Which Pongs come when." Pongs {
        AnswerLastPingOnly, "answer-last-ping-only", BOTH, ["6455-5.5.3-3"],
            "Answers only the last of the Pings that have come together.";
        PongBehindEchoes, "pong-behind-echoes", BOTH, ["6455-5.5.2-4"],
            "Sends the Pongs for what has come together behind the echoes.";
    }
    "How what is sent is cut, and when it leaves." Pace {
        Answer20MsLate, "answer-20-ms-late", BOTH, ["6455-2.1-2", "6455-5.5.2-4", "6455-5.5.1-10"],
            "Sends everything 20 milliseconds late.";
        WriteSingleOctets, "write-single-octets", BOTH, ["6455-2.1-2", "6455-5.4-1"],
            "Writes octet by octet, and the heads too; of long messages the end.";
        SendFragmentsSlowly, "send-fragments-slowly", BOTH, ["6455-5.4-11", "6455-5.5.1-11"],
            "Sends fragments five milliseconds apart, and a Close frame behind the last.";
    }
    "How messages are fragmented." Fragmenting {
        FragmentInTwo, "fragment-in-two", BOTH, ["6455-5.4-11", "6455-6.1-2b"],
            "Sends messages in two fragments.";
        FragmentBySeven, "fragment-by-seven", BOTH, ["6455-5.4-11", "6455-6.1-2b"],
            "Sends messages in fragments of seven octets, long ones in fragments of 4,096.";
        FragmentSingly, "fragment-singly", BOTH, ["6455-5.4-11", "6455-6.1-2b"],
            "Sends short messages in fragments of one octet, long ones in fragments of 16,384.";
        FragmentWithEmpty, "fragment-with-empty", BOTH, ["6455-5.4-11", "6455-5.2-18"],
            "Sends messages in fragments with empty ones before, between and behind.";
        FragmentAroundControl, "fragment-around-control", BOTH, ["6455-5.4-6", "6455-5.5.2-5", "6455-5.5.3-4"],
            "Sends messages in fragments with a Ping and a Pong between.";
        KeepFragments, "keep-fragments", BOTH, ["6455-5.4-11", "6455-5.4-1"],
            "Sends messages back in the fragments in which they came.";
        StreamFragments, "stream-fragments", BOTH, ["6455-5.4-11", "6455-5.4-1", "6455-6.1-2b"],
            "Sends each fragment of a message back when it has come, uncompressed ones that is.";
    }
    "Whether compression is agreed on, and how." Agreement {
        DeclineCompression, "decline-compression", BOTH, ["6455-9-1", "6455-9-2", "7692-7-6"],
            "Agrees to no compression, or offers none.";
        DeclineServerWindow, "decline-server-window", SERVER, ["7692-7.1.2.1-8", "7692-7-1d"],
            "Declines offers with server_max_window_bits.";
        TakeLastOffer, "take-last-offer", SERVER, ["7692-7.1.3-2"],
            "Agrees to the last of several offers that it can take.";
        AgreeWithoutServerTakeover, "agree-without-server-takeover", SERVER, ["7692-7.1.1.1-8"],
            "Agrees with server_no_context_takeover, whether it is asked for that or not.";
        AgreeWithoutClientTakeover, "agree-without-client-takeover", SERVER, ["7692-7.1.1.2-4"],
            "Agrees with client_no_context_takeover, whether the offer has it or not.";
        AgreeWithoutTakeover, "agree-without-takeover", SERVER, ["7692-7.1.1.1-8", "7692-7.1.1.2-4"],
            "Agrees with neither end taking its context over.";
        AgreeToServerWindow8, "agree-to-server-window-8", SERVER, ["7692-7.1.2.1-12"],
            "Agrees with a server_max_window_bits of 8.";
        AgreeToServerWindow9, "agree-to-server-window-9", SERVER, ["7692-7.1.2.1-12"],
            "Agrees with a server_max_window_bits of 9 at most.";
        AgreeToServerWindow12, "agree-to-server-window-12", SERVER, ["7692-7.1.2.1-12"],
            "Agrees with a server_max_window_bits of 12 at most.";
        StateServerWindow15, "state-server-window-15", SERVER, ["7692-7.1.2.1-12"],
            "Agrees with a server_max_window_bits of 15 where nothing smaller is asked for.";
        AgreeToClientWindow8, "agree-to-client-window-8", SERVER, ["7692-7.1.2.2-7", "7692-7.1.2.2-8"],
            "Agrees with a client_max_window_bits of 8, and to no offer without that parameter.";
        AgreeToClientWindow9, "agree-to-client-window-9", SERVER, ["7692-7.1.2.2-7", "7692-7.1.2.2-8"],
            "Agrees with a client_max_window_bits of 9 at most, and to no offer without that parameter.";
        AgreeToClientWindow12, "agree-to-client-window-12", SERVER, ["7692-7.1.2.2-7", "7692-7.1.2.2-8"],
            "Agrees with a client_max_window_bits of 12 at most, and to no offer without that parameter.";
        AgreeToAllParameters, "agree-to-all-parameters", SERVER, ["7692-7.1.1.1-8", "7692-7.1.1.2-4", "7692-7.1.2.1-12", "7692-7.1.2.2-7"],
            "Agrees with all four parameters, windows of 10, and to no offer without client_max_window_bits.";
        IgnoreHints, "ignore-hints", SERVER, ["7692-7.1.1.2-5", "7692-7.1.2.2-8"],
            "Agrees without the parameters for the client that are mere hints in an offer.";
        ExceedHints, "exceed-hints", SERVER, ["7692-7.1.2.2-8", "7692-7.1.2.2-8r"],
            "Answers a client_max_window_bits with a value with one of 15.";
        OfferPlainly, "offer-plainly", CLIENT, ["7692-7.1.2.2-1", "6455-9-1"],
            "Offers permessage-deflate without parameters.";
        OfferAllParameters, "offer-all-parameters", CLIENT, ["7692-7.1.1.1-1", "7692-7.1.1.2-1", "7692-7.1.2.1-1", "7692-7.1.2.2-1"],
            "Offers permessage-deflate with all four parameters, windows of 10.";
        OfferWithoutTakeover, "offer-without-takeover", CLIENT, ["7692-7.1.1.1-1", "7692-7.1.1.2-1"],
            "Offers that neither end takes its context over.";
        OfferServerWindow8, "offer-server-window-8", CLIENT, ["7692-7.1.2.1-1"],
            "Asks for a server_max_window_bits of 8.";
        OfferClientWindow9, "offer-client-window-9", CLIENT, ["7692-7.1.2.2-1"],
            "Hints at a client_max_window_bits of 9.";
        OfferSeveral, "offer-several", CLIENT, ["7692-5-2"],
            "Offers permessage-deflate with a small window, and without one if that is declined.";
    }
    "How messages are compressed where that was agreed on." Compressing {
        CompressNothing, "compress-nothing", BOTH, ["7692-6-4"],
            "Sends messages uncompressed although compression was agreed on.";
        CompressFrom64Octets, "compress-from-64-octets", BOTH, ["7692-6-4"],
            "Compresses messages of 64 octets or more.";
        CompressEverySecond, "compress-every-second", BOTH, ["7692-6-4", "7692-7.2.2-12"],
            "Compresses the first of each two messages.";
        CompressInStoredBlocks, "compress-in-stored-blocks", BOTH, ["7692-7.2.1-5"],
            "Compresses without compressing, in stored blocks.";
        CompressInTwoBlocks, "compress-in-two-blocks", BOTH, ["7692-7.2.1-4"],
            "Compresses each message in two blocks with an empty one between.";
        CompressInFinalBlocks, "compress-in-final-blocks", BOTH, ["7692-7.2.1-6"],
            "Compresses each message in blocks the last of which has BFINAL set.";
        CompressAfresh, "compress-afresh", BOTH, ["7692-7.2.1-11", "7692-7.2.1-14"],
            "Refers to no earlier message although it may.";
        CompressInSmallWindow, "compress-in-small-window", BOTH, ["7692-7.2.1-16", "7692-7.2.1-17"],
            "Refers back by no more than 512 octets although it may.";
    }
    "How extensions are written." ExtensionForm {
        QuoteParameters, "quote-parameters", BOTH, ["7692-5.2-1", "6455-4.3-5"],
            "Writes the values of parameters as quoted strings.";
        SpaceOutParameters, "space-out-parameters", BOTH, ["6455-4.3-7"],
            "Writes parameters with white space around their separators.";
    }
    "What answers a Close frame." CloseReply {
        AnswerCloseWith1000, "answer-close-with-1000", BOTH, ["6455-5.5.1-9", "6455-7.4.1-1000"],
            "Answers Close frames with the status code 1000, whatever they say.";
        AnswerCloseWith1001, "answer-close-with-1001", BOTH, ["6455-5.5.1-9", "6455-7.4.1-1001"],
            "Answers Close frames with the status code 1001.";
        AnswerCloseWith3000, "answer-close-with-3000", BOTH, ["6455-5.5.1-9", "6455-7.4.2-3"],
            "Answers Close frames with the status code 3000.";
        AnswerCloseWith4000, "answer-close-with-4000", BOTH, ["6455-5.5.1-9", "6455-7.4.2-4"],
            "Answers Close frames with the status code 4000.";
        AnswerCloseWithoutCode, "answer-close-without-code", BOTH, ["6455-5.5.1-9", "6455-7.4-2"],
            "Answers Close frames without a status code.";
        AnswerCloseWithReason, "answer-close-with-reason", BOTH, ["6455-5.5.1-4", "6455-7.4-1"],
            "Answers Close frames with their status code and a reason of its own.";
        RepeatCloseReason, "repeat-close-reason", BOTH, ["6455-5.5.1-4", "6455-7.4-1"],
            "Answers Close frames with their status code and their reason.";
        AnswerCloseWithLongReason, "answer-close-with-long-reason", BOTH, ["6455-5.5.1-4", "6455-5.5-1"],
            "Answers Close frames with the status code 1000 and a reason of 123 octets.";
    }
    "What becomes of status codes that may not be sent." ReceivedCodes {
        TakeInvalidCloseCodes, "take-invalid-close-codes", BOTH, ["6455-7.4.1-r"],
            "Takes status codes that may not be sent, and answers 1000.";
        TakeInvalidCloseCodesEmptily, "take-invalid-close-codes-emptily", BOTH, ["6455-7.4.1-r", "6455-7.4-2"],
            "Takes status codes that may not be sent, and answers without one.";
    }
    "How the connection is failed where 1002 is asked for." Failure {
        FailWith1003, "fail-with-1003", BOTH, ["6455-7.1.7-5", "6455-7.4.1-1002"],
            "Fails the connection with 1003 where 1002 is asked for.";
        FailWith1007, "fail-with-1007", BOTH, ["6455-7.1.7-5", "6455-7.4.1-1002"],
            "Fails the connection with 1007 where 1002 is asked for.";
        FailWith1008, "fail-with-1008", BOTH, ["6455-7.1.7-5", "6455-7.4.1-1002", "6455-7.4.1-1008"],
            "Fails the connection with 1008 where 1002 is asked for.";
        FailWith1009, "fail-with-1009", BOTH, ["6455-7.1.7-5", "6455-7.4.1-1002"],
            "Fails the connection with 1009 where 1002 is asked for.";
        FailWith1011, "fail-with-1011", BOTH, ["6455-7.1.7-5", "6455-7.4.1-1002"],
            "Fails the connection with 1011 where 1002 is asked for.";
        FailWith3000, "fail-with-3000", BOTH, ["6455-7.1.7-5", "6455-7.4.1-1002", "6455-7.4.2-3"],
            "Fails the connection with 3000 where 1002 is asked for.";
        FailWithReason, "fail-with-reason", BOTH, ["6455-5.5.1-4", "6455-7.4-1"],
            "Fails the connection with a reason beside the status code.";
        FailWithoutCode, "fail-without-code", BOTH, ["6455-7.1.7-5", "6455-7.4-2"],
            "Fails the connection with a Close frame without a status code.";
        FailWithoutClose, "fail-without-close", BOTH, ["6455-7.1.7-5", "6455-7.1.7-6", "6455-10.7-2"],
            "Fails the connection without a Close frame.";
        FailByReset, "fail-by-reset", BOTH, ["6455-10.7-2", "6455-7.1.1-2"],
            "Fails the connection by resetting TCP, without a Close frame.";
    }
    "How the connection is failed over text that is not UTF-8." TextFailure {
        FailTextWith1002, "fail-text-with-1002", BOTH, ["6455-7.4.1-1007", "6455-7.1.7-5"],
            "Fails the connection with 1002 where text is not UTF-8.";
        FailTextWith1003, "fail-text-with-1003", BOTH, ["6455-7.4.1-1007", "6455-7.1.7-5"],
            "Fails the connection with 1003 where text is not UTF-8.";
        FailTextWith1008, "fail-text-with-1008", BOTH, ["6455-7.4.1-1007", "6455-7.1.7-5"],
            "Fails the connection with 1008 where text is not UTF-8.";
    }
    "When frames are looked at." Reading {
        ReadWholeFrames, "read-whole-frames", BOTH, ["6455-2-1", "6455-2.1-2"],
            "Looks at a frame when all of it has come.";
    }
    "When text is validated." TextCheck {
        ValidateTextAtEnd, "validate-text-at-end", BOTH, ["6455-8.1-1", "6455-2-1"],
            "Looks at text when the whole message has come.";
    }
    "When what was read is answered." Batches {
        ReadWholeBatches, "read-whole-batches", BOTH, ["6455-2-1", "6455-6.1-1b"],
            "Reads everything that has come before it echoes any of it.";
    }
    "What binds the sender, and the receiver lets be." Lengths {
        TakeLongLengthForms, "take-long-length-forms", BOTH, ["6455-5.2-12r"],
            "Takes payload lengths that are not in the shortest form.";
    }
    "When the server begins to close the connection." OwnClose {
        CloseAfterFirstEcho, "close-after-first-echo", SERVER, ["6455-7.3-1"],
            "Begins the closing handshake, with 1000, behind its first echo.";
        CloseAfterThirdEcho, "close-after-third-echo", SERVER, ["6455-7.3-1", "6455-7.4.1-1001"],
            "Begins the closing handshake, with 1001, behind its third echo.";
    }
    "How TCP ends." TcpEnd {
        CloseTcpLate, "close-tcp-late", BOTH, ["6455-2.1-2", "6455-5.5.1-12"],
            "Closes TCP a second late.";
        LeaveTcpEndToServer, "leave-tcp-end-to-server", CLIENT, ["6455-5.5.1-14", "6455-7.1.1-6", "6455-7.1.1-4"],
            "Lets the server close TCP, after a failure too, and waits for it five seconds.";
        CloseTcpFirst, "close-tcp-first", CLIENT, ["6455-5.5.1-15"],
            "Closes TCP after the closing handshake without waiting for the server.";
        DropTcp, "drop-tcp", BOTH, ["6455-7.1.1-1", "6455-10.7-2"],
            "Drops the socket behind its last Close frame, and waits for nothing.";
        ResetTcp, "reset-tcp", BOTH, ["6455-7.1.1-1", "6455-7.1.1-2"],
            "Resets TCP after the closing handshake or a failure.";
    }
    "With which status a bad handshake is refused." RefusalStatus {
        RefuseWith400, "refuse-with-400", SERVER, ["6455-4.2.1-0a"],
            "Refuses whatever it refuses with 400.";
        RefuseWith403, "refuse-with-403", SERVER, ["6455-4.2.1-0a"],
            "Refuses whatever it refuses with 403.";
        RefuseWith404, "refuse-with-404", SERVER, ["6455-4.2.1-0a"],
            "Refuses whatever it refuses with 404.";
        RefuseWith426, "refuse-with-426", SERVER, ["6455-4.2.1-0a", "RFC 9110 §15.5.22"],
            "Refuses whatever it refuses with 426.";
        RefuseWith500, "refuse-with-500", SERVER, ["6455-4.2.1-0a"],
            "Refuses whatever it refuses with 500.";
        RefuseWith503, "refuse-with-503", SERVER, ["6455-4.2.1-0a"],
            "Refuses whatever it refuses with 503.";
        RefuseByDropping, "refuse-by-dropping", SERVER, ["6455-10.7-2", "6455-10.7-4", "6455-7.2.2-1"],
            "Closes TCP without a word in place of refusing, unless it is about the version.";
    }
    "What stands in a refusal." RefusalBody {
        RefuseWithoutBody, "refuse-without-body", SERVER, ["6455-4.2.1-0a", "RFC 9112 §6"],
            "Refuses without a body.";
        RefuseInChunks, "refuse-in-chunks", SERVER, ["6455-4.2.1-0a", "RFC 9112 §7.1"],
            "Refuses with a body in the chunked transfer coding.";
        RefuseUntilEnd, "refuse-until-end", SERVER, ["6455-4.2.1-0a", "RFC 9112 §6.3"],
            "Refuses with a body that ends with TCP.";
    }
    "What becomes of a connection on which a handshake was refused." RefusalEnd {
        KeepRefusedConnections, "keep-refused-connections", SERVER, ["6455-4.2.1-0a", "RFC 9112 §9.3"],
            "Answers further requests on a connection on which it has refused one.";
    }
    "What becomes of octets that come before the response." EarlyOctets {
        DiscardEarlyOctets, "discard-early-octets", SERVER, ["6455-4.1-w1"],
            "Drops what the client has sent behind its request, before the response.";
        RefuseEarlyOctets, "refuse-early-octets", SERVER, ["6455-4.1-w1", "6455-4.2.1-0a"],
            "Refuses requests behind which something has come already.";
    }
    "How requests are read that name a field twice." RepeatedFields {
        TakeFirstField, "take-first-field", SERVER, ["6455-11.3.1-1", "6455-11.3.5-2"],
            "Takes the first of several keys or versions.";
        TakeLastField, "take-last-field", SERVER, ["6455-11.3.1-1", "6455-11.3.5-2"],
            "Takes the last of several keys or versions.";
        JoinFields, "join-fields", SERVER, ["6455-11.3.1-1", "6455-11.3.5-2", "RFC 9110 §5.3"],
            "Reads several keys as one list, and hashes that.";
    }
    "How keys are read." Keys {
        TakeKeysUndecoded, "take-keys-undecoded", SERVER, ["6455-4.2.2-4.key"],
            "Hashes the key as it came and does not look at what it encodes.";
    }
    "How versions are read." Versions {
        TakeVersionLists, "take-version-lists", SERVER, ["6455-4.3-4", "6455-11.3.5-2"],
            "Takes a list of versions with 13 in it.";
    }
    "How lists of subprotocols are read." SubprotocolLists {
        TakeRepeatedSubprotocols, "take-repeated-subprotocols", SERVER, ["6455-4.1-h10c", "6455-4.2.1-8"],
            "Takes lists that name a subprotocol twice: that names differ binds the client.";
    }
    "Which subprotocol is agreed on." Subprotocol {
        AgreeToFirstSubprotocol, "agree-to-first-subprotocol", SERVER, ["6455-4.2.2-5.5"],
            "Agrees to the first subprotocol offered, whatever it is.";
        AgreeToLastSubprotocol, "agree-to-last-subprotocol", SERVER, ["6455-4.2.2-5.5"],
            "Agrees to the last subprotocol offered, whatever it is.";
        InsistOnSubprotocol, "insist-on-subprotocol", SERVER, ["6455-4.2.2-4.resource-b", "6455-4.2.2-4.subprotocol-b"],
            "Refuses clients that do not offer the subprotocol chat.";
        OfferSubprotocols, "offer-subprotocols", CLIENT, ["6455-4.1-h10a"],
            "Offers the subprotocols chat and superchat, unless it is told to offer others.";
    }
    "How names of fields are written." FieldNames {
        WriteNamesInLowerCase, "write-names-in-lower-case", BOTH, ["6455-4.1-v8", "RFC 9110 §5.1"],
            "Writes the names of fields in lower case.";
        WriteNamesInCapitals, "write-names-in-capitals", BOTH, ["6455-4.1-v8", "RFC 9110 §5.1"],
            "Writes the names of fields in capitals.";
    }
    "How values of fields are written." FieldValues {
        WriteValuesInLowerCase, "write-values-in-lower-case", BOTH, ["6455-4.1-v3c", "6455-4.2.1-4b"],
            "Writes the connection option upgrade in lower case.";
        WriteValuesInMixedCase, "write-values-in-mixed-case", BOTH, ["6455-11.2-1", "6455-4.1-v2c", "6455-4.2.1-3b"],
            "Writes WebSocket with its two capitals.";
        KeepAlive, "keep-alive", BOTH, ["6455-4.1-v3c", "6455-4.2.1-4b"],
            "Sends the connection options keep-alive and Upgrade.";
        SplitLists, "split-lists", BOTH, ["6455-11.3.2-1", "6455-11.3.4-1", "6455-9.1-3", "RFC 9110 §5.3"],
            "Writes lists, of connection options too, in a field for each element.";
    }
    "White space in fields." FieldSpace {
        WriteFieldsTight, "write-fields-tight", BOTH, ["RFC 9112 §5"],
            "Writes fields without white space behind the colon.";
        WriteFieldsWide, "write-fields-wide", BOTH, ["RFC 9112 §5", "6455-4.1-v4c"],
            "Writes fields with much white space around their values.";
    }
    "The order of fields." FieldOrder {
        ReverseFields, "reverse-fields", BOTH, ["6455-4.2.1-0b", "RFC 9110 §5.3"],
            "Writes fields in reverse order.";
    }
    "Fields that need not be there." MoreFields {
        SendMoreFields, "send-more-fields", BOTH, ["6455-4.1-h12", "6455-4.2.1-10a"],
            "Sends fields that HTTP knows and WebSocket does not need, a cookie among them.";
        SendUnknownFields, "send-unknown-fields", BOTH, ["6455-4.1-h12", "6455-4.2.1-10b"],
            "Sends fields that nobody knows, one of them long, one empty.";
        SendOrigin, "send-origin", CLIENT, ["6455-4.1-h8b"],
            "Sends an Origin field, unless it is told to send another.";
    }
    "The start line." StartLine {
        OmitReasonPhrase, "omit-reason-phrase", SERVER, ["RFC 9112 §4"],
            "Sends an empty reason phrase.";
        SendLongReasonPhrase, "send-long-reason-phrase", SERVER, ["RFC 9112 §4"],
            "Sends a long reason phrase of its own.";
        SendEarlyHints, "send-early-hints", SERVER, ["RFC 9110 §15.2"],
            "Sends an interim response before the one that counts.";
        AskForAbsoluteUri, "ask-for-absolute-uri", CLIENT, ["6455-4.1-h3", "6455-4.2.1-1c"],
            "Sends an absolute URI as request target.";
    }
}
