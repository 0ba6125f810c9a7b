//! The tables of a data set, read and checked.

mod header;
mod rows;

use coda_model::{
    dictionary::{Dataset, Table},
    ids,
};

use crate::{
    IngestError, Order, Report, Rule, TableReport,
    form::{Evidence, Form},
    mapping::{TableMapping, VariableMapping},
    people::People,
    report::{Notes, Spot},
    sheet::{Event, Sheet},
    source::TableFile,
    value::Reader,
};
use rows::Checker;

/// The rows of a table that break no rule, as codes, in the order of the file.
#[derive(Default)]
pub(crate) struct Codes {
    /// The code of the person of each row.
    pub(crate) person: Vec<i32>,
    /// The codes of each variable, in the order of the dictionary.
    pub(crate) columns: Vec<Vec<i32>>,
    /// Rows that were left out.
    pub(crate) left_out: u64,
}

/// Reads every table, the people table first: it says who the others may speak of. The codes and the reports come in the
/// order of the dictionary.
pub(crate) fn read_all(order: &Order<'_>, files: &[TableFile]) -> Result<(Vec<Codes>, People, Report), IngestError> {
    let mut notes = Notes::default();
    let mut people = People::default();
    let mut found = Vec::new();
    let people_place = order.dataset.people;
    for place in people_first(order.dataset) {
        let (Some(table), Some(file)) = (order.dataset.tables.get(place), files.get(place)) else { continue };
        let role = if place == people_place {
            Role::People
        } else if notes.totals.iter().any(|total| total.rule.is_structural() && is_people(files, people_place, total)) {
            // Who the people are is not known then; that nobody is known would be no news.
            Role::Unchecked
        } else {
            Role::Other
        };
        let reading = Reading { order, table, role };
        let (codes, report) = reading.read(file, &mut people, &mut notes)?;
        found.push((place, codes, report));
    }
    found.sort_by_key(|(place, ..)| *place);
    let (codes, tables) = found.into_iter().map(|(_, codes, report)| (codes, report)).unzip();
    let Notes { findings, totals, .. } = notes;
    let report = Report {
        build: None,
        people: ids::People(people.count()),
        left_out: people.left_out(),
        known: None,
        tables,
        findings,
        totals,
    };
    Ok((codes, people, report))
}

/// What a table is to the data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It lists the people.
    People,
    /// It speaks of people who must be listed.
    Other,
    /// The same, but the list cannot be read.
    Unchecked,
}

/// One table to be read.
struct Reading<'a> {
    order: &'a Order<'a>,
    table: &'a Table,
    role: Role,
}

