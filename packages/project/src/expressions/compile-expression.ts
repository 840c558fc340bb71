import type { JsonSchema } from "@atomic-agents/contracts";
import type { ExpressionWarning } from "./expression-error.ts";
import { compilePart, variablesOf } from "./expression-compiler.ts";
import { Frame } from "./frame.ts";
import { narrowVariables } from "./narrow-variables.ts";
import { SchemaWriter } from "./schema-document.ts";

/** What is known of the places where an expression stands. */
export interface ExpressionOptions {
  /** The variables by name, with the JSON Schema that their values are valid for; undefined where nothing is known. */
  readonly variables: { readonly [name: string]: JsonSchema | boolean | undefined };
  /** What the expression has to give. */
  readonly expected?: JsonSchema;
}

/** An expression, ready to be evaluated. */
export interface CompiledExpression {
  readonly source: string;
  /** What it gives, where the variables are valid for their schemas. */
  readonly type: JsonSchema;
  readonly warnings: readonly ExpressionWarning[];
  /**
   * Gives a JSON value, which may share parts with the variables.
   *
   * @throws ExpressionError of the phase `evaluation`, and nothing else.
   */
  readonly evaluate: (variables: { readonly [name: string]: unknown }) => unknown;
  /**
   * The schemas of the variables where this gives true: after `record.rating != null`, a rating is there and not null.
   * At least as narrow as those that were given, where these list properties.
   */
  readonly whenTrue: () => { readonly [name: string]: JsonSchema };
}

/**
 * Reads an expression of the Common Expression Language and checks its types against JSON Schemas.
 *
 * Numbers are those of JSON: whole ones and others go together, `7 / 2` is 3.5, and a result beyond 2^53 is an error.
 * An expression has neither side effects nor loops without end; how large it may be and how much it may do is bounded.
 * What certainly fails is refused; what may fail with some data is told in `warnings`.
 *
 * @throws ExpressionError of the phase `syntax` or `type`.
 *
 * @example
 * ```ts
 * const schema = { type: "object", properties: { price: { type: "number" }, count: { type: "integer" } } } as const;
 * const total = compileExpression("round(record.price * record.count, 2)", { variables: { record: schema } });
 * total.type; // => { type: "number" }
 * total.evaluate({ record: { price: 1.25, count: 3 } }); // => 3.75
 * total.warnings[0]?.message; // => "record.price may be missing"
 * ```
 */
export function compileExpression(source: string, options: ExpressionOptions): CompiledExpression {
  const types = variablesOf(options.variables);
  const { type, run, warnings, facts } = compilePart(source, types, options.expected);
  const writer = new SchemaWriter();
  return {
    source,
    type: writer.whole(type.write(writer)),
    warnings,
    evaluate: (variables) => run(variables, new Frame()),
    whenTrue: () => narrowVariables(types, facts),
  };
}
