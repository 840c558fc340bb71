/** How records are held against a schema. */
export interface ValidateManner {
  /**
   * `strict` takes a record as it is; `coerce` makes numbers, true and false of texts first, and texts of these, where the
   * schema asks for them; `strict`.
   */
  readonly mode?: "strict" | "coerce" | undefined;
  /**
   * Whether a record that does not fit goes on, as it was, with what is wrong under a name of this kind: `issues` for true. One
   * that fits then has an empty list there.
   */
  readonly report?: boolean | string | undefined;
}

export const validateMannerKeys = ["mode", "report"] as const;

/** The key that a report stands under; undefined where there is none. */
export function reportKey({ report }: ValidateManner): string | undefined {
  return report === true ? "issues" : report === false ? undefined : report;
}
