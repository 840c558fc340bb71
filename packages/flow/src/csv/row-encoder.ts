import { checkText } from "../formats/check-text.ts";

/** Makes rows of records. */
export interface RowEncoder {
  /** @throws TypeError for what makes no row of the columns */
  readonly encode: (record: unknown) => string;
  /** The row of names; undefined while they are not known. */
  readonly header: () => string | undefined;
}

/**
 * Makes rows of CSV (RFC 4180) of objects. Without columns, the keys of the first object are. A key that it lacks leaves an
 * empty field, as null does; numbers and booleans are written as in JSON, arrays and objects as JSON.
 */
export function rowEncoder(columns: readonly string[] | undefined, delimiter: string): RowEncoder {
  let names = columns;
  let known = new Set(columns);
  // What has to stand in quotes; a byte order mark at the very beginning would be taken for one.
  const special = new RegExp(`["\\r\\n${delimiter.replace(/[\\\]^-]/, String.raw`\$&`)}]|^\uFEFF`);
  const quoted = (text: string): string => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rowOf = (fields: readonly string[]): string => {
    const row = fields.map(quoted).join(delimiter);
    // An empty line would be no row.
    return row === "" ? '""' : row;
  };
  return {
    encode: (record) => {
      if (typeof record !== "object" || record === null || Array.isArray(record)) {
        const what = Array.isArray(record) ? "an array" : `a value of type ${typeof record}`;
        throw new TypeError(`a row is made of an object, not of ${what}`);
      }
      const keys = Object.keys(record);
      if (names !== undefined) {
        const strange = keys.find((key) => !known.has(key));
        if (strange !== undefined) {
          const columnList = names.join(", ").slice(0, 200);
          const whose =
            columns === undefined ? ", the keys of the first record; give the sink its columns" : "";
          throw new TypeError(
            `there is no column ${JSON.stringify(strange)}; the columns are ${columnList}${whose}`,
          );
        }
      } else if (keys.length === 0) throw new TypeError("an object without keys makes no columns");
      else if (keys.includes("__proto__")) throw new TypeError('no column may be called "__proto__"');
      else for (const key of keys) checkText(key);
      // Checked above: an object.
      const values = record as Readonly<Record<string, unknown>>;
      const row = rowOf(
        (names ?? keys).map((name) => (Object.hasOwn(values, name) ? fieldOf(values[name]) : "")),
      );
      if (names === undefined) {
        names = keys;
        known = new Set(keys);
      }
      return row;
    },
    header: () => (names === undefined ? undefined : rowOf(names)),
  };
}

function fieldOf(value: unknown): string {
  switch (typeof value) {
    case "string":
      return checkText(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "";
    case "boolean":
    case "bigint":
      return String(value);
    case "undefined":
      return "";
    case "object": {
      if (value === null) return "";
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString();
      return JSON.stringify(value) ?? "";
    }
    default:
      throw new TypeError(`a value of type ${typeof value} cannot be written`);
  }
}
