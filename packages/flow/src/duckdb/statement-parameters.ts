import type { DuckDBPreparedStatement } from "@duckdb/node-api";
import type { Parameters } from "./parameters.ts";

/** The names that stand in a statement; without names they are `1`, `2` and so on. */
export function parametersOf(statement: DuckDBPreparedStatement): readonly string[] {
  return Array.from({ length: statement.parameterCount }, (_, index) => statement.parameterName(index + 1));
}

/** What is wrong with what is given for parameters. */
export interface ParameterProblem {
  readonly message: string;
  readonly hint: string;
}

/** Why a statement cannot be given these; undefined when it can. */
export function parameterProblem(
  wanted: readonly string[],
  parameters: Parameters | undefined,
): ParameterProblem | undefined {
  const isList = Array.isArray(parameters);
  const given = Object.keys(parameters ?? {}).map((name, index) => (isList ? String(index + 1) : name));
  const missing = wanted.find((name) => !given.includes(name));
  if (missing !== undefined) {
    return { message: `There is no parameter ${missing}`, hint: "Give its value under parameters." };
  }
  const unused = given.find((name) => !wanted.includes(name));
  if (unused === undefined) return undefined;
  return { message: `No $${unused} stands in it`, hint: "Leave out the parameter, or use it." };
}
