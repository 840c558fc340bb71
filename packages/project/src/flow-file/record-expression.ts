import type { JsonSchema } from "@atomic-agents/contracts";
import { AtomicError } from "@atomic-agents/core";
import { type CompiledExpression, compileExpression } from "../expressions/compile-expression.ts";
import { excerpt } from "../expressions/compiled.ts";
import { compileMapping } from "../expressions/compile-mapping.ts";
import { ExpressionError } from "../expressions/expression-error.ts";
import { pathText } from "../schemas/show.ts";
import type { DocumentPath, FlowReport } from "./flow-report.ts";

/** What is known of the variables of an expression. */
export type Variables = Readonly<Record<string, JsonSchema | undefined>>;

/** An expression, or a template of them, that a flow uses. */
export interface RecordExpression {
  /** What it gives; undefined where it is wrong. */
  readonly type: JsonSchema | undefined;
  readonly evaluate: (variables: Readonly<Record<string, unknown>>) => unknown;
}

/** An expression of a flow file; undefined where it is wrong, which is reported. */
export function expressionAt(
  report: FlowReport,
  path: DocumentPath,
  source: string,
  variables: Variables,
  expected?: JsonSchema,
): CompiledExpression | undefined {
  return reporting(report, path, () =>
    compileExpression(source, { variables, ...(expected !== undefined && { expected }) }),
  );
}

/** A template of expressions of a flow file; undefined where it is wrong, which is reported. */
export function mappingAt(
  report: FlowReport,
  path: DocumentPath,
  template: unknown,
  variables: Variables,
): RecordExpression | undefined {
  return reporting(report, path, () => compileMapping(template, { variables }));
}

function reporting<
  TCompiled extends RecordExpression & { readonly warnings: Parameters<FlowReport["warnings"]>[1] },
>(report: FlowReport, path: DocumentPath, compile: () => TCompiled): TCompiled | undefined {
  try {
    const compiled = compile();
    report.warnings(path, compiled.warnings);
    return compiled;
  } catch (thrown) {
    if (!ExpressionError.isInstance(thrown)) throw thrown;
    report.expression(path, thrown);
    return undefined;
  }
}

/**
 * What an expression is to a stage: a function of a record. What it throws is told as the stage's failure; trying again
 * would give the same.
 */
export function overRecords(what: string, { evaluate }: RecordExpression): (record: unknown) => unknown {
  // One object for all records: an expression answers at once, and keeps nothing.
  const variables: { record: unknown } = { record: undefined };
  return (record) => {
    variables.record = record;
    try {
      return evaluate(variables);
    } catch (thrown) {
      throw evaluationFailure(what, thrown);
    }
  };
}

/** The error of an expression that failed with some record. @param what the sentence's subject: `filter` */
export function evaluationFailure(what: string, thrown: unknown): AtomicError<"EXECUTION"> {
  const isOwn = ExpressionError.isInstance(thrown);
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const text = isOwn ? [...placeOf(thrown), said].join(": ") : said;
  return new AtomicError("EXECUTION", `The ${what} failed: ${text}`, {
    details: { thrown: text },
    cause: thrown,
    retryable: false,
    hint: isOwn ? thrown.hint : undefined,
  });
}

/** An expression up to this length is told as a whole, a longer one by the part that failed. */
const maxToldLength = 60;

/** The key and the expression that failed, as they stand in the file. */
function placeOf({ path, source, offset, length }: ExpressionError): readonly string[] {
  const isLong = source.length > maxToldLength;
  const span = isLong ? { start: offset, end: offset + length } : { start: 0, end: source.length };
  return [path.length === 0 ? "" : pathText(path), excerpt(source, span)].filter((part) => part !== "");
}
