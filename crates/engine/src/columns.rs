//! One column of codes as one Parquet file, so that a storage node can serve any choice of columns without reading them.

use std::io::Cursor;

use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, Series};
use polars_io::prelude::{ParquetCompression, ParquetReader, ParquetWriter, SerReader};

/// The name of the only column in a file.
const NAME: &str = "code";

/// A column could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ColumnError {
    /// The file is no Parquet file of one column of codes.
    #[error("not a column of codes")]
    Form,
    /// Parquet says no.
    #[error("Parquet cannot be read or written")]
    Parquet(#[source] polars::error::PolarsError),
}

/// A column as a Parquet file.
///
/// # Errors
/// [`ColumnError::Parquet`].
pub fn write(codes: &[i32]) -> Result<Vec<u8>, ColumnError> {
    let column: Column = Series::new(NAME.into(), codes).into_column();
    let mut frame = DataFrame::new(codes.len(), vec![column]).map_err(ColumnError::Parquet)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .finish(&mut frame)
        .map_err(ColumnError::Parquet)?;
    Ok(bytes)
}

/// The codes of a Parquet file that [`write()`] made.
///
/// # Errors
/// [`ColumnError`] when the bytes are something else.
pub fn read(bytes: Vec<u8>) -> Result<Vec<i32>, ColumnError> {
    let frame = ParquetReader::new(Cursor::new(bytes)).finish().map_err(ColumnError::Parquet)?;
    let [column] = frame.columns() else { return Err(ColumnError::Form) };
    let codes = column.as_materialized_series().i32().map_err(|_| ColumnError::Form)?;
    if codes.null_count() > 0 {
        return Err(ColumnError::Form);
    }
    let mut found = Vec::with_capacity(codes.len());
    for chunk in codes.downcast_iter() {
        found.extend_from_slice(chunk.values().as_slice());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_comes_back_and_other_bytes_do_not() {
        let codes: Vec<i32> = (-1..5000).collect();
        let bytes = write(&codes).unwrap();
        assert_eq!(read(bytes.clone()).unwrap(), codes);
        assert_eq!(read(write(&[]).unwrap()).unwrap(), Vec::<i32>::new());
        assert!(read(bytes[..bytes.len() / 2].to_vec()).is_err());
        assert!(read(vec![]).is_err());
    }
}
