//! From tokens to the shape of a claim, before any name is looked up. One pass, no recursion.

use super::{
    MAX_CLAIM_BYTES, MAX_LIST_CONDITIONS, MAX_OPERANDS, Relation,
    error::{Fault, Problem},
    figure::{FigureText, Written},
    lexer::{Lexeme, Token, tokens},
};

/// Words with a meaning of their own: no role may bear such a name.
pub(crate) const KEYWORDS: [&str; 17] = [
    "total", "share", "of", "over", "count", "every", "no", "each", "document", "per", "where", "and", "in", "not",
    "between", "within", "none",
];

/// A name and its place.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) at: usize,
    pub(super) text: String,
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
    Parameter(String),
    /// A code, or a range of codes.
    Codes(String, Option<String>),
}

#[derive(Clone, Debug)]
pub(super) enum RangeText {
    One(Relation, FigureText),
    Between(FigureText, FigureText),
    /// `<= 110 % of FIGURE`
    Part(Relation, FigureText, FigureText),
    /// `within 10 % of FIGURE`
    Within(FigureText, FigureText),
}

/// Sums that are added and subtracted, times a percentage.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) factor: Option<FigureText>,
    pub(super) operands: Vec<OperandText>,
}

#[derive(Clone, Debug)]
pub(super) struct OperandText {
    pub(super) negative: bool,
    /// `document COLUMN` instead of `total COLUMN`.
    pub(super) header: bool,
    pub(super) subject: Subject,
}

/// What a sum is compared with.
#[derive(Clone, Debug)]
pub(super) enum Predicate {
    Range(RangeText),
    Sum(Relation, Side),
    Within(FigureText, Side),
}

/// `per container up to N`.
#[derive(Clone, Debug)]
pub(super) struct PerContainer {
    /// Name of the column.
    pub(super) column: Name,
    pub(super) most: Option<FigureText>,
}

/// The shape of a claim.
#[derive(Clone, Debug)]
pub(super) enum Syntax {
    Sums {
        per: Option<PerContainer>,
        left: Side,
        /// Where the predicate starts.
        at: usize,
        predicate: Predicate,
    },
    Share(Subject, RangeText),
    Count(Subject, RangeText),
    Every {
        /// The word it starts with, `every` or `no`.
        word: &'static str,
        subject: Subject,
        list: ListText,
    },
    Each(Subject, RangeText),
    Document(Subject, Test),
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

/// Reads a whole list of codes and ranges: the value of a parameter.
pub(super) fn codes(text: &str) -> Result<Vec<(String, Option<String>)>, Fault> {
    let mut cursor = Cursor::of(text, usize::MAX)?;
    let mut codes = Vec::new();
    loop {
        codes.push(cursor.codes()?);
        if !cursor.take_sign(",") {
            cursor.end()?;
            return Ok(codes);
        }
    }
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
        Cursor::of(text, MAX_CLAIM_BYTES)
    }

