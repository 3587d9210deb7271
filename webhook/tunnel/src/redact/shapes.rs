//! Where secrets occur in command lines and in the output of programs: behind the names of options and fields, and in
//! front of the host of a URL.

/// The replacement of a secret.
pub(super) const HIDDEN: &str = "[hidden]";

/// Parts of the names of options and fields that hold secrets.
const NAMES: [&str; 7] = ["auth", "credential", "key", "pass", "pwd", "secret", "token"];

/// Words of the `Authorization` header before the secret.
const SCHEMES: [&str; 3] = ["basic", "bearer", "token"];

/// A text of one line without the values in the places of secrets.
pub(super) fn hide(text: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    // What the word before announces.
    let mut next = Next::Anything;
    for word in text.split(' ') {
        let bare = word.trim_matches(QUOTES).to_ascii_lowercase();
        let (word, then) = match next {
            Next::Secret | Next::MaySecret if SCHEMES.contains(&bare.as_str()) => {
                (word.to_owned(), Next::Secret)
            }
            // Another option: the one before had no value.
            Next::Secret if !word.starts_with('-') => (in_quotes(word), Next::Anything),
            Next::MaySecret if looks_secret(word) => (in_quotes(word), Next::Anything),
            _ => hide_in_word(word),
        };
        shown.push(word);
        next = then;
    }
    shown.join(" ")
}

/// The values among arguments that may be secret: those of options with telling names, and others that look it.
pub(super) fn secrets_of(arguments: &[String]) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut is_value = false;
    for argument in arguments {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (Some(name), value),
            None => (None, argument.as_str()),
        };
        if is_value || name.is_some_and(holds_secret) {
            secrets.push(value.to_owned());
            // A user name and a password.
            secrets.extend(value.split(':').map(str::to_owned));
        } else if is_long_word(value) {
            secrets.push(value.to_owned());
        } else if let Some(glued) = glued(argument) {
            secrets.push(glued.to_owned());
        }
        if let Some(user) = user_info(argument) {
            secrets.push(user.to_owned());
            secrets.extend(user.split(':').skip(1).map(str::to_owned));
        }
        is_value = name.is_none() && argument.starts_with('-') && holds_secret(argument);
    }
    secrets
}

const QUOTES: [char; 7] = ['"', '\'', '`', ',', ';', '(', ')'];

enum Next {
    Anything,
    /// The value of an option such as `--token`.
    Secret,
    /// What follows `token:`, which may be a value or a sentence.
    MaySecret,
}

fn holds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part))
}

