import type { Io } from "../json-schema.ts";
import type { AnySchema } from "../schema.ts";
import { type ArkNode, arkNodeOf, arkParts } from "../vendors/arktype-nodes.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";
import { type JsonProblem, problemOfClass, reasonForValue, unsure } from "./problem.ts";

function reasonOf({ inner, kind }: ArkNode): string | undefined {
  if (kind === "unit") return reasonForValue(inner["unit"]);
  if (kind === "domain") {
    const domain = inner["domain"];
    return domain === "bigint" || domain === "symbol" ? `a ${domain} is not JSON` : undefined;
  }
  const structure = arkNodeOf(inner["structure"])?.inner;
  const keyed = [...asArray(structure?.["required"]), ...asArray(structure?.["optional"])];
  return keyed.some((entry) => typeof arkNodeOf(entry)?.inner["key"] === "symbol")
    ? "a symbol as a key is not JSON"
    : undefined;
}

/** Arrays are of a class, too, and in ArkType nothing else that is JSON. */
function problemOf(node: ArkNode, path: string): JsonProblem | undefined {
  const { inner, kind } = node;
  if (kind === "proto") {
    const ofClass = inner["proto"];
    return ofClass === Array || ofClass === Object ? undefined : problemOfClass(path, ofClass);
  }
  const reason = reasonOf(node);
  return reason === undefined ? undefined : { path, reason };
}

function isUndefined(node: ArkNode): boolean {
  return node.kind === "unit" && node.inner["unit"] === undefined;
}

/** What a morph results in, where that is known: the type it was last piped into, or that its author declared. */
function resultOf(morph: ArkNode): ArkNode | undefined {
  return arkNodeOf(morph.inner["declaredOut"]) ?? arkNodeOf(asArray(morph.inner["morphs"]).at(-1));
}

/** Which parts of an ArkType type are not JSON, or not known to be, each node looked at once. */
export function arktypeProblems(schema: AnySchema, io: Io): readonly JsonProblem[] {
  const problems: JsonProblem[] = [];
  const seen = new Set<object>();
  const seenInDoubt = new Set<object>();
  const visit = (node: ArkNode, path: string, mayBeAbsent: boolean, isOption: boolean): void => {
    // A key that may be left out may as well be undefined: in JSON it is absent either way.
    if (mayBeAbsent && isUndefined(node)) return;
    // What may be undefined need not be. ArkType has one node for all that is.
    const isInDoubt = isOption && isUndefined(node);
    const before = isInDoubt ? seenInDoubt : seen;
    if (before.has(node.key)) return;
    before.add(node.key);
    if (node.kind === "morph") {
      const side = io === "input" ? arkNodeOf(node.inner["in"]) : resultOf(node);
      if (side !== undefined) visit(side, path, mayBeAbsent, isOption);
      else if (io === "output")
        problems.push(unsure({ path, reason: "the result of a morph is not known to be JSON" }));
      return;
    }
    const problem = problemOf(node, path);
    if (problem !== undefined) {
      problems.push(isInDoubt ? unsure(problem) : problem);
      return;
    }
    const isUnion = node.kind === "union";
    for (const part of arkParts(node, path)) {
      visit(part.node, part.path, part.isOptional || (mayBeAbsent && isUnion), isUnion);
    }
  };
  const root = arkNodeOf(asObject(schema));
  if (root !== undefined) visit(root, "", false, false);
  return problems;
}
