//! The two generations of zrok, whose commands and rules for names differ.

/// A generation of zrok.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// `zrok`.
    One,
    /// `zrok2`, since March 2026.
    Two,
}

impl Generation {
    /// The program.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::One => "zrok",
            Self::Two => "zrok2",
        }
    }

    /// The arguments that make a name ours for good.
    pub(super) fn naming<'a>(self, name: &'a str, target: &'a str) -> Vec<&'a str> {
        match self {
            Self::One => vec!["reserve", "public", "--unique-name", name, "-j", target],
            Self::Two => vec!["create", "name", name, "-n", "public"],
        }
    }

    /// The arguments that open the tunnel. Without `--force-local` a running zrok agent would take it over, and the
    /// command would end at once, contentedly.
    pub(super) fn sharing(self, name: Option<&str>, target: &str) -> Vec<String> {
        let selection = name.map(|name| format!("public:{name}"));
        let mut arguments = match (self, name, &selection) {
            (Self::One, Some(name), _) => {
                vec!["share", "reserved", name, "--headless", "--force-local", "--override-endpoint", target]
            }
            (Self::Two, _, Some(selection)) => {
                vec!["share", "public", target, "-n", selection, "--headless", "--force-local"]
            }
            _ => vec!["share", "public", target, "--headless", "--force-local"],
        };
        arguments.drain(..).map(str::to_owned).collect()
    }

    /// Whether the generation takes this name. A hyphen at the beginning would be an option.
    pub(super) fn takes(self, name: &str) -> bool {
        let (lengths, hyphens) = match self {
            Self::One => (4..=32, false),
            Self::Two => (3..=63, true),
        };
        lengths.contains(&name.len())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || (hyphens && c == '-'))
            && !name.starts_with('-')
            && !name.ends_with('-')
    }

    /// Says why a name is not taken, and what to write instead.
    pub(super) fn refuse(self, name: &str) -> String {
        let lower: String = name.to_ascii_lowercase().replace(['_', ' ', '.'], "-");
        let (rule, like) = match self {
            Self::One => (
                "4 to 32 lower-case letters and digits, and no hyphen",
                lower.replace(|c: char| !c.is_ascii_alphanumeric(), ""),
            ),
            Self::Two => (
                "3 to 63 lower-case letters, digits and hyphens, and no hyphen at either end",
                lower
                    .replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "")
                    .trim_matches('-')
                    .to_owned(),
            ),
        };
        let mut text =
            format!("ZROK_UNIQUE_NAME \"{name}\" is no name for {}, which takes {rule}.", self.program());
        if self.takes(&like) {
            text.push_str(&format!(" Write ZROK_UNIQUE_NAME={like}"));
            if self == Self::One && Self::Two.takes(name) {
                text.push_str(", or install zrok2, which takes hyphens");
            }
            text.push('.');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_its_own_rules_for_names() {
        let long = "a".repeat(64);
        for (name, one, two) in [
            ("bitnovo-webhooks", false, true),
            ("bitnovowebhooks", true, true),
            ("abc", false, true),
            ("ab", false, false),
            (&long[..32], true, true),
            (&long[..33], false, true),
            (&long[..63], false, true),
            (&long, false, false),
            ("Shop1", false, false),
            ("shop_1", false, false),
            ("sh\u{f6}p", false, false),
            ("-shop", false, false),
            ("--panic", false, false),
            ("shop-", false, false),
            ("shop;rm", false, false),
            ("shop\n", false, false),
            ("", false, false),
        ] {
            assert_eq!((Generation::One.takes(name), Generation::Two.takes(name)), (one, two), "{name:?}");
        }
    }

    #[test]
    fn a_refused_name_comes_with_one_that_is_taken() {
        for (generation, name, fix) in [
            (
                Generation::One,
                "bitnovo-webhooks",
                "Write ZROK_UNIQUE_NAME=bitnovowebhooks, or install zrok2, which takes hyphens.",
            ),
            (Generation::One, "My_Shop", "Write ZROK_UNIQUE_NAME=myshop."),
            (Generation::Two, "My_Shop", "Write ZROK_UNIQUE_NAME=my-shop."),
            (Generation::Two, "-a-", "no hyphen at either end."),
        ] {
            let text = generation.refuse(name);
            assert!(text.ends_with(fix), "{text}");
        }
    }
}
