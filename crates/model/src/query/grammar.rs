//! The grammar of the parts of a query, by recursive descent.
//!
//! ```text
//! predicate  = conjunction { "or" conjunction }
//! conjunction= negation { "and" negation }
//! negation   = "not" negation | "(" predicate ")" | atom
//! atom       = "has" table [ "(" predicate ")" ] [ window ]
//!            | name ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) literal
//!            | name [ "not" ] "in" "(" literal { "," literal } ")"
//!            | name "in" "[" literal "," literal ")"
//!            | name "is" ( "missing" | "present" )
//! window     = "within" days ".." days "days" "of" name
//! derivation = take "(" name ")" [ "where" predicate ] [ window ]
//! factor     = name [ "=" level | "@" cut { "," cut } ]
//! ask        = statistic { ":" factor } [ "[" unit "]" ]
//! over       = bucket ":" name
//! ```

use super::{
    Ask, Comparison, Derivation, Factor, Literal, Name, Over, Predicate, QueryError, Split, Take, Window,
    lexer::{Token, TokenKind, tokens},
};
use crate::calendar::Bucket;

/// Parentheses and negations may be this deep.
const DEPTH: usize = 16;
/// A part of a query may have this many characters.
const LENGTH: usize = 4000;

/// Reads a cohort or row predicate.
///
/// # Errors
/// [`QueryError::Syntax`] with the character.
pub fn parse_predicate(place: &str, text: &str) -> Result<Predicate, QueryError> {
    let mut reader = Reader::new(place, text)?;
    let predicate = reader.predicate(0)?;
    reader.end()?;
    Ok(predicate)
}

/// Reads a derivation, such as `max(lab.crp) within 0..2 days of admission`.
///
/// # Errors
/// [`QueryError`] with the character.
pub fn parse_derivation(place: &str, text: &str) -> Result<Derivation, QueryError> {
    let mut reader = Reader::new(place, text)?;
    let word = reader.word("what to take: first, last, min, max, mean, count or exists")?;
    let take = Take::ALL.into_iter().find(|(_, name)| *name == word).map(|(take, _)| take);
    let take = take
        .ok_or_else(|| QueryError::unknown(place, "way to derive", &word, Take::ALL.iter().map(|(_, name)| *name)))?;
    reader.mark("(")?;
    let name = reader.name()?;
    reader.mark(")")?;
    let rows = if reader.keyword("where") { Some(reader.predicate(0)?) } else { None };
    let window = reader.window()?;
    reader.end()?;
    Ok(Derivation { take, name, rows, window })
}

/// Reads a variable with or without a split: `sex`, `ward=icu`, `age@40,65`.
///
/// # Errors
/// [`QueryError::Syntax`].
pub fn parse_factor(place: &str, text: &str) -> Result<Factor, QueryError> {
    let (name, split) = if let Some((name, level)) = text.split_once('=') {
        (name, Split::Level(level.trim().to_owned()))
    } else if let Some((name, cuts)) = text.split_once('@') {
        (name, Split::Cuts(cuts.split(',').map(|cut| cut.trim().to_owned()).collect()))
    } else {
        (text, Split::Plain)
    };
    let mut reader = Reader::new(place, name)?;
    let name = reader.name()?;
    reader.end()?;
    Ok(Factor { name, split })
}

/// Reads an ask: `count`, `mean:age`, `mean:crp[mg/L]`, `risk_ratio:dead:icu`.
///
/// # Errors
/// [`QueryError::Syntax`].
pub fn parse_ask(place: &str, text: &str) -> Result<Ask, QueryError> {
    let (text, unit) = match text.trim().strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((_, "")) => {
            return Err(QueryError::misfit(place, "the unit is empty", "write a unit, as in mean:crp[mg/L], or none"));
        }
        Some((text, unit)) => (text, Some(unit.to_owned())),
        None => (text.trim(), None),
    };
    let mut parts = text.split(':');
    let statistic = parts.next().unwrap_or_default().trim().to_owned();
    let operands = parts.map(|part| parse_factor(place, part)).collect::<Result<_, _>>()?;
    Ok(Ask { statistic, operands, unit })
}

