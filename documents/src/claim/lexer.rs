//! Words, numbers and signs of a claim, each with the character at which it starts.

use super::error::{Fault, Problem};

/// Most digits of a number.
pub(super) const MAX_DIGITS: usize = 30;

/// What a token is. Texts are kept as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Letters, digits, `_` and `-`, starting with a letter.
    Word(String),
    /// Digits, with a fraction or without.
    Number(String),
    /// `2026-01-31`: three runs of digits.
    Date(String),
    /// `@name`.
    List(String),
    /// `$name`.
    Parameter(String),
    /// `<=`, `>=`, `<`, `>`, `=`, `,`, `..`, `%`, `+` or `-`.
    Sign(&'static str),
}

impl Token {
    /// As an error names it.
    pub(super) fn describe(&self) -> String {
        match self {
            Token::Word(text) | Token::Number(text) | Token::Date(text) => format!("{text:?}"),
            Token::List(name) => format!("\"@{name}\""),
            Token::Parameter(name) => format!("\"${name}\""),
            Token::Sign(sign) => format!("{sign:?}"),
        }
    }
}

/// A token and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub(super) at: usize,
    /// One past the last character.
    pub(super) end: usize,
    pub(super) token: Token,
}

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Lexeme>, Fault> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let run = |from: usize, accept: fn(char) -> bool| {
            from + chars.get(from..).unwrap_or_default().iter().take_while(|&&c| accept(c)).count()
        };
        let digits = |from| run(from, |c| c.is_ascii_digit());
        let text = |from: usize, to: usize| chars.get(from..to).unwrap_or_default().iter().collect::<String>();
        let is = |i: usize, wanted: char| chars.get(i) == Some(&wanted);
        let (end, token) = match c {
            ' ' | '\t' | '\n' | '\r' => {
                at += 1;
                continue;
            }
            '0'..='9' => {
                let whole = digits(at);
                let month = digits(whole + 1);
                let day = digits(month + 1);
                let fraction = digits(whole + 1);
                if is(whole, '-') && month > whole + 1 && is(month, '-') && day > month + 1 {
                    (day, Token::Date(text(at, day)))
                } else {
                    let end = if is(whole, '.') && fraction > whole + 1 { fraction } else { whole };
                    let count = chars.get(at..end).unwrap_or_default().iter().filter(|c| c.is_ascii_digit()).count();
                    if count > MAX_DIGITS {
                        return Err((at, Problem::Digits(count)));
                    }
                    (end, Token::Number(text(at, end)))
                }
            }
            'a'..='z' | 'A'..='Z' => {
                let end = word_end(&chars, at);
                (end, Token::Word(text(at, end)))
            }
            '@' | '$' => {
                let end = word_end(&chars, at + 1);
                if end == at + 1 {
                    let expected =
                        if c == '@' { "the name of a list after @" } else { "the name of a parameter after $" };
                    let found = chars.get(end).map_or("the end".into(), |c| format!("{c:?}"));
                    return Err((end, Problem::Expected { expected, found }));
                }
                let name = text(at + 1, end);
                (end, if c == '@' { Token::List(name) } else { Token::Parameter(name) })
            }
            '<' if is(at + 1, '=') => (at + 2, Token::Sign("<=")),
            '>' if is(at + 1, '=') => (at + 2, Token::Sign(">=")),
            '.' if is(at + 1, '.') => (at + 2, Token::Sign("..")),
            '<' => (at + 1, Token::Sign("<")),
            '>' => (at + 1, Token::Sign(">")),
            '=' => (at + 1, Token::Sign("=")),
            ',' => (at + 1, Token::Sign(",")),
            '%' => (at + 1, Token::Sign("%")),
            '+' => (at + 1, Token::Sign("+")),
            '-' => (at + 1, Token::Sign("-")),
            other => return Err((at, Problem::Character(other))),
        };
        out.push(Lexeme { at, end, token });
        at = end;
    }
    Ok(out)
}

fn word_end(chars: &[char], from: usize) -> usize {
    let rest = chars.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).count()
}
