/** What the values of a column are: `json` is any JSON value. */
export type ColumnType = "text" | "number" | "integer" | "boolean" | "json";

export const columnTypes: readonly ColumnType[] = ["text", "number", "integer", "boolean", "json"];
