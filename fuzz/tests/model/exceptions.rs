//! Tables of what the model sees otherwise, with the reasons.

/// A row: for which case or role, for which conduct, and why.
pub(crate) struct Exception {
    pub(crate) first: String,
    pub(crate) conduct: String,
}

/// Reads a table: three columns, with tabs between; lines that begin with `#` say more.
pub(crate) fn read(text: &str) -> Vec<Exception> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [first, conduct, reason] = columns[..] else {
                panic!("three columns: {line}");
            };
            assert!(reason.ends_with('.'), "a reason: {line}");
            Exception {
                first: first.into(),
                conduct: conduct.into(),
            }
        })
        .collect()
}

impl Exception {
    pub(crate) fn is_for(&self, first: &str, conduct: &str) -> bool {
        fits(&self.first, first) && fits(&self.conduct, conduct)
    }
}

/// Whether a name is what a pattern says, which may end in `*`.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(head) => name.starts_with(head),
        None => name == pattern,
    }
}