    /// Over a text of at most so many bytes.
    fn of(text: &str, max: usize) -> Result<Cursor, Fault> {
        if text.len() > max {
            return Err((0, Problem::TooLong(text.len())));
        }
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
            Some((at, Token::Word(w))) if w == "where" => Err((
                at,
                Problem::Expected {
                    expected: "the end: a where stands before the bound of total, share and count",
                    found: "\"where\"".into(),
                },
            )),
            Some(_) => self.expected("the end"),
        }
    }

    fn peek_word(&mut self, word: &str) -> bool {
        self.lexemes.peek().is_some_and(|l| matches!(&l.token, Token::Word(w) if w == word))
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
        const VERBS: &str = "total, share of, count, every, no, each, document, per container or a percentage";
        let at = self.at();
        let verb = match self.lexemes.peek().map(|l| &l.token) {
            Some(Token::Word(word)) => word.clone(),
            Some(Token::Number(_) | Token::Parameter(_)) => return self.sums(None),
            _ => return self.expected(VERBS),
        };
        match verb.as_str() {
            "total" => self.sums(None),
            "per" => {
                self.lexemes.next();
                let column = self.name("\"container\" after per")?;
                let most = if self.take_word("up") {
                    self.word("to", "\"to\" after up")?;
                    Some(self.figure()?)
                } else {
                    None
                };
                self.sums(Some(PerContainer { column, most }))
            }
            "share" => {
                self.lexemes.next();
                self.word("of", "\"of\" after share")?;
                let subject = self.of_column(at, true)?;
                if subject.conditions.is_empty() {
                    return self.expected("\"where\" and a condition");
                }
                Ok(Syntax::Share(subject, self.range(RANGE)?))
            }
            "count" => {
                self.lexemes.next();
                let subject = self.subject(at, None, true)?;
                Ok(Syntax::Count(subject, self.range(RANGE)?))
            }
            "every" | "no" => {
                self.lexemes.next();
                let word = if verb == "no" { "no" } else { "every" };
                let mut subject = self.of_column(at, false)?;
                let negated = self.list_start("\"in\" or \"not in\"")?;
                // `no hs in ..` says of every line that its code is not in the list.
                let list = ListText { negated: negated != (word == "no"), items: self.items()? };
                self.conditions(&mut subject, MAX_LIST_CONDITIONS - 1, 1)?;
                Ok(Syntax::Every { word, subject, list })
            }
            "each" => {
                self.lexemes.next();
                let mut subject = self.of_column(at, false)?;
                let range = self.range(RANGE)?;
                self.conditions(&mut subject, MAX_LIST_CONDITIONS, 0)?;
                Ok(Syntax::Each(subject, range))
            }
            "document" => self.document(),
            _ => self.expected(VERBS),
        }
    }

    /// A column and what follows it.
    fn of_column(&mut self, at: usize, takes_where: bool) -> Result<Subject, Fault> {
        let column = Some(self.name("the name of a goods column")?);
        self.subject(at, column, takes_where)
    }

    fn subject(&mut self, at: usize, column: Option<Name>, takes_where: bool) -> Result<Subject, Fault> {
        let of =
            if self.take_word("of") || self.take_word("over") { Some(self.name("the name of a role")?) } else { None };
        let mut subject = Subject { at, column, of, conditions: Vec::new() };
        if takes_where {
            self.conditions(&mut subject, MAX_LIST_CONDITIONS, 1)?;
        }
        Ok(subject)
    }

    /// A `where`, if there is one, with at most so many lists and thresholds.
    fn conditions(&mut self, subject: &mut Subject, most_lists: usize, most_thresholds: usize) -> Result<(), Fault> {
        let (mut lists, mut thresholds) = (0, 0);
        if !self.take_word("where") {
            return Ok(());
        }
        loop {
            let column = self.name("the name of a goods column")?;
            let test = self.test("in, not in, <=, >=, < or >")?;
            let count = match test {
                Test::List(_) => &mut lists,
                Test::Range(_) => &mut thresholds,
            };
            *count += 1;
            if lists > most_lists {
                return Err((column.at, Problem::ThirdList));
            }
            if thresholds > most_thresholds {
                return Err((column.at, Problem::SecondThreshold));
            }
            if let Test::Range(range) = &test
                && !matches!(range, RangeText::One(relation, _) if *relation != Relation::Equal)
            {
                return Err((column.at, Problem::TwoSidedThreshold));
            }
            subject.conditions.push(Condition { column, test });
            if !self.take_word("and") {
                return Ok(());
            }
        }
    }

    /// Sums compared with a figure or with other sums.
    fn sums(&mut self, per: Option<PerContainer>) -> Result<Syntax, Fault> {
        let factor = if self.peek_word("total") || self.peek_word("document") {
            None
        } else {
            let factor = self.figure()?;
            self.word("of", "\"of\" and total after a percentage")?;
            Some(factor)
        };
        let left = self.side(factor)?;
        let at = self.at();
        Ok(Syntax::Sums { per, left, at, predicate: self.predicate()? })
    }

    fn side(&mut self, factor: Option<FigureText>) -> Result<Side, Fault> {
        let first = self.operand(false)?;
        self.rest_of_side(factor, first)
    }

    fn rest_of_side(&mut self, factor: Option<FigureText>, first: OperandText) -> Result<Side, Fault> {
        let mut operands = vec![first];
        loop {
            let negative = if self.take_sign("+") {
                false
            } else if self.take_sign("-") {
                true
            } else {
                return Ok(Side { factor, operands });
            };
            if operands.len() == MAX_OPERANDS {
                return Err((self.at(), Problem::Operands(MAX_OPERANDS)));
            }
            operands.push(self.operand(negative)?);
        }
    }

    fn operand(&mut self, negative: bool) -> Result<OperandText, Fault> {
        let at = self.at();
        if self.take_word("document") {
            let column = Some(self.name("the name of a header fact")?);
            return Ok(OperandText { negative, header: true, subject: self.subject(at, column, false)? });
        }
        self.word("total", "total or document")?;
        Ok(OperandText { negative, header: false, subject: self.of_column(at, true)? })
    }

    /// A claim that starts with a header fact: a test of it, or sums.
    fn document(&mut self) -> Result<Syntax, Fault> {
        const TESTS: &str = "<=, >=, <, >, =, between, within, in or not in";
        let first = self.operand(false)?;
        let sign = matches!(self.lexemes.peek().map(|l| &l.token), Some(Token::Sign("+" | "-")));
        if !sign && (self.peek_word("in") || self.peek_word("not")) {
            return Ok(Syntax::Document(first.subject, self.test(TESTS)?));
        }
        let left = self.rest_of_side(None, first)?;
        let at = self.at();
        if !sign && let Some(list) = self.equal_word()? {
            return Ok(Syntax::Document(only(left), Test::List(list)));
        }
        match self.predicate()? {
            Predicate::Range(range) if !sign => Ok(Syntax::Document(only(left), Test::Range(range))),
            predicate => Ok(Syntax::Sums { per: None, left, at, predicate }),
        }
    }

    /// What sums are compared with.
    fn predicate(&mut self) -> Result<Predicate, Fault> {
        if self.peek_word("between") {
            return Ok(Predicate::Range(self.range(SUM_RANGE)?));
        }
        if self.take_word("within") {
            let tolerance = self.figure()?;
            self.word("of", "\"of\" after the percentage of within")?;
            return Ok(if self.peek_word("total") || self.peek_word("document") {
                Predicate::Within(tolerance, self.side(None)?)
            } else {
                Predicate::Range(RangeText::Within(tolerance, self.figure()?))
            });
        }
        let relation = self.relation(SUM_RANGE)?;
        if self.peek_word("total") || self.peek_word("document") {
            return Ok(Predicate::Sum(relation, self.side(None)?));
        }
        let figure = self.figure()?;
        if !self.take_word("of") {
            return Ok(Predicate::Range(RangeText::One(relation, figure)));
        }
        Ok(if self.peek_word("total") || self.peek_word("document") {
            Predicate::Sum(relation, self.side(Some(figure))?)
        } else {
            Predicate::Range(RangeText::Part(relation, figure, self.figure()?))
        })
    }

    fn test(&mut self, expected: &'static str) -> Result<Test, Fault> {
        if self.peek_word("in") || self.peek_word("not") {
            let negated = self.list_start(expected)?;
            return Ok(Test::List(ListText { negated, items: self.items()? }));
        }
        match self.equal_word()? {
            Some(list) => Ok(Test::List(list)),
            None => Ok(Test::Range(self.range(expected)?)),
        }
    }

    /// `= CODE`, the same as `in CODE`, where the code is a word.
    fn equal_word(&mut self) -> Result<Option<ListText>, Fault> {
        let mut ahead = self.lexemes.clone();
        let equal = ahead.next().is_some_and(|l| l.token == Token::Sign("="));
        let word = ahead.next().is_some_and(|l| matches!(&l.token, Token::Word(w) if w != "total" && w != "document"));
        if !(equal && word) {
            return Ok(None);
        }
        self.lexemes.next();
        let at = self.at();
        let (from, to) = self.codes()?;
        Ok(Some(ListText { negated: false, items: vec![ItemText { at, item: Item::Codes(from, to) }] }))
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
            let named = self.lexemes.next_if(|l| matches!(l.token, Token::List(_) | Token::Parameter(_)));
            let item = match named {
                Some(Lexeme { token: Token::List(name), .. }) => Item::Named(name),
                Some(Lexeme { token: Token::Parameter(name), .. }) => Item::Parameter(name),
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

    /// A code: a word that is no keyword but `none` or `no`, or a number with or without letters right after it.
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
            _ => self.expected("a code, @list or $parameter"),
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
            Token::Date(text) => Written::Date(text),
            Token::Parameter(name) => Written::Parameter(name),
            Token::Number(number) if self.take_sign("%") => Written::Percent(number),
            Token::Number(number) => {
                let unit = |l: &Lexeme| match &l.token {
                    Token::Word(w) => !KEYWORDS.contains(&w.as_str()),
                    _ => false,
                };
                let unit = match self.lexemes.next_if(unit) {
                    Some(Lexeme { at, token: Token::Word(text), .. }) => Some((at, text)),
                    _ => self.unit_digits()?,
                };
                Written::Number(number, unit)
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
const SUM_RANGE: &str = "<=, >=, <, >, =, between, within, + or -";

/// The subject of a side that is one header fact.
fn only(side: Side) -> Subject {
    let first = side.operands.into_iter().next().map(|operand| operand.subject);
    first.unwrap_or(Subject { at: 0, column: None, of: None, conditions: Vec::new() })
}
