import { joinKey } from "../path.ts";
import { asArray, asObject, type VendorObject } from "./vendor-object.ts";

/** What is read of an ArkType node: the kind and what it was made of. A `Type` is a node of a root kind. */
export interface ArkNode {
  readonly key: object;
  readonly kind: string;
  readonly inner: VendorObject;
  readonly node: VendorObject;
}

/** A node inside another. */
export interface ArkPart {
  readonly node: ArkNode;
  readonly path: string;
  /** True for the value of a key that may be absent. */
  readonly isOptional: boolean;
}

/** Reads an ArkType node; `undefined` for anything else. */
export function arkNodeOf(value: unknown): ArkNode | undefined {
  const node = asObject(value);
  const inner = asObject(node?.["inner"]);
  const kind = node?.["kind"];
  if (node === undefined || inner === undefined || typeof kind !== "string") return;
  return { key: node, kind, inner, node };
}

function keyedParts(value: unknown, path: string, isOptional: boolean): readonly ArkPart[] {
  return asArray(value).flatMap((entry) => {
    const inner = arkNodeOf(entry)?.inner;
    const node = arkNodeOf(inner?.["value"]);
    return node === undefined ? [] : [{ node, path: joinKey(path, inner?.["key"]), isOptional }];
  });
}

/** `path` as a function of the position; elements of a tuple with defaults are pairs of node and default. */
function listedParts(value: unknown, at: (index: number) => string, isOptional: boolean): readonly ArkPart[] {
  return asArray(value).flatMap((entry, index) => {
    const node = arkNodeOf(Array.isArray(entry) ? entry[0] : entry);
    return node === undefined ? [] : [{ node, path: at(index), isOptional }];
  });
}

/** The parts of an array or a tuple. */
function sequenceParts(sequence: ArkNode, path: string): readonly ArkPart[] {
  const { inner } = sequence;
  const prefix = asArray(inner["prefix"]).length;
  const defaultables = prefix + asArray(inner["defaultables"]).length;
  return [
    ...listedParts(inner["prefix"], (index) => `${path}[${index}]`, false),
    ...listedParts(inner["defaultables"], (index) => `${path}[${prefix + index}]`, true),
    ...listedParts(inner["optionals"], (index) => `${path}[${defaultables + index}]`, true),
    ...listedParts([inner["variadic"]], () => `${path}[]`, false),
    ...listedParts(inner["postfix"], () => `${path}[]`, false),
  ];
}

function structureParts(structure: ArkNode, path: string): readonly ArkPart[] {
  const { inner } = structure;
  const sequence = arkNodeOf(inner["sequence"]);
  const index = asArray(inner["index"]).flatMap((entry) => {
    const pair = arkNodeOf(entry)?.inner;
    const dot = path === "" ? "" : ".";
    return [
      ...listedParts([pair?.["signature"]], () => `${path}${dot}(key)`, false),
      ...listedParts([pair?.["value"]], () => `${path}${dot}*`, false),
    ];
  });
  return [
    ...keyedParts(inner["required"], path, false),
    ...keyedParts(inner["optional"], path, true),
    ...index,
    ...(sequence === undefined ? [] : sequenceParts(sequence, path)),
  ];
}

/**
 * The types directly inside one. A morph has those it starts from and, where it is piped into types, those; what a
 * function among its morphs gives is not known.
 */
export function arkParts(node: ArkNode, path: string): readonly ArkPart[] {
  const same = (value: unknown) => listedParts(value, () => path, false);
  switch (node.kind) {
    case "union":
      return listedParts(node.inner["branches"], (index) => `${path}|${index}`, false);
    case "morph":
      return [...same([node.inner["in"]]), ...same(node.inner["morphs"])];
    case "alias":
      return same([node.node["resolution"]]);
    case "intersection": {
      const structure = arkNodeOf(node.inner["structure"]);
      return [
        ...same([node.inner["domain"] ?? node.inner["proto"]]),
        ...(structure === undefined ? [] : structureParts(structure, path)),
      ];
    }
    default:
      return [];
  }
}
