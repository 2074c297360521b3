//! The table of deviations, by family.

use super::{DeviationFacts, Family};
use crate::Role;

/// Makes the enum and the table from one list, so that they cannot disagree.
macro_rules! deviations {
    ($($family:ident {
        $($variant:ident, $name:literal, $role:expr, [$($requirement:literal),+], $title:literal;)+
    })+) => {
        /// One deliberate departure from the RFC.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Deviation {
            $($(#[doc = $title] $variant,)+)+
        }

        impl Deviation {
            /// Every deviation.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];
        }

        pub(super) const TABLE: &[DeviationFacts] = &[$($(DeviationFacts {
            deviation: Deviation::$variant,
            name: $name,
            title: $title,
            role: $role,
            family: Family::$family,
            requirements: &[$($requirement),+],
        },)+)+];
    };
}

const BOTH: Option<Role> = None;
const CLIENT: Option<Role> = Some(Role::Client);
const SERVER: Option<Role> = Some(Role::Server);

deviations! {
    Masking {
        AcceptUnmaskedFrames, "accept-unmasked-frames", SERVER, ["6455-5.1-3"],
            "Takes frames from the client that are not masked.";
        AcceptMaskedFrames, "accept-masked-frames", CLIENT, ["6455-5.1-6"],
            "Takes frames from the server that are masked.";
        MaskServerFrames, "mask-server-frames", SERVER, ["6455-5.1-5"],
            "Masks the frames it sends as a server.";
        SendUnmaskedFrames, "send-unmasked-frames", CLIENT, ["6455-5.1-1", "6455-5.2-8", "6455-5.3-1", "6455-5.5.1-6", "6455-6.1-5"],
            "Does not mask the frames it sends as a client.";
        AcceptUnmaskedControlFrames, "accept-unmasked-control-frames", SERVER, ["6455-5.1-3"],
            "Takes control frames from the client that are not masked.";
        AcceptMaskedControlFrames, "accept-masked-control-frames", CLIENT, ["6455-5.1-6"],
            "Takes control frames from the server that are masked.";
        IgnoreMaskingKey, "ignore-masking-key", SERVER, ["6455-5.3-5", "6455-6.2-8", "6455-5.2-7"],
            "Takes the payload of masked frames as it came.";
        RestartMaskingKey, "restart-masking-key", SERVER, ["6455-5.3-5", "6455-6.2-1"],
            "Starts again with the first octet of the masking key when more of a frame arrives.";
        RefuseZeroMaskingKey, "refuse-zero-masking-key", SERVER, ["6455-5.3-7"],
            "Fails the connection if a masking key is zero.";
        MaskServerControlFrames, "mask-server-control-frames", SERVER, ["6455-5.1-5"],
            "Masks the control frames it sends as a server.";
        MaskWithZeroKey, "mask-with-zero-key", CLIENT, ["6455-5.3-3", "6455-10.3-1"],
            "Masks with a key of zero.";
        MaskWithFixedKey, "mask-with-fixed-key", CLIENT, ["6455-5.3-2", "6455-5.3-3", "6455-10.3-1", "6455-10.3-3"],
            "Masks all frames with the same key.";
        MaskWithCountedKey, "mask-with-counted-key", CLIENT, ["6455-5.3-3", "6455-5.3-4", "6455-10.3-1"],
            "Masks each frame with the key of the last one plus one.";
        MaskWithHalfKeys, "mask-with-half-keys", CLIENT, ["6455-5.3-3"],
            "Masks with keys of which the last two octets are zero.";
        ReuseMaskingKeys, "reuse-masking-keys", CLIENT, ["6455-5.3-2", "6455-10.3-1", "6455-10.3-3"],
            "Masks two frames with each key.";
        MaskFirstFrameOnly, "mask-first-frame-only", CLIENT, ["6455-5.1-1", "6455-5.2-8", "6455-6.1-5"],
            "Masks the first frame of the connection and no other.";
        SendUnmaskedControlFrames, "send-unmasked-control-frames", CLIENT, ["6455-5.1-1", "6455-5.2-8", "6455-5.5.1-6"],
            "Does not mask the control frames it sends as a client.";
        SetMaskBitOnly, "set-mask-bit-only", CLIENT, ["6455-5.3-5", "6455-5.2-7"],
            "Sends a masking key and does not mask the payload with it.";
        SendMaskBitWithoutKey, "send-mask-bit-without-key", BOTH, ["6455-5.2-14"],
            "Sets the MASK bit and sends no masking key.";
    }
    ReservedBits {
        AcceptReservedBits, "accept-reserved-bits", BOTH, ["6455-5.2-4"],
            "Takes frames with reserved bits set as if they were not.";
        AcceptRsv1, "accept-rsv1", BOTH, ["6455-5.2-4", "7692-6.1-4a", "7692-6.1-4b", "7692-6.1-9"],
            "Takes frames with RSV1 set that no extension defines.";
        AcceptRsv2, "accept-rsv2", BOTH, ["6455-5.2-4", "6455-11.9-1", "7692-6.1-8"],
            "Takes frames with RSV2 set.";
        AcceptRsv3, "accept-rsv3", BOTH, ["6455-5.2-4", "6455-11.9-1", "7692-6.1-8"],
            "Takes frames with RSV3 set.";
        AcceptRsvOnControlFrames, "accept-rsv-on-control-frames", BOTH, ["6455-5.2-4", "7692-6.1-4a"],
            "Takes control frames with reserved bits set.";
        AcceptRsvOnContinuationFrames, "accept-rsv-on-continuation-frames", BOTH, ["6455-5.2-4", "7692-6.1-4b"],
            "Takes continuation frames with reserved bits set.";
        SkipFramesWithReservedBits, "skip-frames-with-reserved-bits", BOTH, ["6455-5.2-4"],
            "Drops frames with reserved bits set and goes on.";
        SendRsv1, "send-rsv1", BOTH, ["6455-5.2-3", "7692-6.1-2"],
            "Sets RSV1 in the messages it sends without compressing them.";
        SendRsv2, "send-rsv2", BOTH, ["6455-5.2-3"],
            "Sets RSV2 in the messages it sends.";
        SendRsv3, "send-rsv3", BOTH, ["6455-5.2-3"],
            "Sets RSV3 in the messages it sends.";
        SendRsvOnControlFrames, "send-rsv-on-control-frames", BOTH, ["6455-5.2-3", "7692-6.1-3a", "7692-9.2-1"],
            "Sets RSV1 in its Pongs.";
    }
    Opcodes {
        AcceptReservedOpcodes, "accept-reserved-opcodes", BOTH, ["6455-5.2-5", "6455-5.5-3", "6455-5.6-1"],
            "Skips frames with reserved opcodes.";
        SkipReservedDataOpcodes, "skip-reserved-data-opcodes", BOTH, ["6455-5.2-5", "6455-5.6-1"],
            "Skips frames with the reserved opcodes 3 to 7.";
        SkipReservedControlOpcodes, "skip-reserved-control-opcodes", BOTH, ["6455-5.2-5", "6455-5.5-3"],
            "Skips frames with the reserved opcodes 0xB to 0xF.";
        TakeReservedDataAsText, "take-reserved-data-as-text", BOTH, ["6455-5.2-5", "6455-5.6-1"],
            "Takes frames with the reserved opcodes 3 to 7 as text.";
        TakeReservedDataAsBinary, "take-reserved-data-as-binary", BOTH, ["6455-5.2-5", "6455-5.6-1"],
            "Takes frames with the reserved opcodes 3 to 7 as binary.";
        TakeReservedControlAsPing, "take-reserved-control-as-ping", BOTH, ["6455-5.2-5", "6455-5.5-3", "6455-5.5.2-1"],
            "Takes frames with the reserved opcodes 0xB to 0xF as Pings.";
        SendReservedDataOpcode, "send-reserved-data-opcode", BOTH, ["6455-5.2-6", "6455-11.8-1"],
            "Sends messages with opcode 3.";
        SendReservedControlOpcode, "send-reserved-control-opcode", BOTH, ["6455-5.2-6", "6455-11.8-1"],
            "Sends Pongs with opcode 0xB.";
        SendTextAsBinary, "send-text-as-binary", BOTH, ["6455-6.1-3", "7692-6.1-5"],
            "Sends text messages with the opcode of binary ones.";
        SendBinaryAsText, "send-binary-as-text", BOTH, ["6455-6.1-3", "6455-5.6-2"],
            "Sends binary messages with the opcode of text.";
    }
    Lengths {
        AcceptLongLengthForms, "accept-long-length-forms", BOTH, ["6455-5.2-12r"],
            "Takes payload lengths that are not in the shortest form.";
        AcceptLong16BitLengths, "accept-long-16-bit-lengths", BOTH, ["6455-5.2-12r"],
            "Takes lengths up to 125 in the 16-bit form.";
        AcceptLong64BitLengths, "accept-long-64-bit-lengths", BOTH, ["6455-5.2-12r"],
            "Takes lengths up to 65535 in the 64-bit form.";
        Accept125In16Bits, "accept-125-in-16-bits", BOTH, ["6455-5.2-12r"],
            "Takes a length of 125 in the 16-bit form, by an error of one.";
        Accept65535In64Bits, "accept-65535-in-64-bits", BOTH, ["6455-5.2-12r"],
            "Takes a length of 65535 in the 64-bit form, by an error of one.";
        Refuse126In16Bits, "refuse-126-in-16-bits", BOTH, ["6455-5.2-9"],
            "Refuses a length of 126 in the 16-bit form, by an error of one.";
        Refuse65536In64Bits, "refuse-65536-in-64-bits", BOTH, ["6455-5.2-9"],
            "Refuses a length of 65536 in the 64-bit form, by an error of one.";
        Refuse64BitLengths, "refuse-64-bit-lengths", BOTH, ["6455-5.2-9"],
            "Refuses all lengths in the 64-bit form.";
        AcceptLengthTopBit, "accept-length-top-bit", BOTH, ["6455-5.2-10r"],
            "Ignores the most significant bit of a 64-bit length.";
        TruncateLengthsTo16Bits, "truncate-lengths-to-16-bits", BOTH, ["6455-5.2-9"],
            "Keeps the low 16 bits of a 64-bit length.";
        TruncateLengthsTo32Bits, "truncate-lengths-to-32-bits", BOTH, ["6455-5.2-9"],
            "Keeps the low 32 bits of a 64-bit length.";
        Read16BitLengthsLittleEndian, "read-16-bit-lengths-little-endian", BOTH, ["6455-5.2-11"],
            "Reads 16-bit lengths with the least significant octet first.";
        Read64BitLengthsLittleEndian, "read-64-bit-lengths-little-endian", BOTH, ["6455-5.2-11"],
            "Reads 64-bit lengths with the least significant octet first.";
        SendLengthsLittleEndian, "send-lengths-little-endian", BOTH, ["6455-5.2-11"],
            "Sends extended lengths with the least significant octet first.";
        SendLong16BitLengths, "send-long-16-bit-lengths", BOTH, ["6455-5.2-12"],
            "Sends lengths up to 125 in the 16-bit form.";
        SendLong64BitLengths, "send-long-64-bit-lengths", BOTH, ["6455-5.2-12"],
            "Sends lengths from 126 to 65535 in the 64-bit form.";
        Send125In16Bits, "send-125-in-16-bits", BOTH, ["6455-5.2-12"],
            "Sends a length of 125 in the 16-bit form, by an error of one.";
        Send65535In64Bits, "send-65535-in-64-bits", BOTH, ["6455-5.2-12"],
            "Sends a length of 65535 in the 64-bit form, by an error of one.";
        SendLengthsModulo65536, "send-lengths-modulo-65536", BOTH, ["6455-5.2-9", "6455-6.1-2a"],
            "Sends the low 16 bits of lengths above 65535, in the 16-bit form.";
        SendLengthTopBit, "send-length-top-bit", BOTH, ["6455-5.2-10"],
            "Sets the most significant bit of the 64-bit lengths it sends.";
        CountMaskingKey, "count-masking-key", CLIENT, ["6455-5.3-6", "6455-5.2-13"],
            "Counts the masking key in the payload lengths it sends.";
        ReadMaskingKeyAsPayload, "read-masking-key-as-payload", SERVER, ["6455-5.3-6"],
            "Takes the payload length to count the masking key.";
        SendLengthsOneShort, "send-lengths-one-short", BOTH, ["6455-5.2-13", "6455-5.2-9"],
            "Sends payload lengths that are one less than the payload.";
        SendExtensionData, "send-extension-data", BOTH, ["6455-5.2-15", "6455-5.2-17", "6455-5.8-1"],
            "Puts extension data before the application data, for an extension that nobody knows.";
    }
    Fragmentation {
        AcceptStrayContinuation, "accept-stray-continuation", BOTH, ["6455-5.4-3r"],
            "Takes a continuation frame that continues nothing as the start of a binary message.";
        SkipStrayContinuation, "skip-stray-continuation", BOTH, ["6455-5.4-3r"],
            "Drops a continuation frame that continues nothing and goes on.";
        AbandonInterruptedMessage, "abandon-interrupted-message", BOTH, ["6455-5.4-4r"],
            "Forgets an unfinished message when another one starts.";
        JoinInterruptingMessage, "join-interrupting-message", BOTH, ["6455-5.4-4r"],
            "Takes a text or binary frame within an unfinished message as its continuation.";
        RefuseFragmentedMessages, "refuse-fragmented-messages", BOTH, ["6455-5.4-12"],
            "Refuses messages of more than one frame.";
        RefuseManyFragments, "refuse-many-fragments", BOTH, ["6455-5.4-3", "6455-5.4-12"],
            "Refuses messages of more than 16 fragments.";
        RefuseEmptyFragments, "refuse-empty-fragments", BOTH, ["6455-5.2-18"],
            "Refuses continuation frames without payload.";
        DropEmptyFragments, "drop-empty-fragments", BOTH, ["6455-5.2-18", "6455-6.2-5"],
            "Ignores continuation frames without payload, even the final one.";
        IgnoreFinOfContinuation, "ignore-fin-of-continuation", BOTH, ["6455-5.2-2", "6455-6.2-5"],
            "Never sees the end of a fragmented message.";
        EchoFragmentsSingly, "echo-fragments-singly", BOTH, ["6455-5.4-5", "6455-6.2-5", "6455-5.4-1"],
            "Takes each fragment as a message of its own.";
        ReverseFragments, "reverse-fragments", BOTH, ["6455-5.4-5", "6455-5.4-8"],
            "Puts the fragments of a message together in reverse order.";
        KeepFirstFragmentOnly, "keep-first-fragment-only", BOTH, ["6455-5.4-5", "6455-6.2-5"],
            "Drops all fragments of a message but the first.";
        KeepLastFragmentOnly, "keep-last-fragment-only", BOTH, ["6455-5.4-5", "6455-6.2-5"],
            "Drops all fragments of a message but the last.";
        TakeFragmentedTextAsBinary, "take-fragmented-text-as-binary", BOTH, ["6455-5.4-17", "6455-6.2-3"],
            "Takes messages of more than one frame as binary.";
        RefuseControlBetweenFragments, "refuse-control-between-fragments", BOTH, ["6455-5.4-10"],
            "Refuses control frames between the fragments of a message.";
        DropControlBetweenFragments, "drop-control-between-fragments", BOTH, ["6455-5.4-10", "7692-6.2-5"],
            "Ignores Pings between the fragments of a message.";
        DelayControlBetweenFragments, "delay-control-between-fragments", BOTH, ["6455-5.4-10", "6455-5.5.2-4"],
            "Answers Pings between the fragments of a message when the message has ended.";
        ForgetFragmentsAtControl, "forget-fragments-at-control", BOTH, ["6455-5.4-5", "6455-5.4-10"],
            "Loses the fragments that came before a control frame.";
        JoinControlToMessage, "join-control-to-message", BOTH, ["6455-5.4-5", "6455-5.4-10", "7692-6.2-5"],
            "Adds the payload of a Ping between fragments to the message.";
        NeverSetFin, "never-set-fin", BOTH, ["6455-6.1-4", "6455-5.4-2"],
            "Sends messages without FIN.";
        SendStrayContinuation, "send-stray-continuation", BOTH, ["6455-6.1-3", "6455-5.4-3"],
            "Sends messages with the opcode of a continuation.";
        RepeatOpcodeInFragments, "repeat-opcode-in-fragments", BOTH, ["6455-5.4-3"],
            "Sends messages in two fragments, the second with the opcode of the first.";
        SendFinInFirstFragment, "send-fin-in-first-fragment", BOTH, ["6455-5.4-3", "6455-6.1-4"],
            "Sends messages in two fragments and sets FIN in the first, not in the second.";
        InterleaveMessages, "interleave-messages", BOTH, ["6455-5.4-9", "6455-5.4-3"],
            "Sends a message between the two fragments of each message.";
        AppendToLastMessage, "append-to-last-message", BOTH, ["6455-6.2-6"],
            "Takes each message for the continuation of the one before it.";
        EchoPartialFrames, "echo-partial-frames", BOTH, ["6455-6.2-4", "6455-5.2-9"],
            "Answers what has come of a frame before all of it has.";
    }
    ControlFrames {
        IgnorePings, "ignore-pings", BOTH, ["6455-5.5.2-3", "6455-6.2-2"],
            "Answers no Ping.";
        AlterPongPayload, "alter-pong-payload", BOTH, ["6455-5.5.3-2"],
            "Inverts the first octet of the payload of its Pongs, or adds one.";
        AcceptFragmentedControlFrames, "accept-fragmented-control-frames", BOTH, ["6455-5.5-2r"],
            "Takes control frames without FIN as if they had it.";
        AcceptLongControlFrames, "accept-long-control-frames", BOTH, ["6455-5.5-1r"],
            "Takes control frames with more than 125 octets of payload.";
        RefuseControlFramesOf125Octets, "refuse-control-frames-of-125-octets", BOTH, ["6455-5.5-1"],
            "Refuses control frames with 125 octets of payload, by an error of one.";
        IgnoreEmptyPings, "ignore-empty-pings", BOTH, ["6455-5.5.2-3"],
            "Answers no Ping without payload.";
        AnswerFirstPingOnly, "answer-first-ping-only", BOTH, ["6455-5.5.2-3"],
            "Answers the first Ping of the connection and no other.";
        AnswerPingsEmptily, "answer-pings-emptily", BOTH, ["6455-5.5.3-2"],
            "Sends Pongs without payload.";
        TruncatePongPayload, "truncate-pong-payload", BOTH, ["6455-5.5.3-2"],
            "Sends the first 64 octets of a Ping back at most.";
        AnswerPingsWithPings, "answer-pings-with-pings", BOTH, ["6455-5.5.2-3", "6455-5.5.3-1"],
            "Answers Pings with Pings.";
        AnswerPingsWithText, "answer-pings-with-text", BOTH, ["6455-5.5.2-3"],
            "Answers Pings with text messages.";
        AnswerPingsTwice, "answer-pings-twice", BOTH, ["6455-5.5.3-4"],
            "Sends two Pongs for each Ping.";
        DelayPongs, "delay-pongs", BOTH, ["6455-5.5.2-3", "6455-5.5.2-4"],
            "Keeps Pongs back until after the next message.";
        AnswerPongs, "answer-pongs", BOTH, ["6455-5.5.3-4r", "6455-5.5.2-1"],
            "Answers Pongs with Pongs.";
        RefusePongs, "refuse-pongs", BOTH, ["6455-5.5.3-4r"],
            "Fails the connection if a Pong comes that no Ping has asked for.";
        CloseOnPing, "close-on-ping", BOTH, ["6455-5.5.2-3"],
            "Closes the connection when a Ping comes.";
        SendFragmentedPongs, "send-fragmented-pongs", BOTH, ["6455-5.5-2", "6455-5.4-7"],
            "Sends Pongs without FIN.";
        SendLongPongs, "send-long-pongs", BOTH, ["6455-5.5-1", "6455-5.5.3-2"],
            "Fills Pongs up to 126 octets of payload.";
    }
    Utf8 {
        SkipUtf8Validation, "skip-utf8-validation", BOTH, ["6455-5.6-2", "6455-8.1-1", "6455-5.5.1-4b", "7692-6.1-6b"],
            "Does not check that text is UTF-8.";
        ValidateUtf8PerFrame, "validate-utf8-per-frame", BOTH, ["6455-5.6-3", "6455-5.4-1"],
            "Wants each frame of a text message to be UTF-8.";
        ValidateUtf8AtEnd, "validate-utf8-at-end", BOTH, ["6455-8.1-1"],
            "Looks at text when all of it has come, not as it comes.";
        ValidateFirstFragmentOnly, "validate-first-fragment-only", BOTH, ["6455-5.6-2", "6455-8.1-1"],
            "Checks the first frame of a text message only.";
        AcceptIncompleteUtf8, "accept-incomplete-utf8", BOTH, ["6455-5.6-2", "6455-8.1-1"],
            "Takes text that ends within a character.";
        AcceptSurrogates, "accept-surrogates", BOTH, ["6455-5.6-2", "6455-8.1-1"],
            "Takes text with encoded surrogates.";
        AcceptOverlongUtf8, "accept-overlong-utf8", BOTH, ["6455-5.6-2", "6455-8.1-1"],
            "Takes text with characters encoded in more octets than needed.";
        AcceptUtf8BeyondUnicode, "accept-utf8-beyond-unicode", BOTH, ["6455-5.6-2", "6455-8.1-1"],
            "Takes text with characters beyond U+10FFFF.";
        RefuseNoncharacters, "refuse-noncharacters", BOTH, ["6455-5.6-2", "6455-8.1-1"],
            "Refuses text with noncharacters such as U+FFFE, which are valid UTF-8.";
        RefuseNul, "refuse-nul", BOTH, ["6455-5.6-2", "6455-8.1-1"],
            "Refuses text with U+0000, which is valid UTF-8.";
        RefuseFourOctetCharacters, "refuse-four-octet-characters", BOTH, ["6455-5.6-2", "6455-8.1-1"],
            "Refuses text with characters beyond U+FFFF.";
        ReplaceInvalidUtf8, "replace-invalid-utf8", BOTH, ["6455-8.1-1"],
            "Puts U+FFFD in place of what is not UTF-8.";
        ValidateBinaryAsText, "validate-binary-as-text", BOTH, ["6455-5.6-4"],
            "Refuses binary messages that are not UTF-8.";
        ReportInvalidTextAs1002, "report-invalid-text-as-1002", BOTH, ["6455-7.4.1-1007", "6455-7.1.7-5"],
            "Fails with 1002 rather than 1007 if text is not UTF-8.";
        SkipCloseReasonValidation, "skip-close-reason-validation", BOTH, ["6455-5.5.1-4b", "6455-8.1-1"],
            "Does not check that a close reason is UTF-8.";
        StripByteOrderMark, "strip-byte-order-mark", BOTH, ["6455-6.2-4", "6455-6.2-5"],
            "Drops a U+FEFF at the start of text.";
        ReplaceNonAscii, "replace-non-ascii", BOTH, ["6455-5.6-2", "6455-6.2-4"],
            "Puts a question mark in place of each character beyond ASCII.";
        CutTextAtNul, "cut-text-at-nul", BOTH, ["6455-6.2-4", "6455-6.2-5"],
            "Drops text from a U+0000 on.";
    }
    Closing {
        AcceptInvalidCloseCodes, "accept-invalid-close-codes", BOTH, ["6455-7.4.1-r"],
            "Takes and repeats status codes that may not travel.";
        KeepTcpOpen, "keep-tcp-open", SERVER, ["6455-5.5.1-12", "6455-7.1.1-5", "6455-5.5.1-13"],
            "Does not close TCP after the closing handshake until the peer does.";
        AcceptCloseCodesBelow1000, "accept-close-codes-below-1000", BOTH, ["6455-7.4.1-r", "6455-7.4.2-1"],
            "Takes and repeats status codes below 1000.";
        AcceptCloseCode1004, "accept-close-code-1004", BOTH, ["6455-7.4.1-r", "6455-7.4.1-1004"],
            "Takes and repeats the status code 1004.";
        AcceptCloseCode1005, "accept-close-code-1005", BOTH, ["6455-7.4.1-r", "6455-7.4.1-1005"],
            "Takes and repeats the status code 1005.";
        AcceptCloseCode1006, "accept-close-code-1006", BOTH, ["6455-7.4.1-r", "6455-7.4.1-1006"],
            "Takes and repeats the status code 1006.";
        AcceptCloseCode1015, "accept-close-code-1015", BOTH, ["6455-7.4.1-r", "6455-7.4.1-1015"],
            "Takes and repeats the status code 1015.";
        AcceptUnassignedCloseCodes, "accept-unassigned-close-codes", BOTH, ["6455-7.4.1-r", "6455-7.4.2-2"],
            "Takes and repeats the status codes from 1016 to 2999.";
        AcceptCloseCodesAbove4999, "accept-close-codes-above-4999", BOTH, ["6455-7.4.1-r", "6455-11.7-1"],
            "Takes and repeats status codes above 4999.";
        RefuseRegisteredCloseCodes, "refuse-registered-close-codes", BOTH, ["6455-7.4.1-1012", "6455-7.4.1-1013", "6455-7.4.1-1014", "6455-10.7-1"],
            "Refuses the status codes 1012 to 1014, which were registered after the RFC.";
        RefuseLibraryCloseCodes, "refuse-library-close-codes", BOTH, ["6455-7.4.2-3", "6455-10.7-1"],
            "Refuses the status codes from 3000 to 3999.";
        RefusePrivateCloseCodes, "refuse-private-close-codes", BOTH, ["6455-7.4.2-4", "6455-10.7-1"],
            "Refuses the status codes from 4000 to 4999.";
        AcceptHalfCloseCode, "accept-half-close-code", BOTH, ["6455-5.5.1-3r"],
            "Takes Close frames with one octet of payload as if they had the status code 1000.";
        IgnoreCloseFrames, "ignore-close-frames", BOTH, ["6455-5.5.1-8", "6455-7.1.3-1", "6455-6.2-2"],
            "Ignores Close frames and goes on.";
        IgnoreCloseInMessage, "ignore-close-in-message", BOTH, ["6455-5.4-10", "6455-5.5.1-8"],
            "Ignores Close frames between the fragments of a message.";
        CloseTcpWithoutReply, "close-tcp-without-reply", BOTH, ["6455-5.5.1-8"],
            "Closes TCP when a Close frame comes, and does not answer it.";
        EchoAfterClose, "echo-after-close", BOTH, ["6455-5.5.1-7", "6455-5.5.1-12", "6455-7.1.3-1", "6455-6.1-1b"],
            "Answers a Close frame and goes on as if the connection were open.";
        SendDataAfterClose, "send-data-after-close", BOTH, ["6455-5.5.1-7"],
            "Sends a message after its Close frame.";
        SendCloseTwice, "send-close-twice", BOTH, ["6455-5.5.1-12", "6455-7.1.3-1"],
            "Sends each Close frame twice.";
        AnswerCloseWith1005, "answer-close-with-1005", BOTH, ["6455-7.4.1-1005"],
            "Answers Close frames with the status code 1005.";
        AnswerCloseWith1006, "answer-close-with-1006", BOTH, ["6455-7.4.1-1006"],
            "Answers Close frames with the status code 1006.";
        AnswerCloseWithOtherCode, "answer-close-with-other-code", BOTH, ["6455-5.5.1-9"],
            "Answers Close frames with the status code 4000, whatever they say.";
        AnswerEmptyCloseWith1005, "answer-empty-close-with-1005", BOTH, ["6455-7.4.1-1005"],
            "Sends the status code 1005 in answer to an empty Close frame.";
        AnswerCloseEmptily, "answer-close-emptily", BOTH, ["6455-5.5.1-9"],
            "Answers Close frames without a status code.";
        SendHalfCloseCode, "send-half-close-code", BOTH, ["6455-5.5.1-3"],
            "Sends Close frames with one octet of payload.";
        SendCloseCodeLittleEndian, "send-close-code-little-endian", BOTH, ["6455-5.5.1-3"],
            "Sends status codes with the least significant octet first.";
        SendLongCloseReason, "send-long-close-reason", BOTH, ["6455-5.5-1"],
            "Sends Close frames with a reason of 124 octets.";
        SendInvalidCloseReason, "send-invalid-close-reason", BOTH, ["6455-5.5.1-4b"],
            "Sends Close frames with a reason that is cut within a character.";
        SendFragmentedClose, "send-fragmented-close", BOTH, ["6455-5.5-2", "6455-5.4-7"],
            "Sends Close frames without FIN.";
        CloseTcpFirst, "close-tcp-first", CLIENT, ["6455-5.5.1-14", "6455-7.1.1-6"],
            "Closes TCP after the closing handshake without waiting for the server.";
        EndTcpInsteadOfClosing, "end-tcp-instead-of-closing", BOTH, ["6455-7.1.2-1", "6455-7.3-3"],
            "Closes TCP where it is to begin the closing handshake.";
        StartClosingWith1000, "start-closing-with-1000", BOTH, ["6455-7.1.2-1"],
            "Begins the closing handshake with the status code 1000 and no reason, whatever it was told.";
        ResetTcp, "reset-tcp", BOTH, ["6455-7.1.1-1"],
            "Resets TCP after the closing handshake or a failure.";
        KeepTcpOpenAfterFailure, "keep-tcp-open-after-failure", SERVER, ["6455-7.1.7-1", "6455-7.1.7-3"],
            "Does not close TCP after failing the connection until the peer does.";
        GoOnAfterFailure, "go-on-after-failure", BOTH, ["6455-7.1.7-1", "6455-7.1.7-3", "6455-7.1.7-7"],
            "Sends a Close frame for a violation in a frame's header and goes on.";
        FailWithoutClose, "fail-without-close", BOTH, ["6455-7.1.7-5"],
            "Fails the connection without a Close frame.";
        FailWith1000, "fail-with-1000", BOTH, ["6455-7.1.7-5"],
            "Fails the connection with the status code 1000.";
        FailWith1006, "fail-with-1006", BOTH, ["6455-7.4.1-1006"],
            "Fails the connection with the status code 1006.";
        FailWith1010, "fail-with-1010", SERVER, ["6455-7.4.1-1010c"],
            "Fails the connection with the status code 1010, which is for clients.";
        FailWith1011, "fail-with-1011", BOTH, ["6455-7.4.1-1002", "6455-7.1.7-5"],
            "Fails the connection with the status code 1011, whatever the peer did.";
        SendCloseAsPing, "send-close-as-ping", BOTH, ["6455-5.5.1-1", "6455-5.5.1-8"],
            "Sends Close frames with the opcode of a Ping.";
        EndTcpAfterOwnClose, "end-tcp-after-own-close", BOTH, ["6455-5.5.1-12", "6455-7.1.2-2"],
            "Closes TCP behind a Close frame of its own without waiting for the answer.";
        CloseAfterOneEcho, "close-after-one-echo", BOTH, ["6455-7.4.1-1002", "6455-7.1.2-1"],
            "Sends a Close frame with 1002 in one piece with its first echo, and nothing after it.";
        ReportLimitsAs1007, "report-limits-as-1007", BOTH, ["6455-7.4.1-1009", "6455-7.1.7-5"],
            "Fails with 1007 rather than 1009 over what is longer than its limits.";
    }
    ServerHandshake {
        SendWrongAccept, "send-wrong-accept", SERVER, ["6455-4.2.2-5.4a"],
            "Answers with a Sec-WebSocket-Accept that does not fit the key.";
        AcceptOtherMethods, "accept-other-methods", SERVER, ["6455-4.2.1-1a"],
            "Takes requests with other methods than GET.";
        AcceptHttp10, "accept-http-10", SERVER, ["6455-4.2.1-1b"],
            "Takes requests of HTTP/1.0.";
        AcceptInvalidTarget, "accept-invalid-target", SERVER, ["6455-4.2.1-1c", "6455-4.2.1-0a"],
            "Takes request targets that hold no resource name.";
        AcceptMissingHost, "accept-missing-host", SERVER, ["6455-4.2.1-2"],
            "Takes requests without a Host field.";
        AcceptRepeatedHost, "accept-repeated-host", SERVER, ["6455-4.2.1-0a"],
            "Takes requests with several Host fields.";
        AcceptInvalidHost, "accept-invalid-host", SERVER, ["6455-4.2.1-2", "6455-4.2.1-0a"],
            "Takes Host fields that hold no host and port.";
        AcceptMissingUpgrade, "accept-missing-upgrade", SERVER, ["6455-4.2.1-3a"],
            "Takes requests in which no Upgrade field asks for websocket.";
        AcceptMissingConnection, "accept-missing-connection", SERVER, ["6455-4.2.1-4a"],
            "Takes requests in which no Connection field holds Upgrade.";
        AcceptMissingVersion, "accept-missing-version", SERVER, ["6455-4.2.1-6a"],
            "Takes requests without a Sec-WebSocket-Version field.";
        AcceptRepeatedVersion, "accept-repeated-version", SERVER, ["6455-11.3.5-2"],
            "Takes requests with several Sec-WebSocket-Version fields.";
        AcceptOtherVersions, "accept-other-versions", SERVER, ["6455-4.2.1-6b", "6455-4.2.2-4.version-a", "6455-4.3-4", "6455-11.6-1", "6455-11.6-2"],
            "Takes requests for any version.";
        AcceptMissingKey, "accept-missing-key", SERVER, ["6455-4.2.1-5a"],
            "Takes requests without a Sec-WebSocket-Key field.";
        AcceptRepeatedKey, "accept-repeated-key", SERVER, ["6455-11.3.1-1", "6455-4.2.1-0a"],
            "Takes the first of several Sec-WebSocket-Key fields.";
        AcceptInvalidKey, "accept-invalid-key", SERVER, ["6455-4.2.1-5b", "6455-4.3-1"],
            "Takes any text as Sec-WebSocket-Key.";
        AcceptKeyOfOtherLength, "accept-key-of-other-length", SERVER, ["6455-4.2.1-5b"],
            "Takes keys that are base64 of more or less than 16 octets.";
        AcceptKeyNotBase64, "accept-key-not-base64", SERVER, ["6455-4.2.1-5b", "6455-4.3-1"],
            "Takes keys of 24 characters that are not base64.";
        AcceptInvalidSubprotocols, "accept-invalid-subprotocols", SERVER, ["6455-4.2.1-0a", "6455-4.2.1-8", "6455-4.3-3", "6455-11.5-1"],
            "Takes Sec-WebSocket-Protocol fields that are no lists of tokens.";
        AcceptRepeatedSubprotocols, "accept-repeated-subprotocols", SERVER, ["6455-4.2.1-0a"],
            "Takes Sec-WebSocket-Protocol fields that name a subprotocol twice.";
        AcceptInvalidExtensions, "accept-invalid-extensions", SERVER, ["6455-9.1-1", "6455-4.2.1-9", "6455-4.3-2", "6455-4.3-5", "6455-4.3-6", "6455-9.1-2"],
            "Takes Sec-WebSocket-Extensions fields that do not follow the grammar.";
        RequireOrigin, "require-origin", SERVER, ["6455-4.2.1-7a"],
            "Refuses requests without an Origin field.";
        RequireHostFirst, "require-host-first", SERVER, ["6455-4.2.1-0b"],
            "Refuses requests in which Host is not the first field.";
        AcceptPlainOnTlsPort, "accept-plain-on-tls-port", SERVER, ["6455-4.2.2-1a", "6455-4.2.2-1b"],
            "Answers clients that do not speak TLS on a port for TLS.";
        KeepTcpOpenWithoutTls, "keep-tcp-open-without-tls", SERVER, ["6455-4.2.2-1b"],
            "Does not close TCP where TLS cannot be negotiated.";
        RefuseHigherHttpVersions, "refuse-higher-http-versions", SERVER, ["6455-4.2.1-1b"],
            "Refuses requests of HTTP/1.2.";
        RefuseAbsoluteTargets, "refuse-absolute-targets", SERVER, ["6455-4.2.1-1c"],
            "Refuses absolute URIs as request targets.";
        RefuseUnknownFields, "refuse-unknown-fields", SERVER, ["6455-4.2.1-10b"],
            "Refuses requests with fields it does not know.";
        OmitResponseUpgrade, "omit-response-upgrade", SERVER, ["6455-4.2.2-5.2"],
            "Sends no Upgrade field.";
        OmitResponseConnection, "omit-response-connection", SERVER, ["6455-4.2.2-5.3"],
            "Sends no Connection field.";
        OmitAccept, "omit-accept", SERVER, ["6455-4.2.2-5.4a"],
            "Sends no Sec-WebSocket-Accept field.";
        RepeatAccept, "repeat-accept", SERVER, ["6455-11.3.3-1"],
            "Sends two Sec-WebSocket-Accept fields.";
        SendOtherResponseUpgrade, "send-other-response-upgrade", SERVER, ["6455-4.2.2-5.2"],
            "Answers with an Upgrade field for another protocol.";
        SendOtherResponseConnection, "send-other-response-connection", SERVER, ["6455-4.2.2-5.3"],
            "Answers with a Connection field that does not hold Upgrade.";
        HashDecodedKey, "hash-decoded-key", SERVER, ["6455-4.2.2-4.key", "6455-4.2.2-5.4a"],
            "Decodes the key before hashing it.";
        HashKeyWithoutGuid, "hash-key-without-guid", SERVER, ["6455-4.2.2-5.4a"],
            "Hashes the key without the GUID.";
        SendLowerCaseAccept, "send-lower-case-accept", SERVER, ["6455-4.2.2-5.4a"],
            "Sends a Sec-WebSocket-Accept in lower case.";
        SendUnpaddedAccept, "send-unpadded-accept", SERVER, ["6455-4.2.2-5.4b", "6455-4.3-1"],
            "Sends a Sec-WebSocket-Accept without padding.";
        SendKeyAsAccept, "send-key-as-accept", SERVER, ["6455-4.2.2-5.4a"],
            "Sends the key back as Sec-WebSocket-Accept.";
        AnswerWith200, "answer-with-200", SERVER, ["6455-4.2.2-5.1"],
            "Answers with status 200 and goes on as if it were 101.";
        AnswerWithHttp10, "answer-with-http-10", SERVER, ["6455-4.2.2-5"],
            "Answers with the version HTTP/1.0.";
        ChooseUnofferedSubprotocol, "choose-unoffered-subprotocol", SERVER, ["6455-4.2.2-4.subprotocol-a", "6455-4.2.2-4.subprotocol-b", "6455-4.2.2-4.subprotocol-c"],
            "Answers with a subprotocol that was not offered.";
        EchoSubprotocolList, "echo-subprotocol-list", SERVER, ["6455-4.2.2-4.subprotocol-e", "6455-4.3-8", "6455-11.5-1"],
            "Sends the whole list of subprotocols back.";
        SendEmptySubprotocol, "send-empty-subprotocol", SERVER, ["6455-4.2.2-4.subprotocol-d", "6455-4.2.2-4.subprotocol-c"],
            "Answers with an empty Sec-WebSocket-Protocol field.";
        MatchSubprotocolsWithoutCase, "match-subprotocols-without-case", SERVER, ["6455-11.5-2"],
            "Takes subprotocols for its own that differ from them in letter case.";
        ChooseUnofferedExtension, "choose-unoffered-extension", SERVER, ["6455-4.2.2-4.extensions-b", "6455-9-3", "6455-4.2.2-4.extensions-a", "6455-9.1-4"],
            "Answers with an extension that was not offered.";
        EchoExtensionOffers, "echo-extension-offers", SERVER, ["6455-9.1-8", "6455-9.1-10", "6455-5.8-1", "7692-5-16"],
            "Sends all offers of extensions back, whether it knows them or not.";
        SendEmptyExtensions, "send-empty-extensions", SERVER, ["6455-4.2.2-4.extensions-c", "6455-4.3-2"],
            "Answers with an empty Sec-WebSocket-Extensions field.";
        EndResponseLinesWithLf, "end-response-lines-with-lf", SERVER, ["6455-4.2.2-5"],
            "Ends the lines of its response with LF alone.";
        FoldResponseFields, "fold-response-fields", SERVER, ["6455-4.2.2-5"],
            "Folds a field of its response over two lines.";
        SendOctetsAfterResponse, "send-octets-after-response", SERVER, ["6455-4.2.2-5", "6455-6.1-2a"],
            "Sends an empty line between its response and its first frame.";
        OmitVersionsInRefusal, "omit-versions-in-refusal", SERVER, ["6455-4.2.2-4.version-b", "6455-4.4-3", "6455-11.3.5-3"],
            "Does not tell which versions it speaks when it refuses one.";
        RefuseWith200, "refuse-with-200", SERVER, ["6455-4.2.1-0a", "6455-10.7-4"],
            "Refuses requests with status 200.";
        CloseWithoutRefusal, "close-without-refusal", SERVER, ["6455-4.2.1-0a", "6455-10.7-4"],
            "Closes TCP rather than to refuse a request.";
        NeverAnswerHandshake, "never-answer-handshake", SERVER, ["6455-4.2.2-0"],
            "Never answers a request.";
        CompareUpgradeWithCase, "compare-upgrade-with-case", BOTH, ["6455-4.2.1-3b", "6455-4.1-v2c", "6455-11.2-1"],
            "Wants Upgrade to say websocket in lower case.";
        CompareConnectionWithCase, "compare-connection-with-case", BOTH, ["6455-4.2.1-4b", "6455-4.1-v3c"],
            "Wants Connection to say Upgrade with a capital.";
        RefuseConnectionLists, "refuse-connection-lists", BOTH, ["6455-4.2.1-4b", "6455-4.1-v3c"],
            "Refuses Connection fields with several tokens.";
        RefuseEmptyListElements, "refuse-empty-list-elements", BOTH, ["6455-9.1-1b"],
            "Refuses lists with empty elements.";
        CompareNamesWithCase, "compare-names-with-case", BOTH, ["6455-2.1-1", "6455-4.1-v8"],
            "Knows header fields by their usual spelling only.";
        AcceptMalformedFields, "accept-malformed-fields", BOTH, ["6455-4.2.1-0a", "6455-4.1-v0"],
            "Passes over lines of a head that are no header fields, and unfolds those that are folded.";
        StallOnRefusal, "stall-on-refusal", BOTH, ["6455-4.2.1-0a", "6455-10.7-4", "6455-4.1-v0", "6455-7.1.7-1", "6455-7.2.1-1", "6455-7.2.2-1"],
            "Neither answers nor closes TCP where it refuses a handshake.";
        LoseEarlyFrames, "lose-early-frames", BOTH, ["6455-6.2-1"],
            "Loses frames that come at once with the opening handshake.";
        RefuseSpaceAroundValues, "refuse-space-around-values", BOTH, ["6455-4.1-v4c", "6455-4.2.2-4.key"],
            "Refuses heads with more white space around values than one space.";
        RefuseSpaceAroundSeparators, "refuse-space-around-separators", BOTH, ["6455-4.3-7"],
            "Refuses lists with white space before a comma or semicolon or around an equals sign.";
        TakeUnfinishedHeads, "take-unfinished-heads", BOTH, ["6455-4.2.1-0a", "6455-4.1-v7", "6455-4.1-2"],
            "Takes a head for complete with its last line, without the empty one.";
        SendMalformedVersions, "send-malformed-versions", SERVER, ["6455-4.3-9"],
            "Writes the versions it speaks with a leading zero when it refuses one.";
        RefuseAllWith404, "refuse-all-with-404", SERVER, ["6455-4.4-2", "6455-4.2.2-0"],
            "Answers every request with 404.";
        RefuseAllWith401, "refuse-all-with-401", SERVER, ["6455-4.4-2", "6455-4.2.2-0"],
            "Answers every request with 401.";
        AnswerAllWith200, "answer-all-with-200", SERVER, ["6455-4.4-2", "6455-4.2.2-0", "6455-4.2.1-0a"],
            "Answers every request with 200 and a page.";
        RepeatSubprotocol, "repeat-subprotocol", SERVER, ["6455-11.3.4-2"],
            "Sends two Sec-WebSocket-Protocol fields.";
    }
    ClientHandshake {
        AcceptWrongAccept, "accept-wrong-accept", CLIENT, ["6455-4.1-v4b"],
            "Takes a Sec-WebSocket-Accept that does not fit its key.";
        AcceptOtherStatus, "accept-other-status", CLIENT, ["6455-4.1-v1a"],
            "Takes responses with any status.";
        TakeAnyResponse, "take-any-response", CLIENT, ["6455-4.1-v0", "6455-4.1-v1a", "6455-4.1-2"],
            "Takes any response for the one it waits for.";
        MatchStatusLoosely, "match-status-loosely", CLIENT, ["6455-4.1-v1a"],
            "Takes any first line with 101 in it for a status line.";
        AcceptResponseHttp10, "accept-response-http-10", CLIENT, ["6455-4.1-v7", "6455-11.1.1-4"],
            "Takes responses of HTTP/1.0.";
        AcceptResponseWithoutUpgrade, "accept-response-without-upgrade", CLIENT, ["6455-4.1-v2a"],
            "Takes responses without an Upgrade field.";
        AcceptOtherResponseUpgrade, "accept-other-response-upgrade", CLIENT, ["6455-4.1-v2b"],
            "Takes responses that upgrade to another protocol.";
        AcceptResponseWithoutConnection, "accept-response-without-connection", CLIENT, ["6455-4.1-v3a", "6455-4.1-v3b"],
            "Takes responses in which no Connection field holds Upgrade.";
        AcceptMissingAccept, "accept-missing-accept", CLIENT, ["6455-4.1-v4a"],
            "Takes responses without a Sec-WebSocket-Accept field.";
        AcceptRepeatedAccept, "accept-repeated-accept", CLIENT, ["6455-11.3.3-1", "6455-4.1-v7"],
            "Takes responses with several Sec-WebSocket-Accept fields.";
        AcceptInvalidResponseExtensions, "accept-invalid-response-extensions", CLIENT, ["6455-9.1-1", "6455-4.3-2", "6455-4.3-6", "6455-9.1-2"],
            "Takes Sec-WebSocket-Extensions fields that do not follow the grammar, as none.";
        AcceptUnofferedExtension, "accept-unoffered-extension", CLIENT, ["6455-4.1-v5", "7692-5-18"],
            "Takes responses with extensions that it did not offer.";
        AcceptRepeatedSubprotocol, "accept-repeated-subprotocol", CLIENT, ["6455-11.3.4-2", "6455-4.1-v7"],
            "Takes responses with several Sec-WebSocket-Protocol fields.";
        AcceptInvalidSubprotocol, "accept-invalid-subprotocol", CLIENT, ["6455-4.1-v7", "6455-4.3-8", "6455-11.5-1"],
            "Takes Sec-WebSocket-Protocol fields that do not hold one token.";
        AcceptUnofferedSubprotocol, "accept-unoffered-subprotocol", CLIENT, ["6455-4.1-v6a", "6455-4.1-v6b"],
            "Takes responses with a subprotocol that it did not offer.";
        RefuseInterimResponses, "refuse-interim-responses", CLIENT, ["6455-4.1-v1a"],
            "Takes an interim response of HTTP for the one that counts.";
        OmitHost, "omit-host", CLIENT, ["6455-4.1-h4"],
            "Sends no Host field.";
        OmitRequestUpgrade, "omit-request-upgrade", CLIENT, ["6455-4.1-h5"],
            "Asks without an Upgrade field.";
        OmitRequestConnection, "omit-request-connection", CLIENT, ["6455-4.1-h6"],
            "Asks without a Connection field.";
        OmitKey, "omit-key", CLIENT, ["6455-4.1-h7a"],
            "Sends no Sec-WebSocket-Key field.";
        OmitVersion, "omit-version", CLIENT, ["6455-4.1-h9a"],
            "Sends no Sec-WebSocket-Version field.";
        SendOtherRequestUpgrade, "send-other-request-upgrade", CLIENT, ["6455-4.1-h5"],
            "Asks for an upgrade to another protocol.";
        SendOtherRequestConnection, "send-other-request-connection", CLIENT, ["6455-4.1-h6"],
            "Asks with a Connection field that does not hold Upgrade.";
        SendVersion8, "send-version-8", CLIENT, ["6455-4.1-h9b"],
            "Asks for version 8.";
        SendVersionWithLeadingZero, "send-version-with-leading-zero", CLIENT, ["6455-4.3-4", "6455-4.1-h9b", "6455-11.6-1"],
            "Asks for version 013.";
        RepeatVersion, "repeat-version", CLIENT, ["6455-11.3.5-2"],
            "Sends two Sec-WebSocket-Version fields.";
        RepeatKey, "repeat-key", CLIENT, ["6455-11.3.1-1"],
            "Sends two Sec-WebSocket-Key fields.";
        RepeatHost, "repeat-host", CLIENT, ["6455-4.1-h1"],
            "Sends two Host fields.";
        SendConstantKey, "send-constant-key", CLIENT, ["6455-4.1-h7c"],
            "Sends the same key for each connection.";
        SendShortKey, "send-short-key", CLIENT, ["6455-4.1-h7b"],
            "Sends a key of less than 16 octets.";
        SendKeyNotBase64, "send-key-not-base64", CLIENT, ["6455-4.1-h7b", "6455-4.3-1"],
            "Sends a key that is not base64.";
        SendPost, "send-post", CLIENT, ["6455-4.1-h2a"],
            "Asks with the method POST.";
        SendLowerCaseMethod, "send-lower-case-method", CLIENT, ["6455-4.1-h2a"],
            "Asks with the method get, in lower case.";
        SendHttp10, "send-http-10", CLIENT, ["6455-4.1-h2b"],
            "Asks with the version HTTP/1.0.";
        SendFragmentIdentifier, "send-fragment-identifier", CLIENT, ["6455-3-7", "6455-4.1-h3"],
            "Sends a fragment identifier in the request target.";
        SkipTls, "skip-tls", CLIENT, ["6455-4.1-c5a", "6455-10.6-1", "6455-11.1.2-1"],
            "Speaks to servers of wss URLs without TLS.";
        TrustAnyCertificate, "trust-any-certificate", CLIENT, ["6455-4.1-c5b"],
            "Goes on whatever certificate the server shows.";
        OmitServerName, "omit-server-name", CLIENT, ["6455-4.1-c5d"],
            "Sends no server name in its TLS handshake.";
        KeepFragments, "keep-fragments", CLIENT, ["6455-3-7", "6455-4.1-h3"],
            "Takes URLs with a fragment and sends it in the request target.";
        AcceptInvalidUrls, "accept-invalid-urls", CLIENT, ["6455-3-1", "6455-4.1-c1a", "6455-4.1-c1b", "6455-11.1.1-1"],
            "Takes what is no WebSocket URL for one, and asks for all of it as a path.";
        RefuseSchemeInCapitals, "refuse-scheme-in-capitals", CLIENT, ["6455-3-1", "6455-3-3"],
            "Refuses URLs with the scheme in capitals.";
        DropQueries, "drop-queries", CLIENT, ["6455-3-6", "6455-4.1-h3", "6455-11.1.1-1"],
            "Leaves the query of a URL out of the request target.";
        UnescapeUrls, "unescape-urls", CLIENT, ["6455-3-5", "6455-3-8", "6455-4.1-h3"],
            "Undoes the escapes of a URL in the request target.";
        SendUrlsUnconverted, "send-urls-unconverted", CLIENT, ["6455-11.1.1-2", "6455-11.1.1-3", "6455-11.1.2-2", "6455-11.1.2-3"],
            "Sends host and resource name of a URL without converting them to ASCII.";
        OfferSubprotocolTwice, "offer-subprotocol-twice", CLIENT, ["6455-4.1-h10c"],
            "Lists a subprotocol twice.";
        OfferInvalidSubprotocol, "offer-invalid-subprotocol", CLIENT, ["6455-4.1-h10b", "6455-11.5-1"],
            "Lists a subprotocol that is not a token.";
        OfferEmptySubprotocols, "offer-empty-subprotocols", CLIENT, ["6455-4.1-h10d", "6455-4.3-3"],
            "Sends an empty Sec-WebSocket-Protocol field.";
        OfferUnregisteredExtension, "offer-unregistered-extension", CLIENT, ["6455-9.1-4"],
            "Offers an extension that nobody has registered.";
        SendMalformedOrigin, "send-malformed-origin", CLIENT, ["6455-4.1-h8c"],
            "Sends an Origin field with a path in it.";
        RefuseEmptyExtensionElements, "refuse-empty-extension-elements", CLIENT, ["6455-9.1-1b"],
            "Refuses lists of extensions with empty elements.";
        OfferInvalidExtension, "offer-invalid-extension", CLIENT, ["6455-9.1-1", "6455-4.3-5", "6455-4.3-2"],
            "Sends a Sec-WebSocket-Extensions field that does not follow the grammar.";
        EndRequestLinesWithLf, "end-request-lines-with-lf", CLIENT, ["6455-4.1-h1"],
            "Ends the lines of its request with LF alone.";
        SendFrameBeforeResponse, "send-frame-before-response", CLIENT, ["6455-4.1-w1", "6455-4.1-2"],
            "Sends a frame before the response has come.";
        SendForeignUri, "send-foreign-uri", CLIENT, ["6455-4.1-h3"],
            "Sends an absolute URI of another server as request target.";
        SendWebSocketUri, "send-websocket-uri", CLIENT, ["6455-4.1-h3"],
            "Sends a ws URI as request target.";
        OmitSlash, "omit-slash", CLIENT, ["6455-3-4", "6455-4.1-h3"],
            "Sends the query alone as request target where the path of a URL is empty.";
        SendVersion12, "send-version-12", CLIENT, ["6455-11.6-2", "6455-4.1-h9b"],
            "Asks for version 12.";
        NeverAsk, "never-ask", CLIENT, ["6455-4.1-1", "6455-4.1-h0"],
            "Connects and sends no request.";
        AcceptSubprotocolInOtherCase, "accept-subprotocol-in-other-case", CLIENT, ["6455-11.5-2", "6455-4.1-v6a"],
            "Takes a subprotocol for one it has offered that differs from it in letter case.";
    }
    Compression {
        AcceptUnknownParameters, "accept-unknown-parameters", SERVER, ["7692-7-1a"],
            "Agrees to offers with parameters that are not defined.";
        AcceptInvalidParameters, "accept-invalid-parameters", SERVER, ["7692-7-1b", "7692-7.1.1.1-2", "7692-7.1.1.2-2", "7692-7.1.2.1-2", "7692-7.1.2.1-3", "7692-7.1.2.1-4", "7692-7.1.2.1-5", "7692-7.1.2.2-2", "7692-7.1.2.2-3", "7692-7.1.2.2-4"],
            "Agrees to offers with parameters whose values are not valid.";
        AcceptRepeatedParameters, "accept-repeated-parameters", SERVER, ["7692-7-1c"],
            "Agrees to offers with a parameter twice.";
        TakeFirstOfferOnly, "take-first-offer-only", SERVER, ["7692-7.1.3-3"],
            "Looks at the first extension offered and at no other.";
        RefuseHandshakeOverOffer, "refuse-handshake-over-offer", SERVER, ["7692-7-6"],
            "Refuses the handshake over an offer that it should decline.";
        OmitServerNoContextTakeover, "omit-server-no-context-takeover", SERVER, ["7692-7.1.1.1-5", "7692-5-4", "7692-5-11"],
            "Does not repeat server_no_context_takeover in its response.";
        OmitServerMaxWindowBits, "omit-server-max-window-bits", SERVER, ["7692-7.1.2.1-10", "7692-5-4", "7692-5-11", "7692-7.1.2.1-8"],
            "Does not repeat server_max_window_bits in its response.";
        LimitClientWindowUnasked, "limit-client-window-unasked", SERVER, ["7692-7.1.2.2-11", "7692-7.1.3-1"],
            "Sends client_max_window_bits whether or not it was offered.";
        SendWindowBitsWithoutValue, "send-window-bits-without-value", SERVER, ["7692-7.1.2.1-11"],
            "Sends server_max_window_bits without a value.";
        SendWindowBitsOutOfRange, "send-window-bits-out-of-range", SERVER, ["7692-7.1.2.1-11", "6455-9-4"],
            "Sends a server_max_window_bits of 16.";
        SendTakeoverWithValue, "send-takeover-with-value", SERVER, ["7692-7.1.1.1-6"],
            "Sends server_no_context_takeover with a value.";
        SendUnknownParameter, "send-unknown-parameter", SERVER, ["6455-9.1-5"],
            "Sends a parameter that is not defined.";
        RepeatParameter, "repeat-parameter", SERVER, ["7692-5-9"],
            "Sends a parameter twice in its response.";
        AgreeToDeflateTwice, "agree-to-deflate-twice", SERVER, ["7692-5-12"],
            "Agrees to permessage-deflate twice.";
        AcceptUnknownResponseParameters, "accept-unknown-response-parameters", CLIENT, ["7692-7-2a"],
            "Takes responses with parameters that are not defined.";
        AcceptInvalidResponseParameters, "accept-invalid-response-parameters", CLIENT, ["7692-7-2b", "7692-7.1.1.1-6", "7692-7.1.1.2-6", "7692-7.1.2.1-11", "7692-7.1.2.2-9"],
            "Takes responses with parameters whose values are not valid.";
        AcceptRepeatedResponseParameters, "accept-repeated-response-parameters", CLIENT, ["7692-7-2c"],
            "Takes responses with a parameter twice.";
        AcceptDeflateTwice, "accept-deflate-twice", CLIENT, ["7692-5-13"],
            "Takes responses that agree to permessage-deflate twice.";
        AcceptLimitNotOffered, "accept-limit-not-offered", CLIENT, ["7692-7.1.2.2-11r"],
            "Takes a client_max_window_bits that it did not offer.";
        AcceptTakeoverRefused, "accept-takeover-refused", CLIENT, ["7692-7.1.1.1-5r"],
            "Takes responses without the server_no_context_takeover it asked for.";
        AcceptLargerServerWindow, "accept-larger-server-window", CLIENT, ["7692-7.1.2.1-10r"],
            "Takes responses with a larger server_max_window_bits than it asked for, or none.";
        OfferUnknownParameter, "offer-unknown-parameter", CLIENT, ["6455-9.1-5"],
            "Offers a parameter that is not defined.";
        OfferRepeatedParameter, "offer-repeated-parameter", CLIENT, ["7692-5-1"],
            "Offers a parameter twice.";
        OfferWindowBitsOutOfRange, "offer-window-bits-out-of-range", CLIENT, ["7692-7.1.2.1-3", "6455-9-4"],
            "Offers a server_max_window_bits of 7.";
        OfferWindowBitsWithLeadingZero, "offer-window-bits-with-leading-zero", CLIENT, ["7692-7.1.2.1-4"],
            "Offers a server_max_window_bits of 010.";
        OfferServerWindowWithoutValue, "offer-server-window-without-value", CLIENT, ["7692-7.1.2.1-2"],
            "Offers server_max_window_bits without a value.";
        CompressUnagreed, "compress-unagreed", BOTH, ["7692-5-17", "6455-5.8-1", "6455-9.1-6", "6455-5.2-17"],
            "Compresses messages although that was not agreed on.";
        CompressWithoutRsv1, "compress-without-rsv1", BOTH, ["7692-6.1-1", "7692-5-19"],
            "Does not set RSV1 in compressed messages.";
        KeepTail, "keep-tail", BOTH, ["7692-7.2.1-3"],
            "Does not remove the last four octets of compressed messages.";
        SendRsv1OnContinuation, "send-rsv1-on-continuation", BOTH, ["7692-6.1-3b", "7692-9.2-1"],
            "Sends compressed messages in two fragments, both with RSV1.";
        TakeContextOver, "take-context-over", BOTH, ["7692-7.2.1-10", "7692-7.2.1-13", "7692-7.1.1.1-3", "7692-7.1.1.2-7"],
            "Refers back to earlier messages although it agreed not to.";
        ExceedWindow, "exceed-window", BOTH, ["7692-7.2.1-15", "7692-7.2.1-17", "7692-7.1.2.1-7", "7692-7.1.2.2-6", "7692-7.1.2.2-10", "7692-7.2.2-11"],
            "Refers back further than it agreed to.";
        ForgetContext, "forget-context", BOTH, ["7692-7.2.2-4", "7692-7.2.2-6", "7692-7.1.1.1-4", "7692-7.1.1.2-8", "7692-7.2.3.2-1"],
            "Forgets the window after each message although it did not ask for that.";
        InflateWithoutLimit, "inflate-without-limit", BOTH, ["7692-6.2-7", "6455-10.4-1"],
            "Inflates messages to any size.";
        ForgetAgreement, "forget-agreement", BOTH, ["7692-5-19", "6455-9.1-8", "7692-6-2", "7692-7.2.3.1-1"],
            "Agrees to compression and goes on as if it had not.";
        OmitAgreement, "omit-agreement", SERVER, ["7692-5-8", "7692-5-17", "6455-9.1-10"],
            "Compresses where that was offered, and does not say so in its response.";
        OmitClientNoContextTakeover, "omit-client-no-context-takeover", SERVER, ["7692-5-7", "7692-5-11", "7692-7.1.1.2-3", "7692-7.2.2-6b"],
            "Relies on the hint client_no_context_takeover without stating it in its response.";
        OmitClientMaxWindowBits, "omit-client-max-window-bits", SERVER, ["7692-5-7", "7692-5-11", "7692-7.2.2-10"],
            "Relies on the hint client_max_window_bits without stating it in its response.";
        AgreeByOtherName, "agree-by-other-name", SERVER, ["7692-7-3", "7692-5-8"],
            "Agrees to permessage-deflate under another name.";
        SendClientTakeoverWithValue, "send-client-takeover-with-value", SERVER, ["7692-7.1.1.2-6"],
            "Sends client_no_context_takeover with a value.";
        SendClientWindowWithoutValue, "send-client-window-without-value", SERVER, ["7692-7.1.2.2-9"],
            "Sends client_max_window_bits without a value.";
        SwapDirections, "swap-directions", BOTH, ["7692-7-4", "7692-7-5"],
            "Takes what was agreed on for one direction to hold for the other one.";
        OfferOtherName, "offer-other-name", CLIENT, ["7692-7-3"],
            "Offers permessage-deflate under another name.";
        OfferTakeoverWithValue, "offer-takeover-with-value", CLIENT, ["7692-7.1.1.1-2"],
            "Offers server_no_context_takeover with a value.";
        OfferClientTakeoverWithValue, "offer-client-takeover-with-value", CLIENT, ["7692-7.1.1.2-2"],
            "Offers client_no_context_takeover with a value.";
        OfferWindowBitsNotDecimal, "offer-window-bits-not-decimal", CLIENT, ["7692-7.1.2.1-5", "7692-7.1.2.1-3"],
            "Offers a server_max_window_bits of 1e1.";
        OfferClientWindowOutOfRange, "offer-client-window-out-of-range", CLIENT, ["7692-7.1.2.2-2"],
            "Offers a client_max_window_bits of 16.";
        OfferClientWindowWithLeadingZero, "offer-client-window-with-leading-zero", CLIENT, ["7692-7.1.2.2-3"],
            "Offers a client_max_window_bits of 010.";
        OfferClientWindowNotDecimal, "offer-client-window-not-decimal", CLIENT, ["7692-7.1.2.2-4", "7692-7.1.2.2-2"],
            "Offers a client_max_window_bits of +10.";
        RefuseQuotedParameters, "refuse-quoted-parameters", BOTH, ["7692-5.2-1", "7692-7.1.2.1-6"],
            "Refuses parameters whose value is a quoted string.";
        RefuseServerTakeover, "refuse-server-takeover", CLIENT, ["7692-7.1.1.1-8r"],
            "Refuses responses with server_no_context_takeover.";
        RefuseClientTakeover, "refuse-client-takeover", CLIENT, ["7692-7.1.1.2-9"],
            "Refuses responses with client_no_context_takeover.";
        RefuseServerWindow, "refuse-server-window", CLIENT, ["7692-7.1.2.1-12r"],
            "Refuses responses with server_max_window_bits.";
        RefuseClientWindow, "refuse-client-window", CLIENT, ["7692-7.1.2.2-5", "7692-7.1.2.2-8r"],
            "Refuses responses with client_max_window_bits.";
        CompressPongs, "compress-pongs", BOTH, ["7692-6-1", "7692-6.1-3a"],
            "Compresses its Pongs and sets RSV1 in them.";
        InflateEverything, "inflate-everything", BOTH, ["7692-6-3", "7692-6.2-3"],
            "Inflates messages that are not compressed.";
        RememberUncompressed, "remember-uncompressed", BOTH, ["7692-7.2.2-12"],
            "Takes messages that are not compressed into its window.";
        InflateInSmallWindow, "inflate-in-small-window", BOTH, ["7692-7.2.2-8", "7692-7.2.2-10", "7692-7.1.2.1-9", "7692-7.1.2.2-12", "7692-5-5"],
            "Keeps no more than 256 octets of earlier messages.";
        InflateFramesSingly, "inflate-frames-singly", BOTH, ["7692-6.2-1", "7692-7.2.1-8b", "7692-7.2.3.1-2"],
            "Inflates each frame of a message by itself.";
        AcceptInvalidDeflate, "accept-invalid-deflate", BOTH, ["7692-6.2-6"],
            "Takes what came out of data that are not DEFLATE before that showed.";
        RefuseFinalBlocks, "refuse-final-blocks", BOTH, ["7692-7.2.1-6r", "7692-7.2.3.4-1"],
            "Refuses blocks with BFINAL set.";
        StopAtFinalBlock, "stop-at-final-block", BOTH, ["7692-7.2.1-6r"],
            "Drops what follows a block with BFINAL set in a message.";
        ValidateCompressedText, "validate-compressed-text", BOTH, ["7692-6.1-6a"],
            "Wants the octets of compressed text to be UTF-8.";
        SkipInflatedValidation, "skip-inflated-validation", BOTH, ["7692-6.1-6b", "6455-8.1-1"],
            "Does not check that compressed text is UTF-8 once it is inflated.";
        OmitEmptyBlock, "omit-empty-block", BOTH, ["7692-7.2.1-2"],
            "Ends compressed messages with a final block and no empty stored one.";
        CutCompressedMessages, "cut-compressed-messages", BOTH, ["7692-7.2.1-3", "7692-7.2.1-1"],
            "Removes one octet more than the last four of compressed messages.";
        CompressAllButLast, "compress-all-but-last", BOTH, ["7692-7.2.1-1", "7692-6.1-1"],
            "Loses the last octet of the messages it compresses.";
        SendNothingForEmpty, "send-nothing-for-empty", BOTH, ["7692-7.2.1-18"],
            "Sends compressed empty messages without the one octet of zero.";
    }
    Robustness {
        LoseHeadersInPieces, "lose-headers-in-pieces", BOTH, ["6455-6.2-1"],
            "Loses the start of a frame header that does not come at once.";
        LoseFramesInOneRead, "lose-frames-in-one-read", BOTH, ["6455-6.2-1"],
            "Loses what comes in one piece with the end of a frame.";
        DropEmptyMessages, "drop-empty-messages", BOTH, ["6455-5.2-18", "6455-6.2-4"],
            "Drops messages without payload.";
        CutLongMessages, "cut-long-messages", BOTH, ["6455-6.2-4", "6455-6.2-5"],
            "Keeps the first 65535 octets of a message.";
        FallSilent, "fall-silent", BOTH, ["6455-6.1-7", "6455-5.5.1-8", "6455-5.5.2-3"],
            "Sends no frame after its third message.";
        IgnoreSizeLimits, "ignore-size-limits", BOTH, ["6455-10.4-1", "6455-10.4-2"],
            "Takes frames and messages of any size.";
        ReserveDeclaredLengths, "reserve-declared-lengths", BOTH, ["6455-10.4-1"],
            "Reserves memory for the whole of a frame when its length has come.";
        CrashOnLargeLengths, "crash-on-large-lengths", BOTH, ["6455-10.4-1", "6455-10.7-1"],
            "Drops the connection if a frame is longer than its limit.";
        ReadHeadsWithoutLimit, "read-heads-without-limit", SERVER, ["6455-10.1-2"],
            "Reads heads of up to a mebioctet.";
        RefuseNonAsciiFields, "refuse-non-ascii-fields", BOTH, ["6455-4.2.1-10b", "6455-4.1-v9a"],
            "Refuses heads with octets beyond ASCII in fields it need not know.";
        SayNothing, "say-nothing", BOTH, ["6455-4.2.2-6a", "6455-4.1-v9a", "6455-5.5.2-3", "6455-5.5.1-8"],
            "Sends no frame at all.";
        SendNoise, "send-noise", BOTH, ["6455-6.1-2a", "6455-5.2-6"],
            "Sends random octets in place of frames.";
        StopReading, "stop-reading", BOTH, ["6455-6.2-1", "6455-5.5.1-8", "6455-5.5.2-3"],
            "Reads nothing after its third message.";
        EndOthersAfterFailure, "end-others-after-failure", SERVER, ["6455-7.3-3", "6455-7.1.7-3"],
            "Drops all other connections when it fails one.";
        ServeNobodyAfterFailure, "serve-nobody-after-failure", SERVER, ["6455-4.4-2", "6455-4.2.2-0"],
            "Answers no handshake after it has failed a connection.";
        ShareFragments, "share-fragments", SERVER, ["6455-5.4-9", "6455-6.2-5"],
            "Takes the fragments of all its connections for those of one message.";
    }
}
