/** Where an expression failed: when it was read, when its types were checked, or with some data. */
export type ExpressionPhase = "syntax" | "type" | "evaluation";

/** What an `ExpressionError` is made of. */
export interface ExpressionErrorInit {
  readonly message: string;
  readonly phase: ExpressionPhase;
  readonly source?: string;
  readonly offset?: number;
  readonly length?: number;
  readonly hint?: string | undefined;
  readonly path?: readonly (string | number)[];
  readonly more?: readonly ExpressionError[];
  readonly cause?: unknown;
}

/** Something that may go wrong with some data, or that is hardly meant. */
export interface ExpressionWarning {
  readonly message: string;
  /** UTF-16 units in the expression's text. */
  readonly offset: number;
  readonly length: number;
  readonly hint?: string;
  /** Keys that lead to the expression in a mapping; none for an expression that stands alone. */
  readonly path: readonly (string | number)[];
}

const marker = Symbol.for("@atomic-agents/project/ExpressionError");

/**
 * An expression that cannot be read, that does not fit its types, or that failed with some data.
 *
 * `offset` and `length` are UTF-16 units in `source`. In a mapping, `path` says under which keys the expression stands,
 * and `more` holds the other errors.
 *
 * @example
 * ```ts
 * try {
 *   compileExpression("record.scroe > 1", {
 *     variables: { record: { type: "object", properties: { score: { type: "number" } } } },
 *   });
 * } catch (error) {
 *   if (!ExpressionError.isInstance(error)) throw error;
 *   console.log(error.message); // => record.scroe: there is no such field
 *   console.log(error.hint); // => did you mean score?
 *   console.log(error.offset, error.length); // => 7 5
 * }
 * ```
 */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly phase: ExpressionPhase;
  /** The expression's text; empty where a mapping holds no text. */
  readonly source: string;
  readonly offset: number;
  readonly length: number;
  /** What to try instead. */
  readonly hint?: string;
  /** Keys that lead to the expression in a mapping. */
  readonly path: readonly (string | number)[];
  /** Other errors of the same mapping. */
  readonly more: readonly ExpressionError[];

  constructor(init: ExpressionErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.phase = init.phase;
    this.source = init.source ?? "";
    this.offset = init.offset ?? 0;
    this.length = init.length ?? 0;
    if (init.hint !== undefined) this.hint = init.hint;
    this.path = init.path ?? [];
    this.more = init.more ?? [];
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether this is one, also of another copy of the package. */
  static isInstance(value: unknown): value is ExpressionError {
    return typeof value === "object" && value !== null && Object.hasOwn(value, marker);
  }
}

/** The same error in a mapping. */
export function copyOfError(
  error: ExpressionError,
  path: readonly (string | number)[],
  more: readonly ExpressionError[] = [],
): ExpressionError {
  const { message, phase, source, offset, length, hint, cause } = error;
  return new ExpressionError({ message, phase, source, offset, length, hint, path, more, cause });
}
