//! Firmware versions: compared by their numbers, shown exactly as given.

/// A version as it stands in `/info` (`D7.6.175`), with its numbers for comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Firmware {
    letter: Option<char>,
    version: String,
}

/// What versions are compared by: major, minor, build.
pub(crate) type Numbers = (u32, u32, u32);

impl Firmware {
    /// Takes anything: text that has no numbers compares as 0.0.0.
    pub(crate) fn new(text: &str) -> Self {
        let letter = text.chars().next().filter(char::is_ascii_alphabetic);
        Self { letter, version: text[letter.map_or(0, char::len_utf8)..].to_owned() }
    }

    /// Without its letter.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The `software` element of `/info`; `letter` where the version came without one.
    pub(crate) fn software(&self, letter: char) -> String {
        format!("{}{}", self.letter.unwrap_or(letter), self.version)
    }

    pub(crate) fn numbers(&self) -> Numbers {
        let mut parts = self.version.split('.').map(leading_number);
        let mut next = || parts.next().unwrap_or(0);
        (next(), next(), next())
    }

    /// From 7 on a gateway speaks https and wants tokens.
    pub(crate) fn wants_tokens(&self) -> bool {
        self.numbers() >= (7, 0, 0)
    }

    /// The next build, what an update without a version leads to.
    pub(crate) fn next_build(&self) -> Self {
        let (major, minor, build) = self.numbers();
        Self { letter: self.letter, version: format!("{major}.{minor}.{}", build + 1) }
    }
}

fn leading_number(text: &str) -> u32 {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..digits].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_show_as_given() {
        let check = |text: &str, numbers: Numbers, software: &str| {
            let firmware = Firmware::new(text);
            assert_eq!(
                (firmware.numbers(), firmware.software('D').as_str()),
                (numbers, software),
                "{text}"
            );
        };
        check("7.6.175", (7, 6, 175), "D7.6.175");
        check("R3.9.36", (3, 9, 36), "R3.9.36");
        check("8.2", (8, 2, 0), "D8.2");
        check("8.2.4264_x", (8, 2, 4264), "D8.2.4264_x");
        check("", (0, 0, 0), "D");
    }
}
