import type { Io } from "../json-schema.ts";
import type { AnySchema } from "../schema.ts";
import { type ArkNode, arkNodeOf, arkParts } from "../vendors/arktype-nodes.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";
import { type JsonProblem, reasonForValue } from "./problem.ts";

function protoReason(proto: unknown): string | undefined {
  if (proto === Array || proto === Object) return undefined;
  const name = typeof proto === "function" && proto.name !== "" ? proto.name : "class without a name";
  return name === "Function" ? "a function is not JSON" : `a ${name} is not JSON`;
}

function reasonOf(node: ArkNode): string | undefined {
  const { inner, kind } = node;
  if (kind === "unit") return reasonForValue(inner["unit"]);
  if (kind === "proto") return protoReason(inner["proto"]);
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

function isUndefined(node: ArkNode): boolean {
  return node.kind === "unit" && node.inner["unit"] === undefined;
}

/** What a morph results in, where that is known: the type it was last piped into, or that its author declared. */
function resultOf(morph: ArkNode): ArkNode | undefined {
  return arkNodeOf(morph.inner["declaredOut"]) ?? arkNodeOf(asArray(morph.inner["morphs"]).at(-1));
}

/** Which parts of an ArkType type are not JSON, each node looked at once. */
export function arktypeProblems(schema: AnySchema, io: Io): readonly JsonProblem[] {
  const problems: JsonProblem[] = [];
  const seen = new Set<object>();
  const visit = (node: ArkNode, path: string, mayBeAbsent: boolean): void => {
    // A key that may be left out may as well be undefined: in JSON it is absent either way.
    if (mayBeAbsent && isUndefined(node)) return;
    if (seen.has(node.key)) return;
    seen.add(node.key);
    if (node.kind === "morph") {
      const side = io === "input" ? arkNodeOf(node.inner["in"]) : resultOf(node);
      if (side !== undefined) visit(side, path, mayBeAbsent);
      else if (io === "output")
        problems.push({ path, reason: "the result of a morph is not known to be JSON" });
      return;
    }
    const reason = reasonOf(node);
    if (reason !== undefined) problems.push({ path, reason });
    else {
      for (const part of arkParts(node, path)) {
        visit(part.node, part.path, part.isOptional || (mayBeAbsent && node.kind === "union"));
      }
    }
  };
  const root = arkNodeOf(asObject(schema));
  if (root !== undefined) visit(root, "", false);
  return problems;
}
