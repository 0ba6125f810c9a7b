//! A site's own Parquet file as rows of text, so that it is checked by the same rules as a CSV file.

use std::{fs::File, io, path::Path};

use polars::prelude::{ArrowDataType, DataType, PolarsResult, Series, StringChunked};
use polars_io::prelude::{ParquetReader, SerReader};

/// How many rows are turned into text at a time.
const BATCH: usize = 65_536;

/// A Parquet file that cannot be read as text. No variant carries a value of the file.
#[derive(Debug, thiserror::Error)]
pub enum ParquetTextError {
    /// The file cannot be opened.
    #[error("the file cannot be opened")]
    Open(#[source] io::Error),
    /// Not Parquet, or cut off, or of a kind that is not read. The library's own words are left out: they may quote the file.
    #[error(
        "it is no Parquet file, or damaged, or compressed in an unknown way; write it again, such as with pyarrow.parquet.write_table"
    )]
    Parquet,
    /// A column of lists, structures or other things that are no text.
    #[error("column number {column} cannot be read as text")]
    Type {
        /// The place of the column in the file, from 0.
        column: usize,
    },
}

/// An opened file of which nothing but names and length was read.
pub struct ParquetText {
    reader: ParquetReader<File>,
    names: Vec<String>,
    texts: Vec<bool>,
    rows: usize,
}

