const quoteCode = 0x22;

/** The fields of a row whose quotes are right. */
export function splitRow(row: string, delimiter: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let end: number;
    if (row.charCodeAt(at) === quoteCode) {
      end = closingQuote(row, at) + 1;
      const field = row.slice(at + 1, end - 1);
      fields.push(field.includes('"') ? field.replaceAll('""', '"') : field);
    } else {
      end = row.indexOf(delimiter, at);
      if (end === -1) end = row.length;
      fields.push(row.slice(at, end));
    }
    if (end >= row.length) return fields;
    at = end + 1;
  }
}

/** Where the field of a number begins in a row whose quotes are right; the row's length when it has fewer. */
export function fieldStart(row: string, delimiter: string, index: number): number {
  let at = 0;
  for (let number = 0; number < index; number++) {
    if (row.charCodeAt(at) === quoteCode) at = closingQuote(row, at) + 1;
    else {
      const end = row.indexOf(delimiter, at);
      at = end === -1 ? row.length : end;
    }
    if (at >= row.length) return row.length;
    at++;
  }
  return at;
}

function closingQuote(row: string, open: number): number {
  let at = row.indexOf('"', open + 1);
  while (row.charCodeAt(at + 1) === quoteCode) at = row.indexOf('"', at + 2);
  return at;
}
