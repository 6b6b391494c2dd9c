//! From tokens to the shape of a claim, before any name is looked up. One pass, no recursion.

use super::{
    MAX_LIST_CONDITIONS, Relation,
    error::{Fault, Problem},
    figure::{Amount, FigureText},
    lexer::{Lexeme, Token, tokens},
};

/// Words with a meaning of their own: no role may bear such a name.
pub(crate) const KEYWORDS: [&str; 14] = [
    "total", "share", "of", "count", "every", "no", "each", "document", "where", "and", "in", "not", "between", "none",
];

/// A name and its place.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) at: usize,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Total,
    Share,
    Count,
    Every,
    No,
    Each,
    Document,
}

/// What is spoken of: a column, a role, conditions.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Where it starts.
    pub(super) at: usize,
    /// `None` for `count`.
    pub(super) column: Option<Name>,
    pub(super) of: Option<Name>,
    pub(super) conditions: Vec<Condition>,
}

#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) column: Name,
    pub(super) test: Test,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    List(ListText),
    Range(RangeText),
}

#[derive(Clone, Debug)]
pub(super) struct ListText {
    pub(super) negated: bool,
    pub(super) items: Vec<ItemText>,
}

#[derive(Clone, Debug)]
pub(super) struct ItemText {
    pub(super) at: usize,
    pub(super) item: Item,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Named(String),
    /// A code, or a range of codes.
    Codes(String, Option<String>),
}

#[derive(Clone, Debug)]
pub(super) enum RangeText {
    One(Relation, FigureText),
    Between(FigureText, FigureText),
}

#[derive(Clone, Debug)]
pub(super) enum Predicate {
    Test(Test),
    Sum(Relation, Subject),
}

#[derive(Clone, Debug)]
pub(super) struct Syntax {
    pub(super) verb: Verb,
    pub(super) subject: Subject,
    /// Where the predicate starts.
    pub(super) predicate_at: usize,
    pub(super) predicate: Predicate,
}

/// Reads a whole claim.
pub(super) fn claim(text: &str) -> Result<Syntax, Fault> {
    let mut cursor = Cursor::new(text)?;
    let syntax = cursor.claim()?;
    cursor.end()?;
    Ok(syntax)
}

/// Reads a whole figure: the value of a parameter.
pub(super) fn figure(text: &str) -> Result<FigureText, Fault> {
    let mut cursor = Cursor::new(text)?;
    let figure = cursor.figure()?;
    cursor.end()?;
    Ok(figure)
}

/// Reads a whole item of a named list: a code or a range of codes.
pub(super) fn item(text: &str) -> Result<(String, Option<String>), Fault> {
    let mut cursor = Cursor::new(text)?;
    let item = cursor.codes()?;
    cursor.end()?;
    Ok(item)
}

struct Cursor {
    lexemes: std::iter::Peekable<std::vec::IntoIter<Lexeme>>,
    end: usize,
}

impl Cursor {
    fn new(text: &str) -> Result<Cursor, Fault> {
        let end = text.trim_end().chars().count();
        Ok(Cursor { lexemes: tokens(text)?.into_iter().peekable(), end })
    }

    fn at(&mut self) -> usize {
        let end = self.end;
        self.lexemes.peek().map_or(end, |l| l.at)
    }

    fn expected<T>(&mut self, expected: &'static str) -> Result<T, Fault> {
        let found = self.lexemes.peek().map_or("the end".into(), |l| l.token.describe());
        Err((self.at(), Problem::Expected { expected, found }))
    }

