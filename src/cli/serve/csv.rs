//! Reads a table of comma separated values (RFC 4180).

/// Why a text is no such table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CsvError {
    /// A quoted field that began in this line has no end.
    Open(usize),
    /// The row that begins in this line has more or fewer fields than the first.
    Width(usize),
}

/// The rows of a table, each with the line that it begins in. Lines that are empty are passed over.
pub(super) fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, CsvError> {
    // What some programs begin a file with.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
    let (mut line, mut began) = (1, 1);
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if field.is_empty() => {
                let opened = line;
                loop {
                    match characters.next() {
                        Some('"') if characters.peek() == Some(&'"') => {
                            characters.next();
                            field.push('"');
                        }
                        Some('"') => break,
                        Some(c) => {
                            line += usize::from(c == '\n');
                            field.push(c);
                        }
                        None => return Err(CsvError::Open(opened)),
                    }
                }
            }
            ',' => fields.push(std::mem::take(&mut field)),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' => {
                end(&mut rows, began, &mut fields, &mut field);
                line += 1;
                began = line;
            }
            c => field.push(c),
        }
    }
    end(&mut rows, began, &mut fields, &mut field);
    let width = rows.first().map_or(0, |(_, fields)| fields.len());
    match rows.iter().find(|(_, fields)| fields.len() != width) {
        Some((line, _)) => Err(CsvError::Width(*line)),
        None => Ok(rows),
    }
}

fn end(rows: &mut Vec<(usize, Vec<String>)>, line: usize, fields: &mut Vec<String>, field: &mut String) {
    if !(fields.is_empty() && field.is_empty()) {
        fields.push(std::mem::take(field));
        rows.push((line, std::mem::take(fields)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_as_spreadsheets_write_it() {
        let text = "\u{feff}email,name\r\nbonny@example.org,\"Bonny, \"\"B\"\"\r\nO'Neil\"\r\n\r\nclyde@example.org,\n";
        let row = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            rows(text),
            Ok(vec![
                (1, row(&["email", "name"])),
                (2, row(&["bonny@example.org", "Bonny, \"B\"\r\nO'Neil"])),
                (5, row(&["clyde@example.org", ""])),
            ])
        );
        assert_eq!(rows(""), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_table_is_told_by_its_line() {
        assert_eq!(rows("a,b\n1,\"2\n3,4\n"), Err(CsvError::Open(2)));
        assert_eq!(rows("a,b\n1,2\n3\n"), Err(CsvError::Width(3)));
    }
}