/// Reads time buckets: `month:admission`.
///
/// # Errors
/// [`QueryError`] when the bucket or the name does not read.
pub fn parse_over(place: &str, text: &str) -> Result<Over, QueryError> {
    let words = Bucket::ALL.map(|bucket| bucket.to_string());
    let wants = || QueryError::misfit(place, "a time bucket and a date are needed", "write, say, month:admission");
    let (word, name) = text.split_once(':').ok_or_else(wants)?;
    let bucket = Bucket::parse(word.trim())
        .ok_or_else(|| QueryError::unknown(place, "time bucket", word, words.iter().map(String::as_str)))?;
    Ok(Over { bucket, name: parse_factor(place, name)?.name })
}

struct Reader<'a> {
    place: &'a str,
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    end: usize,
}

impl<'a> Reader<'a> {
    fn new(place: &'a str, text: &str) -> Result<Self, QueryError> {
        let syntax = |at, problem: &str, right: &str| QueryError::Syntax {
            place: place.to_owned(),
            at,
            problem: problem.to_owned(),
            right: right.to_owned(),
        };
        if text.chars().count() > LENGTH {
            return Err(syntax(LENGTH, "the text is too long", "use at most 4000 characters"));
        }
        let tokens = tokens(text).map_err(|at| {
            syntax(
                at,
                "a character or an open quote that does not belong",
                "quote levels with spaces: 'typical angina'",
            )
        })?;
        Ok(Self { place, tokens: tokens.into_iter().peekable(), end: text.chars().count() + 1 })
    }

    fn expected<T>(&mut self, what: &str) -> Result<T, QueryError> {
        let at = self.tokens.peek().map_or(self.end, |token| token.at);
        let problem = match self.tokens.peek().map(|token| &token.kind) {
            None => "the text ends".to_owned(),
            Some(TokenKind::Word(word) | TokenKind::Quoted(word)) => format!("{word:?} does not belong"),
            Some(TokenKind::Mark(mark)) => format!("{mark:?} does not belong"),
        };
        Err(QueryError::Syntax { place: self.place.to_owned(), at, problem, right: format!("expected {what}") })
    }

    fn take_if(&mut self, wanted: &TokenKind) -> bool {
        self.tokens.next_if(|token| token.kind == *wanted).is_some()
    }

    fn keyword(&mut self, word: &str) -> bool {
        self.take_if(&TokenKind::Word(word.to_owned()))
    }

    fn mark(&mut self, mark: &'static str) -> Result<(), QueryError> {
        if self.take_if(&TokenKind::Mark(mark)) { Ok(()) } else { self.expected(&format!("{mark:?}")) }
    }

    fn word(&mut self, what: &str) -> Result<String, QueryError> {
        match self.tokens.next_if(|token| matches!(token.kind, TokenKind::Word(_))).map(|token| token.kind) {
            Some(TokenKind::Word(word)) => Ok(word),
            _ => self.expected(what),
        }
    }

    fn end(&mut self) -> Result<(), QueryError> {
        if self.tokens.peek().is_none() { Ok(()) } else { self.expected("the end, or and / or") }
    }

    fn name(&mut self) -> Result<Name, QueryError> {
        let what = "the name of a variable";
        let is_empty = |token: &Token| match &token.kind {
            TokenKind::Word(word) => word.starts_with('.') || word.ends_with('.'),
            _ => false,
        };
        // A message has no place for an empty one: it would be another name at the other end.
        if self.tokens.peek().is_some_and(is_empty) {
            return self.expected(what);
        }
        let word = self.word(what)?;
        Ok(match word.split_once('.') {
            Some((table, name)) => Name { table: Some(table.to_owned()), name: name.to_owned() },
            None => Name { table: None, name: word },
        })
    }

    fn predicate(&mut self, depth: usize) -> Result<Predicate, QueryError> {
        let mut any = vec![self.conjunction(depth)?];
        while self.keyword("or") {
            any.push(self.conjunction(depth)?);
        }
        Ok(if any.len() == 1 { any.swap_remove(0) } else { Predicate::Or(any) })
    }

