//! Conversations with compression. RFC 7692 §7.2.3 has the octets of some of them.

use crate::Talk;
use crate::talk::*;
use wsspec_reference::Liberty as L;
use wsspec_reference::deflate::Agreement;

pub(crate) fn talks() -> Vec<Talk> {
    vec![
        Talk::new(
            "a message twice",
            BOTH,
            [text("Hello"), text("Hello")].map(But::said),
            "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2\\x00\\x11\\x00\\x00)",
            &[
                (L::CompressNothing, "text(Hello) text(Hello)"),
                (L::CompressFrom64Octets, "text(Hello) text(Hello)"),
                (L::CompressEverySecond, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text(Hello)"),
                (L::CompressInStoredBlocks, "text rsv1(\\x00\\x05\\x00\\xfa\\xffHello\\x00) text rsv1(\\x00\\x05\\x00\\xfa\\xffHello\\x00)"),
                (L::CompressInTwoBlocks, "text rsv1(\\xf2H\\x05\\x00\\x00\\x00\\xff\\xff\\xca\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2H\\x05\\x00\\x00\\x00\\xff\\xff\\xca\\xc9\\xc9\\x07\\x00)"),
                (L::CompressInFinalBlocks, "text rsv1(\\xf3H\\xcd\\xc9\\xc9\\x07\\x00\\x00) text rsv1(\\xf3H\\xcd\\xc9\\xc9\\x07\\x00\\x00)"),
                (L::CompressAfresh, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
            ],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "a message of 64 octets",
            BOTH,
            [binary(many(64)).said()],
            "binary rsv1(\\xaa\\xa8\\xa0\\x0c\\x00\\x00)",
            &[
                (L::CompressNothing, "binary(xxxx…64)"),
                (L::CompressInStoredBlocks, "binary rsv1(\\x00@\\x00\\xbf…70)"),
                (L::CompressInTwoBlocks, "binary rsv1(\\xaa\\xa8\\xc0\\x0f\\x00\\x00\\x00\\x00\\xff\\xff\\\"\\x04\\x00\\x00)"),
                (L::CompressInFinalBlocks, "binary rsv1(\\xab\\xa8\\xa0\\x0c\\x00\\x00\\x00)"),
            ],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "what repeats itself outside of a small window",
            BOTH,
            [binary([noise(), noise()].concat()).said()],
            "binary rsv1(\\xb2\\x89k\\xdc…649)",
            &[
                (L::CompressNothing, "binary(<^\\x81\\xb4…1200)"),
                (L::CompressInStoredBlocks, "binary rsv1(\\x00\\xb0\\x04O…1206)"),
                (L::CompressInTwoBlocks, "binary rsv1(\\x00X\\x02\\xa7…622)"),
                (L::CompressInFinalBlocks, "binary rsv1(\\xb3\\x89k\\xdc…650)"),
                (L::CompressInSmallWindow, "binary rsv1(\\x04\\xc1\\x0b0…1229)"),
            ],
        )
        .agreeing(Agreement::default()),
    ]
}
