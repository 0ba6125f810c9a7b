use std::fmt;

/// A rule that data can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A table has no file.
    MissingFile,
    /// A table has several files.
    TwoFiles,
    /// The first line is not UTF-8 text.
    BrokenHeader,
    /// A declared column is not in the file.
    MissingColumn,
    /// A declared column stands twice in the file.
    DuplicateColumn,
    /// A Parquet column of lists or structures.
    ColumnType,
    /// A row with more or fewer fields than the header.
    RaggedRow,
    /// A quotation mark that is never closed, so that the rest of the file is one field.
    OpenQuote,
    /// Text after a closing quotation mark, so that rows may have become one field.
    StrayQuote,
    /// A line that the mapping takes for the footer, and looks like a row.
    FooterRow,
    /// No row, or none that can be taken.
    EmptyTable,
    /// A comma that may be a decimal mark or stand between thousands, and nothing decides.
    AmbiguousNumbers,
    /// Numbers with a decimal comma beside numbers with a decimal point.
    MixedNumbers,
    /// Days whose parts may be in either order, and nothing decides.
    AmbiguousDates,
    /// Days in both orders.
    MixedDates,
    /// A field that is not UTF-8 text.
    BrokenText,
    /// A continuous variable's field is no number.
    NotANumber,
    /// A number outside the declared bounds.
    OutsideBounds,
    /// A word that is none of the declared ones.
    UndeclaredLevel,
    /// A date variable's field is no day.
    NotADay,
    /// A day outside the declared range.
    OutsideRange,
    /// A value that the dictionary promises is not there.
    MissingValue,
    /// A row does not say whose it is.
    NoPersonKey,
    /// A row of a person who is not in the people table.
    UnknownPerson,
    /// A second row of a person in a table with one row a person.
    PersonTwice,
    /// More rows of a person than the dictionary allows.
    TooManyRows,
}

impl Rule {
    /// Whether it is about a file as a whole, so that leaving out rows is no remedy.
    pub fn is_structural(self) -> bool {
        match self {
            Self::MissingFile
            | Self::TwoFiles
            | Self::BrokenHeader
            | Self::MissingColumn
            | Self::DuplicateColumn
            | Self::ColumnType
            | Self::RaggedRow
            | Self::OpenQuote
            | Self::StrayQuote
            | Self::FooterRow
            | Self::EmptyTable
            | Self::AmbiguousNumbers
            | Self::MixedNumbers
            | Self::AmbiguousDates
            | Self::MixedDates => true,
            Self::BrokenText
            | Self::NotANumber
            | Self::OutsideBounds
            | Self::UndeclaredLevel
            | Self::NotADay
            | Self::OutsideRange
            | Self::MissingValue
            | Self::NoPersonKey
            | Self::UnknownPerson
            | Self::PersonTwice
            | Self::TooManyRows => false,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingFile => "the file is missing",
            Self::TwoFiles => "there are two files of this name; keep one, or name it in the mapping (file)",
            Self::BrokenHeader => "the column names are not text in the encoding of the file; write encoding into the mapping",
            Self::MissingColumn => "the column is missing",
            Self::DuplicateColumn => "the column stands twice in the header",
            Self::ColumnType => "the column holds lists or structures, not values",
            Self::RaggedRow => "more or fewer fields than the header",
            Self::OpenQuote => "a quotation mark is never closed",
            Self::StrayQuote => {
                "text after a closing quotation mark; a quotation mark within a field is doubled, and the field is quoted"
            }
            Self::FooterRow => "a line that looks like a row, where the mapping has the footer",
            Self::EmptyTable => "no row to take",
            Self::AmbiguousNumbers => {
                "numbers such as 1,234 can be read in two ways; write decimal = \",\" or decimal = \".\" into the mapping of this table"
            }
            Self::MixedNumbers => {
                "numbers with a decimal comma beside numbers with a decimal point; write decimal into the mapping of this table, and mend the others"
            }
            Self::AmbiguousDates => {
                "days such as 01/02/2020 can be read in two ways; write dates = \"day/month/year\" or dates = \"month/day/year\" into the \
                 mapping of this table"
            }
            Self::MixedDates => "days as day/month/year beside days as month/day/year; write dates into the mapping of this table, and mend the others",
            Self::BrokenText => "not text in the encoding of the file",
            Self::NotANumber => "not a number",
            Self::OutsideBounds => "outside its bounds",
            Self::UndeclaredLevel => "an undeclared level",
            Self::NotADay => "not a day",
            Self::OutsideRange => "a day outside its range",
            Self::MissingValue => "missing, and the dictionary says that it never is",
            Self::NoPersonKey => "no person key",
            Self::UnknownPerson => "a person who is not in the people table",
            Self::PersonTwice => "a second row of the same person",
            Self::TooManyRows => "more rows of one person than declared",
        })
    }
}