    fn conjunction(&mut self, depth: usize) -> Result<Predicate, QueryError> {
        let mut all = vec![self.negation(depth)?];
        while self.keyword("and") {
            all.push(self.negation(depth)?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { Predicate::And(all) })
    }

    fn negation(&mut self, depth: usize) -> Result<Predicate, QueryError> {
        if depth > DEPTH {
            return self.expected("fewer than 16 parentheses and negations inside each other");
        }
        if self.keyword("not") {
            return Ok(Predicate::Not(Box::new(self.negation(depth + 1)?)));
        }
        if self.take_if(&TokenKind::Mark("(")) {
            let inside = self.predicate(depth + 1)?;
            self.mark(")")?;
            return Ok(inside);
        }
        self.atom(depth)
    }

    fn atom(&mut self, depth: usize) -> Result<Predicate, QueryError> {
        if self.keyword("has") {
            let table = self.word("the name of a table")?;
            let rows = if self.take_if(&TokenKind::Mark("(")) {
                let rows = self.predicate(depth + 1)?;
                self.mark(")")?;
                Some(Box::new(rows))
            } else {
                None
            };
            return Ok(Predicate::Has { table, rows, window: self.window()? });
        }
        let name = self.name()?;
        if self.keyword("is") {
            if self.keyword("missing") {
                return Ok(Predicate::Missing(name));
            }
            if self.keyword("present") {
                return Ok(Predicate::Not(Box::new(Predicate::Missing(name))));
            }
            return self.expected("missing or present");
        }
        if self.keyword("not") {
            return if self.keyword("in") {
                Ok(Predicate::Not(Box::new(self.among(name)?)))
            } else {
                self.expected("in")
            };
        }
        if self.keyword("in") {
            return self.among(name);
        }
        let comparison = [
            ("=", Comparison::Equal),
            ("!=", Comparison::Unequal),
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (mark, comparison) in comparison {
            if self.take_if(&TokenKind::Mark(mark)) {
                return Ok(Predicate::Compare(name, comparison, self.literal()?));
            }
        }
        self.expected("=, !=, <, <=, >, >=, in, is missing or is present")
    }

    fn among(&mut self, name: Name) -> Result<Predicate, QueryError> {
        if self.take_if(&TokenKind::Mark("[")) {
            let from = self.literal()?;
            self.mark(",")?;
            let to = self.literal()?;
            self.mark(")")?;
            return Ok(Predicate::Between(name, from, to));
        }
        self.mark("(")?;
        let mut among = vec![self.literal()?];
        while self.take_if(&TokenKind::Mark(",")) {
            among.push(self.literal()?);
        }
        self.mark(")")?;
        Ok(Predicate::In(name, among))
    }

    fn literal(&mut self) -> Result<Literal, QueryError> {
        let constant = |token: &Token| !matches!(token.kind, TokenKind::Mark(_));
        let kind = self.tokens.next_if(constant).map(|token| token.kind);
        let Some(TokenKind::Word(text) | TokenKind::Quoted(text)) = kind else {
            return self.expected("a number, a level or a day");
        };
        let unit = if text.parse::<f64>().is_ok() { self.unit() } else { None };
        Ok(Literal { text, unit })
    }

    /// A word after a number is its unit, unless it goes on with the predicate.
    fn unit(&mut self) -> Option<String> {
        let goes_on = ["and", "or", "within"];
        let unit = |token: &Token| match &token.kind {
            TokenKind::Word(word) => !goes_on.contains(&word.as_str()),
            TokenKind::Quoted(unit) => !unit.is_empty(),
            TokenKind::Mark(_) => false,
        };
        match self.tokens.next_if(unit).map(|token| token.kind) {
            Some(TokenKind::Word(unit) | TokenKind::Quoted(unit)) => Some(unit),
            _ => None,
        }
    }

    fn window(&mut self) -> Result<Option<Window>, QueryError> {
        if !self.keyword("within") {
            return Ok(None);
        }
        let from = self.days()?;
        self.mark("..")?;
        let to = self.days()?;
        for word in ["days", "of"] {
            if !self.keyword(word) {
                return self.expected(&format!("{word:?}, as in: within 0..2 days of admission"));
            }
        }
        Ok(Some(Window { from, to, of: self.name()? }))
    }

    fn days(&mut self) -> Result<i32, QueryError> {
        let number = |token: &Token| matches!(&token.kind, TokenKind::Word(word) if word.parse::<i32>().is_ok());
        match self.tokens.next_if(number).map(|token| token.kind) {
            Some(TokenKind::Word(word)) => Ok(word.parse().unwrap_or_default()),
            _ => self.expected("a whole number of days"),
        }
    }
}