impl ParquetText {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ParquetTextError`] when there is none or it is no Parquet file.
    pub fn open(path: &Path) -> Result<Self, ParquetTextError> {
        let mut reader = ParquetReader::new(File::open(path).map_err(ParquetTextError::Open)?);
        let schema = reader.schema().map_err(|_| ParquetTextError::Parquet)?;
        let names = schema.iter_names().map(ToString::to_string).collect();
        let is_text = |kind: &ArrowDataType| {
            use ArrowDataType::{Dictionary, LargeUtf8, Utf8, Utf8View};
            matches!(kind, LargeUtf8 | Utf8 | Utf8View | Dictionary(..))
        };
        let texts = schema.iter_values().map(|field| is_text(&field.dtype)).collect();
        let rows = reader.num_rows().map_err(|_| ParquetTextError::Parquet)?;
        Ok(Self { reader, names, texts, rows })
    }

    /// The names of the columns, in the order of the file.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a column holds text, and not numbers or days of its own.
    pub fn is_text(&self, column: usize) -> bool {
        self.texts.get(column).copied().unwrap_or_default()
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Shows every row: its number from 0 and the texts of the columns at these places, in this order, `None` for null.
    ///
    /// # Errors
    /// [`ParquetTextError::Type`] when a column is no text, also in the middle of the file; [`ParquetTextError::Parquet`].
    pub fn visit(
        self,
        places: &[usize],
        mut visitor: impl FnMut(usize, &[Option<&str>]),
    ) -> Result<(), ParquetTextError> {
        let mut projection = places.to_vec();
        projection.sort_unstable();
        projection.dedup();
        let frame =
            self.reader.with_projection(Some(projection.clone())).finish().map_err(|_| ParquetTextError::Parquet)?;
        let mut start = 0;
        while start < self.rows {
            let batch = frame.slice(start as i64, BATCH);
            let text = |place: &usize| {
                let no_text = ParquetTextError::Type { column: *place };
                let at = projection.binary_search(place).unwrap_or(usize::MAX);
                let Some(column) = batch.columns().get(at) else { return Err(no_text) };
                // A cast that is not strict would turn what it cannot read into null: into a value that is not there.
                // Its error is dropped because it quotes values.
                texts(column.as_materialized_series()).map_err(|_| no_text)
            };
            let columns: Vec<StringChunked> = places.iter().map(text).collect::<Result<_, _>>()?;
            let mut iterators: Vec<_> = columns.iter().map(StringChunked::iter).collect();
            let mut row = vec![None; iterators.len()];
            for number in start..start + batch.height() {
                for (field, values) in row.iter_mut().zip(&mut iterators) {
                    *field = values.next().flatten();
                }
                visitor(number, &row);
            }
            start += BATCH;
        }
        Ok(())
    }
}

/// The values as text: a moment in a time zone as a clock there shows it.
fn texts(series: &Series) -> PolarsResult<StringChunked> {
    match series.dtype() {
        DataType::Datetime(_, Some(_)) => series.datetime()?.to_string("%Y-%m-%d %H:%M:%S"),
        _ => series.strict_cast(&DataType::String)?.str().cloned(),
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{DataFrame, IntoColumn, NamedFrom, TimeUnit, TimeZone};
    use polars_io::prelude::ParquetWriter;

    use super::*;

    #[test]
    fn rows_come_as_text_in_the_order_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        let days = Series::new("day".into(), [Some(18_262), None, Some(18_263)]).cast(&DataType::Date).unwrap();
        let columns = vec![
            Series::new("id".into(), ["a", "b", "c"]).into_column(),
            days.into_column(),
            Series::new("crp".into(), [Some(0.1), Some(12.0), None]).into_column(),
            Series::new("icu".into(), [true, false, true]).into_column(),
        ];
        let mut frame = DataFrame::new(3, columns).unwrap();
        ParquetWriter::new(File::create(&path).unwrap()).finish(&mut frame).unwrap();

        let file = ParquetText::open(&path).unwrap();
        assert_eq!(file.names(), ["id", "day", "crp", "icu"]);
        assert_eq!(file.rows(), 3);
        let mut seen = Vec::new();
        let kept = |row: &[Option<&str>]| row.iter().map(|field| field.unwrap_or("-").to_owned()).collect::<Vec<_>>();
        file.visit(&[2, 0, 1, 3], |number, row| seen.push((number, kept(row).join(",")))).unwrap();
        let expected = [(0, "0.1,a,2020-01-01,true"), (1, "12.0,b,-,false"), (2, "-,c,2020-01-02,true")];
        assert_eq!(seen, expected.map(|(number, row)| (number, row.to_owned())));
    }

    #[test]
    fn other_files_are_refused_and_bytes_that_are_no_text_are_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        std::fs::write(&path, "id,age\n1,2\n").unwrap();
        assert!(matches!(ParquetText::open(&path), Err(ParquetTextError::Parquet)));
        assert!(matches!(ParquetText::open(&folder.path().join("none")), Err(ParquetTextError::Open(_))));
        let column = Series::new("id".into(), [&b"\xffsecret"[..]]).into_column();
        let mut frame = DataFrame::new(1, vec![column]).unwrap();
        ParquetWriter::new(File::create(&path).unwrap()).finish(&mut frame).unwrap();
        let error = ParquetText::open(&path).unwrap().visit(&[0], |_, _| {}).unwrap_err();
        assert!(matches!(error, ParquetTextError::Type { column: 0 }) && !format!("{error:?}").contains("secret"));
    }

    #[test]
    fn every_type_that_a_data_base_or_pandas_writes_is_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        // 2020-02-29 23:30 UTC is March in Paris.
        let moment = Series::new("moment".into(), [1_583_019_000_000_i64]);
        let zone = TimeZone::opt_try_new(Some("Europe/Paris")).unwrap();
        let columns = vec![
            Series::new("decimal".into(), [1.5]).cast(&DataType::Decimal(10, 2)).unwrap().into_column(),
            Series::new("u8".into(), [200_u8]).into_column(),
            Series::new("i8".into(), [-2_i8]).into_column(),
            Series::new("u16".into(), [60_000_u16]).into_column(),
            Series::new("i16".into(), [-300_i16]).into_column(),
            Series::new("i64".into(), [9_000_000_000_i64]).into_column(),
            Series::new("f32".into(), [0.5_f32]).into_column(),
            moment.cast(&DataType::Datetime(TimeUnit::Milliseconds, zone)).unwrap().into_column(),
            Series::new_null("null".into(), 1).into_column(),
        ];
        let mut frame = DataFrame::new(1, columns).unwrap();
        ParquetWriter::new(File::create(&path).unwrap()).finish(&mut frame).unwrap();
        let file = ParquetText::open(&path).unwrap();
        let mut seen = Vec::new();
        let kept = |row: &[Option<&str>]| row.iter().map(|field| field.unwrap_or("-").to_owned()).collect();
        file.visit(&[0, 1, 2, 3, 4, 5, 6, 7, 8], |_, row| seen = kept(row)).unwrap();
        let expected = ["1.50", "200", "-2", "60000", "-300", "9000000000", "0.5", "2020-03-01 00:30:00", "-"];
        assert_eq!(seen, expected.map(str::to_owned));
    }
}
