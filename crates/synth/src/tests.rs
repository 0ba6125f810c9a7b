mod bounds;
mod shape;
mod sizes;

use std::collections::HashMap;

use crate::{Site, Table, tables};

/// A table read back: for each column the fields of all rows.
struct Columns {
    rows: usize,
    columns: HashMap<String, Vec<String>>,
}

impl Columns {
    fn read(table: &Table) -> Self {
        let mut lines = table.csv.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let mut columns: HashMap<String, Vec<String>> =
            header.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
        let mut rows = 0;
        for line in lines {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(fields.len(), header.len(), "{line}");
            for (name, field) in header.iter().zip(fields) {
                columns.get_mut(*name).unwrap().push(field.to_owned());
            }
            rows += 1;
        }
        Self { rows, columns }
    }

    fn texts(&self, name: &str) -> &[String] {
        &self.columns[name]
    }

    fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        self.texts(name).iter().map(|text| (!text.is_empty()).then(|| text.parse().unwrap())).collect()
    }

    /// Mean of the values there are, over the rows where `test` holds of the field of another column.
    fn mean_where(&self, name: &str, other: &str, test: impl Fn(&str) -> bool) -> f64 {
        let values = self.numbers(name);
        let chosen = values.into_iter().zip(self.texts(other)).filter(|(_, field)| test(field));
        mean(chosen.filter_map(|(value, _)| value))
    }

    /// Share of missing values.
    fn missing(&self, name: &str) -> f64 {
        mean(self.texts(name).iter().map(|text| f64::from(u8::from(text.is_empty()))))
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

fn read(site: &Site) -> HashMap<&'static str, Columns> {
    tables(site).iter().map(|table| (table.name, Columns::read(table))).collect()
}