/// A word by itself, and whether the next one is a secret.
fn hide_in_word(word: &str) -> (String, Next) {
    let is_option = word.trim_start_matches(QUOTES).starts_with('-');
    // `--token=x`, `token=x`, `"token":"x"`, `&key=x` in an address, each behind the last name before it.
    let mut shown = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find(['=', ':']) {
        let (before, value) = (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        let mut names = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        let name = names.find(|part| !part.is_empty()).unwrap_or_default();
        let ends = value.find(['&', ',', '}', ';']).unwrap_or(value.len());
        let (value, after) = value.split_at(ends);
        shown.push_str(before);
        let separator = rest.get(at..=at).unwrap_or_default();
        shown.push_str(separator);
        let is_value = !value.trim_matches(QUOTES).is_empty() && !value.starts_with("//");
        let is_certain = separator == "=" || value.starts_with(['"', '\'']) || looks_secret(value);
        if holds_secret(name) && is_value && is_certain {
            shown.push_str(&in_quotes(value));
            rest = after;
        } else {
            rest = rest.get(at + 1..).unwrap_or_default();
        }
        if holds_secret(name) && rest.is_empty() && !is_value {
            return (without_user(&shown), Next::MaySecret);
        }
    }
    shown.push_str(rest);
    let names = is_option && !word.contains(['=', ':']) && holds_secret(word);
    let is_scheme =
        ["bearer", "authorization"].contains(&word.trim_matches(QUOTES).to_ascii_lowercase().as_str());
    let next = match (names, is_scheme) {
        (true, _) => Next::Secret,
        (false, true) => Next::MaySecret,
        _ => Next::Anything,
    };
    (without_user(&shown), next)
}

/// The value is hidden, the quotes around it stay.
fn in_quotes(value: &str) -> String {
    let bare = value.trim_matches(QUOTES);
    if bare.is_empty() { value.to_owned() } else { value.replace(bare, HIDDEN) }
}

/// Without the user name and password of an address.
fn without_user(word: &str) -> String {
    match user_info(word) {
        Some(user) => word.replace(&format!("{user}@"), &format!("{HIDDEN}@")),
        None => word.to_owned(),
    }
}

/// The part before the host of an address.
fn user_info(word: &str) -> Option<&str> {
    let (_, rest) = word.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(authority.rsplit_once('@')?.0).filter(|user| !user.is_empty())
}

/// Long, and of more than one kind of sign, as no word of a sentence is.
fn looks_secret(word: &str) -> bool {
    let bare = word.trim_matches(QUOTES).trim_end_matches('.');
    let has = |kind: fn(&char) -> bool| bare.chars().any(|c| kind(&c));
    let inner_capital =
        bare.chars().skip(1).any(|c| c.is_ascii_uppercase()) && has(|c| c.is_ascii_lowercase());
    bare.len() >= 8 && !bare.contains('/') && (has(|c| c.is_ascii_digit()) || inner_capital)
}

/// A value of an option of one letter, written behind it: `-tTOKEN`.
fn glued(argument: &str) -> Option<&str> {
    let rest = argument.strip_prefix('-')?;
    let value = rest.get(rest.chars().next()?.len_utf8()..)?;
    Some(value).filter(|value| !rest.starts_with('-') && is_long_word(value))
}

/// Long, and neither an option nor a path, an address or a placeholder.
fn is_long_word(value: &str) -> bool {
    value.len() >= 8 && !value.starts_with('-') && !value.contains(['/', '{', ':', '.', '@', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_where_secrets_stand_is_hidden() {
        for (said, shown) in [
            ("bad flag --password x of lt", "bad flag --password [hidden] of lt"),
            ("lt --auth user:pass --port 3000", "lt --auth [hidden] --port 3000"),
            ("lt --auth=user:pass", "lt --auth=[hidden]"),
            ("lt --auth --verbose", "lt --auth --verbose"),
            ("token=abc is refused", "token=[hidden] is refused"),
            ("refused: api_key='a b'", "refused: api_key='[hidden] b'"),
            ("https://user:pa@x.example/a?b=c", "https://[hidden]@x.example/a?b=c"),
            (
                "GET https://x.example/?token=abc&port=80 failed",
                "GET https://x.example/?token=[hidden]&port=80 failed",
            ),
            ("{\"authtoken\":\"abc\",\"port\":80}", "{\"authtoken\":\"[hidden]\",\"port\":80}"),
            ("Your authtoken: 2aBcDeF_TOKEN", "Your authtoken: [hidden]"),
            ("Authorization: Bearer abc", "Authorization: Bearer [hidden]"),
            ("X-Api-Key: a1b2c3d4e5", "X-Api-Key: [hidden]"),
            ("PASSWD=x", "PASSWD=[hidden]"),
        ] {
            assert_eq!(hide(said), shown, "{said}");
        }
    }

    #[test]
    fn sentences_stay_as_they_are() {
        for said in [
            "me@server.example: Permission denied (publickey).",
            "Host key verification failed.",
            "invalid token: it was revoked",
            "The authtoken you specified does not look like a proper ngrok authtoken.",
            "Authentications that can continue: publickey,password",
            "dial tcp 10.0.0.1:443: connect: no route to host",
            "https://x1.tunnel.example at 127.0.0.1:3000",
            "ssh -i key me@server.example",
            "Copy it from dashboard.ngrok.com, Your Authtoken, into NGROK_AUTHTOKEN, and restart the server.",
            "level=error msg=\"no route\"",
        ] {
            assert_eq!(hide(said), said);
        }
    }

    #[test]
    fn arguments_that_may_be_secret_are_known_by_value() {
        let secrets = |line: &str| secrets_of(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for (line, secret) in [
            ("-tS3cretT0ken", "S3cretT0ken"),
            ("--token S3cret", "S3cret"),
            ("--auth user:pass", "user:pass"),
            ("--auth user:pass", "pass"),
            ("--password x", "x"),
            ("--key=An0therOne", "An0therOne"),
            ("http://user:pass@host/", "user:pass"),
            ("S3cretT0ken", "S3cretT0ken"),
        ] {
            assert!(secrets(line).iter().any(|found| found == secret), "{line}");
        }
        assert!(secrets("-N -R 80:127.0.0.1:{port} me@a.example -o BatchMode=yes --port 3000").is_empty());
    }
}