impl Reading<'_> {
    fn read(
        &self,
        file: &TableFile,
        people: &mut People,
        notes: &mut Notes,
    ) -> Result<(Codes, TableReport), IngestError> {
        let whole = Spot { file: &file.name, line: None, column: None };
        let mut report = TableReport {
            table: self.table.id.clone(),
            file: file.name.clone(),
            read: ids::Rows(0),
            taken: ids::Rows(0),
            not_taken: Vec::new(),
            recognised: Vec::new(),
        };
        let (path, format) = match &file.place {
            Ok(place) => place,
            Err(rule) => {
                notes.add(whole, *rule, || None);
                return Ok((Codes::default(), report));
            }
        };
        let columns = Columns::new(self.table, self.mapping());
        let sheet = Sheet::open(path, *format, self.mapping(), &columns.wanted)?;
        report.recognised.clone_from(&sheet.recognised);
        let Some(header) = header::check(&columns.wanted, &sheet, &file.name, notes) else {
            return Ok((Codes::default(), report));
        };
        report.not_taken = header.not_taken;
        let forms = self.forms(&sheet, &header.places, &columns, (&file.name, notes), &mut report.recognised)?;
        let Some(forms) = forms else { return Ok((Codes::default(), report)) };
        let mut checker = Checker::new(self, &columns, &forms, (&file.name, people, notes));
        let mut too_large = false;
        sheet.visit(&header.places, |event| match event {
            Event::Row(line, fields) => too_large |= checker.row(line, fields).is_none(),
            Event::Broken(rule, line, wanted) => checker.broken(rule, line, wanted),
        })?;
        if too_large {
            return Err(IngestError::TooLarge);
        }
        let codes = checker.finish();
        report.taken = ids::Rows(codes.person.len() as u64);
        report.read = ids::Rows(report.taken.0 + codes.left_out);
        // Nobody need have had a row in any other table: a small site may have ventilated no one.
        let needed = matches!(self.role, Role::People) || codes.left_out > 0;
        if codes.person.is_empty() && needed && !(codes.left_out > 0 && self.is_strict()) {
            notes.add(whole, Rule::EmptyTable, || None);
        }
        Ok((codes, report))
    }

    fn mapping(&self) -> Option<&TableMapping> {
        self.order.mapping.table(self.order.dataset, self.table)
    }

    /// How the file writes each variable's numbers and days, by all of its values; none where something is open that the mapping must say.
    fn forms(
        &self,
        sheet: &Sheet,
        places: &[usize],
        columns: &Columns<'_>,
        (file, notes): (&str, &mut Notes),
        said: &mut Vec<String>,
    ) -> Result<Option<Vec<Form>>, IngestError> {
        let (decimal, dates) = self.mapping().map_or((None, None), |mapping| (mapping.decimal, mapping.dates));
        // Numbers and days of a Parquet file are what they are; its texts are as those of a text file.
        let is_text = |wanted: &Option<usize>| {
            wanted.and_then(|wanted| places.get(wanted)).is_some_and(|place| sheet.is_text(*place))
        };
        let texts: Vec<bool> = columns.of_variable.iter().map(is_text).collect();
        let readers = readers(self.table, self.mapping(), &vec![Form::default(); texts.len()]);
        let mut evidence = Evidence::default();
        if texts.contains(&true) && (decimal.is_none() || dates.is_none()) {
            sheet.again()?.visit(places, |event| {
                let Event::Row(_, fields) = event else { return };
                for ((reader, wanted), is_text) in readers.iter().zip(&columns.of_variable).zip(&texts) {
                    let field = wanted.filter(|_| *is_text).map(|wanted| fields.field(wanted));
                    if let Some(text) = field.and_then(|field| std::str::from_utf8(field).ok()) {
                        reader.look(text.trim(), &mut evidence);
                    }
                }
            })?;
        }
        let (form, open) = evidence.form(decimal, dates);
        for rule in &open {
            notes.add(Spot { file, line: None, column: None }, *rule, || None);
        }
        said.extend(evidence.said(form));
        let of = |is_text: &bool| if *is_text { form } else { Form::default() };
        Ok(open.is_empty().then(|| texts.iter().map(of).collect()))
    }

    fn is_strict(&self) -> bool {
        self.order.tolerance == crate::Tolerance::Strict
    }
}

/// The columns that are read of a file.
struct Columns<'a> {
    /// The person's key, and then those of the variables that are read.
    wanted: Vec<&'a str>,
    /// The place of each variable's column among them; none where nothing is read.
    of_variable: Vec<Option<usize>>,
}

impl<'a> Columns<'a> {
    fn new(table: &'a Table, mapping: Option<&'a TableMapping>) -> Self {
        let person = mapping.and_then(|mapping| mapping.person.as_deref()).unwrap_or(&table.person);
        let mut columns = Self { wanted: vec![person], of_variable: Vec::new() };
        for variable in &table.variables {
            let own = mapping.and_then(|mapping| mapping.variable(variable));
            let column = own.and_then(|own| own.column.as_deref()).unwrap_or(&variable.column);
            let is_read = !own.is_some_and(VariableMapping::is_fixed);
            columns.of_variable.push(is_read.then_some(columns.wanted.len()));
            columns.wanted.extend(is_read.then_some(column));
        }
        columns
    }
}

/// A reader of each variable of a table, each in its form.
fn readers<'a>(table: &'a Table, mapping: Option<&'a TableMapping>, forms: &[Form]) -> Vec<Reader<'a>> {
    let of = |variable| mapping.and_then(|mapping| mapping.variable(variable));
    let each = table.variables.iter().zip(forms);
    each.map(|(variable, form)| Reader::new(variable, of(variable), *form)).collect()
}

fn people_first(dataset: &Dataset) -> impl Iterator<Item = usize> {
    let people = dataset.people;
    std::iter::once(people).chain((0..dataset.tables.len()).filter(move |place| *place != people))
}

fn is_people(files: &[TableFile], people: usize, total: &crate::Total) -> bool {
    files.get(people).is_some_and(|file| file.name == total.file)
}
