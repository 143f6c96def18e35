//! Where a JSON value ends, and whether text that has only begun goes on with the next line.

/// Looks for the end of a value that arrives in pieces. It does not judge the value: that is for
/// whoever reads it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the states of a scanner")]
pub(super) struct Scanner {
    begun: bool,
    /// Neither object nor list nor string.
    bare: bool,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Scanner {
    /// Goes on over more bytes; gives the length up to and including the value's last byte.
    ///
    /// A value that is no object, list or string ends before white space, a comma or a bracket.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let is_first = !self.begun;
        if let (true, Some(first)) = (is_first, bytes.first()) {
            self.begun = true;
            self.bare = !matches!(first, b'{' | b'[' | b'"');
        }
        if self.bare {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}');
            // A stray bracket is a value of its own, or nothing would ever move on.
            let least = usize::from(is_first);
            return bytes.iter().position(ends).map(|at| at.max(least));
        }
        for (at, byte) in bytes.iter().enumerate() {
            if self.escaped {
                self.escaped = false;
            } else if self.in_string {
                match byte {
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
            }
            if self.depth == 0 && !self.in_string && matches!(byte, b'"' | b'}' | b']') {
                return Some(at + 1);
            }
        }
        None
    }
}

/// Whether a first line and what follows it are one document over several lines, rather than a
/// line that was cut off and others after it.
///
/// `next` is the first byte that follows which is not white space.
pub(super) fn goes_on(line: &[u8], next: Option<u8>) -> bool {
    let mut open = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for byte in line {
        if escaped {
            escaped = false;
        } else if in_string {
            match byte {
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => open.push(*byte),
                b'}' | b']' => {
                    open.pop();
                }
                _ => {}
            }
        }
    }
    let last = line.trim_ascii_end().last().copied();
    // A string can't hold a line break, and a document that is complete needs no other line.
    let (false, Some(inside), Some(next)) = (in_string, open.last(), next) else {
        return false;
    };
    match (*inside, last) {
        (b'{', Some(b'{')) => matches!(next, b'"' | b'}'),
        (b'{', Some(b',')) => next == b'"',
        (b'[', Some(b'[' | b',')) | (_, Some(b':')) => true,
        (b'{', _) => matches!(next, b',' | b'}' | b':'),
        _ => matches!(next, b',' | b']'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_of_a_value_in_one_piece_or_in_many() {
        for (text, length) in [
            (r#"{"a":"}\"]"} {"#, 12),
            (r#"[[1],{"b":[]}],"#, 14),
            (r#""text\\" x"#, 8),
            ("12.5, 3", 4),
            ("null]", 4),
            ("} x", 1),
        ] {
            assert_eq!(
                Scanner::default().feed(text.as_bytes()),
                Some(length),
                "{text}"
            );
            let mut scanner = Scanner::default();
            let ends: Vec<usize> = text
                .bytes()
                .enumerate()
                .filter_map(|(at, byte)| scanner.feed(&[byte]).map(|length| at + length))
                .collect();
            assert_eq!(ends.first(), Some(&length), "{text}");
        }
        assert_eq!(Scanner::default().feed(br#"{"a": [1"#), None);
    }

    #[test]
    fn tells_a_document_from_a_line_that_was_cut() {
        for (line, next, goes) in [
            ("{", Some(b'"'), true),
            ("[", Some(b'{'), true),
            (r#"{"orders": ["#, Some(b'{'), true),
            (r#"{"orders": [{"id": 1},"#, Some(b'{'), true),
            (r#"{"id": 1,"#, Some(b'"'), true),
            (r#"{"id": 1,"#, Some(b'{'), false),
            (r#"{"id":"#, Some(b'{'), true),
            (r#"{"id": 1"#, Some(b'}'), true),
            (r#"{"id": 1"#, Some(b'{'), false),
            (r#"{"name": "cut in the mid"#, Some(b'"'), false),
            (r#"{"id": 1"#, None, false),
            ("nonsense", Some(b'{'), false),
        ] {
            assert_eq!(goes_on(line.as_bytes(), next), goes, "{line}");
        }
    }
}
