import type { AnySchema } from "../schema.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";
import { type ArkNode, arkNodeOf, arkParts } from "../vendors/arktype-nodes.ts";
import { type Analysis, Notes } from "./trait.ts";

/** Kinds a type may be of. */
const kinds: ReadonlySet<string> = new Set([
  "alias",
  "union",
  "morph",
  "unit",
  "intersection",
  "proto",
  "domain",
]);

/** What an intersection may be made of, besides predicates: these always answer the same. */
const pureConstraints: ReadonlySet<string> = new Set([
  "domain",
  "proto",
  "structure",
  "predicate",
  "pattern",
  "divisor",
  "exactLength",
  "max",
  "min",
  "maxLength",
  "minLength",
  "before",
  "after",
]);

function noteIntersection(node: ArkNode, path: string, notes: Notes): void {
  for (const name of Object.keys(node.inner)) {
    if (!pureConstraints.has(name)) notes.addUnknown(path, name);
  }
  for (const entry of asArray(node.inner["predicate"])) {
    const predicate = arkNodeOf(entry)?.inner["predicate"];
    const name = typeof predicate === "function" ? predicate.name : "";
    notes.addOpaque(path, name === "" ? "narrow" : `narrow ${name}`);
  }
  for (const entry of asArray(node.inner["pattern"])) {
    const flags = arkNodeOf(entry)?.inner["flags"];
    if (typeof flags !== "string" || !/[gimsy]/.test(flags)) continue;
    // Such an expression remembers where it stopped, and answers differently the next time.
    if (/[gy]/.test(flags)) notes.mayDiffer = true;
    notes.addHidden(path, `regex flags ${flags}`);
  }

  const structure = arkNodeOf(node.inner["structure"])?.inner;
  if (structure?.["undeclared"] === "delete") notes.addTransform(path, "undeclared delete");
  for (const entry of asArray(structure?.["optional"])) {
    const inner = arkNodeOf(entry)?.inner;
    if (inner !== undefined && "default" in inner)
      notes.addTransform(path, `default ${String(inner["key"])}`);
  }
  if (asArray(arkNodeOf(structure?.["sequence"])?.inner["defaultables"]).length > 0) {
    notes.addTransform(path, "default");
  }
}

function visit(node: ArkNode, path: string, notes: Notes): void {
  if (notes.seen.has(node.key)) return;
  notes.seen.add(node.key);
  if (!kinds.has(node.kind)) notes.addUnknown(path, node.kind);
  if (node.kind === "morph") notes.addTransform(path, "morph");
  if (node.kind === "intersection") noteIntersection(node, path, notes);
  for (const part of arkParts(node, path)) visit(part.node, part.path, notes);
}

/** What is known of an ArkType type, or `undefined` where it is none. */
export function analyzeArktype(schema: AnySchema): Analysis | undefined {
  const root = arkNodeOf(asObject(schema));
  if (root === undefined) return;
  const notes = new Notes();
  visit(root, "", notes);
  return {
    vendor: "arktype",
    opaqueChecks: notes.opaqueChecks,
    transforms: notes.transforms,
    // Without morphs, ArkType hands on the very value it was given.
    parseIsIdempotent: !notes.mayDiffer,
    keepsReference: !notes.mayDiffer,
  };
}