    fn end(&mut self) -> Result<(), Fault> {
        match self.lexemes.peek().map(|l| (l.at, l.token.clone())) {
            None => Ok(()),
            Some((at, Token::Sign(","))) => Err((at, Problem::Character(','))),
            Some((at, Token::Word(w))) if w == "within" => Err((at, Problem::NotYet("tolerances"))),
            Some((at, Token::Word(w))) if w == "where" => Err((
                at,
                Problem::Expected {
                    expected: "the end: a where stands before the bound of total, share and count only",
                    found: "\"where\"".into(),
                },
            )),
            Some(_) => self.expected("the end"),
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.lexemes.next_if(|l| matches!(&l.token, Token::Word(w) if w == word)).is_some()
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        self.lexemes.next_if(|l| matches!(&l.token, Token::Sign(s) if *s == sign)).is_some()
    }

    fn word(&mut self, word: &'static str, expected: &'static str) -> Result<(), Fault> {
        if self.take_word(word) { Ok(()) } else { self.expected(expected) }
    }

    /// A name that is no keyword.
    fn name(&mut self, expected: &'static str) -> Result<Name, Fault> {
        let name = |l: &Lexeme| matches!(&l.token, Token::Word(w) if !KEYWORDS.contains(&w.as_str()));
        match self.lexemes.next_if(name) {
            Some(Lexeme { at, token: Token::Word(text), .. }) => Ok(Name { at, text }),
            _ => self.expected(expected),
        }
    }

    fn claim(&mut self) -> Result<Syntax, Fault> {
        const VERBS: &str = "total, share of, count, every, no, each or document";
        let at = self.at();
        let verb = match self.lexemes.peek().map(|l| &l.token) {
            Some(Token::Word(word)) => match word.as_str() {
                "total" => Verb::Total,
                "share" => Verb::Share,
                "count" => Verb::Count,
                "every" => Verb::Every,
                "no" => Verb::No,
                "each" => Verb::Each,
                "document" => Verb::Document,
                "per" => return Err((at, Problem::NotYet("claims per container"))),
                "cumulative" => return Err((at, Problem::NotYet("cumulative claims"))),
                _ => return self.expected(VERBS),
            },
            _ => return self.expected(VERBS),
        };
        self.lexemes.next();
        if verb == Verb::Share {
            self.word("of", "\"of\" after share")?;
        }
        let column = match verb {
            Verb::Count => None,
            Verb::Document => Some(self.name("the name of a header fact")?),
            _ => Some(self.name("the name of a goods column")?),
        };
        let takes_where = matches!(verb, Verb::Total | Verb::Share | Verb::Count);
        let subject = self.subject(at, column, takes_where)?;
        if verb == Verb::Share && subject.conditions.is_empty() {
            return self.expected("\"where\" and a condition");
        }
        let predicate_at = self.at();
        let predicate = match verb {
            Verb::Every | Verb::No => {
                let negated = self.list_start("\"in\" or \"not in\"")?;
                // `no hs in ..` says of every line that its code is not in the list.
                Predicate::Test(Test::List(ListText { negated: negated != (verb == Verb::No), items: self.items()? }))
            }
            Verb::Document => Predicate::Test(self.test("<=, >=, <, >, =, between, in or not in")?),
            Verb::Total => self.total_predicate()?,
            Verb::Share | Verb::Count | Verb::Each => Predicate::Test(Test::Range(self.range(RANGE)?)),
        };
        Ok(Syntax { verb, subject, predicate_at, predicate })
    }

    fn subject(&mut self, at: usize, column: Option<Name>, takes_where: bool) -> Result<Subject, Fault> {
        let of = if self.take_word("of") { Some(self.name("the name of a role")?) } else { None };
        let mut conditions = Vec::new();
        let (mut lists, mut thresholds) = (0, 0);
        if takes_where && self.take_word("where") {
            loop {
                let column = self.name("the name of a goods column")?;
                let test = self.test("in, not in, <=, >=, < or >")?;
                let count = match test {
                    Test::List(_) => &mut lists,
                    Test::Range(_) => &mut thresholds,
                };
                *count += 1;
                if lists > MAX_LIST_CONDITIONS {
                    return Err((column.at, Problem::ThirdList));
                }
                if thresholds > 1 {
                    return Err((column.at, Problem::SecondThreshold));
                }
                if let Test::Range(RangeText::Between(..) | RangeText::One(Relation::Equal, _)) = test {
                    return Err((column.at, Problem::TwoSidedThreshold));
                }
                conditions.push(Condition { column, test });
                if !self.take_word("and") {
                    break;
                }
            }
        }
        Ok(Subject { at, column, of, conditions })
    }

    fn total_predicate(&mut self) -> Result<Predicate, Fault> {
        if self.lexemes.peek().is_some_and(|l| l.token == Token::Word("between".into())) {
            return Ok(Predicate::Test(Test::Range(self.range(RANGE)?)));
        }
        let relation = self.relation(RANGE)?;
        let at = self.at();
        if self.take_word("total") {
            let column = Some(self.name("the name of a goods column")?);
            return Ok(Predicate::Sum(relation, self.subject(at, column, true)?));
        }
        Ok(Predicate::Test(Test::Range(RangeText::One(relation, self.figure()?))))
    }

    fn test(&mut self, expected: &'static str) -> Result<Test, Fault> {
        match self.lexemes.peek().map(|l| &l.token) {
            Some(Token::Word(word)) if word == "in" || word == "not" => {
                let negated = self.list_start(expected)?;
                Ok(Test::List(ListText { negated, items: self.items()? }))
            }
            _ => Ok(Test::Range(self.range(expected)?)),
        }
    }

    /// `in` or `not in`; says whether it is negated.
    fn list_start(&mut self, expected: &'static str) -> Result<bool, Fault> {
        let negated = self.take_word("not");
        self.word("in", if negated { "\"in\" after not" } else { expected })?;
        Ok(negated)
    }

    fn items(&mut self) -> Result<Vec<ItemText>, Fault> {
        let mut items = Vec::new();
        loop {
            let at = self.at();
            let named = self.lexemes.next_if(|l| matches!(l.token, Token::List(_)));
            let item = match named {
                Some(Lexeme { token: Token::List(name), .. }) => Item::Named(name),
                _ => {
                    let (from, to) = self.codes()?;
                    Item::Codes(from, to)
                }
            };
            items.push(ItemText { at, item });
            if !self.take_sign(",") {
                return Ok(items);
            }
        }
    }

    fn codes(&mut self) -> Result<(String, Option<String>), Fault> {
        let from = self.code()?;
        let to = if self.take_sign("..") { Some(self.code()?) } else { None };
        Ok((from, to))
    }

    /// A code: a word that is no keyword but `none`, or a number with or without letters right after it.
    fn code(&mut self) -> Result<String, Fault> {
        let code = |l: &Lexeme| match &l.token {
            Token::Word(w) => w == "none" || w == "no" || !KEYWORDS.contains(&w.as_str()),
            Token::Number(_) => true,
            _ => false,
        };
        match self.lexemes.next_if(code) {
            Some(Lexeme { token: Token::Word(text), .. }) => Ok(text),
            Some(Lexeme { end, token: Token::Number(mut text), .. }) => {
                let next = self.lexemes.next_if(|l| l.at == end && matches!(l.token, Token::Word(_)));
                if let Some(Lexeme { token: Token::Word(rest), .. }) = next {
                    text.push_str(&rest);
                }
                Ok(text)
            }
            _ => self.expected("a code or @list"),
        }
    }

    fn relation(&mut self, expected: &'static str) -> Result<Relation, Fault> {
        let relation = match self.lexemes.peek().map(|l| &l.token) {
            Some(Token::Sign("<=")) => Relation::AtMost,
            Some(Token::Sign(">=")) => Relation::AtLeast,
            Some(Token::Sign("<")) => Relation::Below,
            Some(Token::Sign(">")) => Relation::Above,
            Some(Token::Sign("=")) => Relation::Equal,
            _ => return self.expected(expected),
        };
        self.lexemes.next();
        Ok(relation)
    }

    fn range(&mut self, expected: &'static str) -> Result<RangeText, Fault> {
        if self.take_word("between") {
            let from = self.figure()?;
            self.word("and", "\"and\" and the second figure of between")?;
            return Ok(RangeText::Between(from, self.figure()?));
        }
        let relation = self.relation(expected)?;
        Ok(RangeText::One(relation, self.figure()?))
    }

    fn figure(&mut self) -> Result<FigureText, Fault> {
        let figure = |l: &Lexeme| matches!(l.token, Token::Number(_) | Token::Date(_) | Token::Parameter(_));
        let Some(Lexeme { at, token, .. }) = self.lexemes.next_if(figure) else {
            return self.expected("a figure or $parameter");
        };
        let amount = match token {
            Token::Date(text) => Amount::Date(text),
            Token::Parameter(name) => Amount::Parameter(name),
            Token::Number(number) if self.take_sign("%") => Amount::Percent(number),
            Token::Number(number) => {
                let unit = |l: &Lexeme| match &l.token {
                    Token::Word(w) => w != "within" && !KEYWORDS.contains(&w.as_str()),
                    _ => false,
                };
                let unit = match self.lexemes.next_if(unit) {
                    Some(Lexeme { at, token: Token::Word(text), .. }) => Some((at, text)),
                    _ => self.unit_digits()?,
                };
                Amount::Number(number, unit)
            }
            _ => return self.expected("a figure or $parameter"),
        };
        Ok(FigureText { at, amount })
    }

    /// A unit that starts with a digit, such as `2N`; not a second number, as in `26 500`.
    fn unit_digits(&mut self) -> Result<Option<(usize, String)>, Fault> {
        if !matches!(self.lexemes.peek().map(|l| &l.token), Some(Token::Number(_))) {
            return Ok(None);
        }
        let at = self.at();
        let text = self.code()?;
        if text.bytes().any(|b| b.is_ascii_alphabetic()) {
            return Ok(Some((at, text)));
        }
        Err((
            at,
            Problem::Expected { expected: "a unit: numbers are written without blanks", found: format!("{text:?}") },
        ))
    }
}

const RANGE: &str = "<=, >=, <, >, = or between";
