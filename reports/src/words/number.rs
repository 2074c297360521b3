//! Numbers, lengths of time, lists.

/// A number with its digits in groups of three: `65,536`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of octets: `1 octet`, `65,536 octets`.
pub fn octets(number: u64) -> String {
    counted(number, "octet", "octets")
}

/// A number of things: `1 case`, `2 cases`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", grouped(number))
}

/// A length of time, given in milliseconds, as short as it can be said.
pub fn milliseconds(ms: f64) -> String {
    match ms {
        _ if ms < 10.0 => format!("{ms:.1} ms"),
        _ if ms < 1_000.0 => format!("{ms:.0} ms"),
        _ if ms < 100_000.0 => format!("{:.1} s", ms / 1_000.0),
        _ => format!("{} s", grouped((ms / 1_000.0) as u64)),
    }
}

/// A time since the case began, in milliseconds to the microsecond: `12.345`.
pub fn at(microseconds: u64) -> String {
    let (whole, rest) = (microseconds / 1_000, microseconds % 1_000);
    format!("{}.{rest:03}", grouped(whole))
}

pub(super) fn list(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

/// Octets in hexadecimal, with a space between.
pub fn hexadecimal(octets: &[u8]) -> String {
    let pairs: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    pairs.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, expected) in [
            (0, "0 octets"),
            (1, "1 octet"),
            (999, "999 octets"),
            (1_000, "1,000 octets"),
            (65_536, "65,536 octets"),
            (u64::MAX, "18,446,744,073,709,551,615 octets"),
        ] {
            assert_eq!(octets(number), expected);
        }
        for (ms, expected) in [
            (0.04, "0.0 ms"),
            (9.96, "10.0 ms"),
            (999.0, "999 ms"),
            (1_500.0, "1.5 s"),
            (1_234_567.0, "1,234 s"),
        ] {
            assert_eq!(milliseconds(ms), expected);
        }
        assert_eq!(at(1_234_056), "1,234.056");
    }
}
