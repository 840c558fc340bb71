import { documentOf, type TextDocument } from "../files/text-document.ts";
import { childOf, nodeAt, objectNode, type TextEntry, type TextNode } from "../files/text-node.ts";

/**
 * The document with a profile laid over it: objects key by key, lists and single values in place of what was there.
 * Every part still knows where it is written.
 */
export function applyProfile(document: TextDocument, profile: string): TextDocument {
  const root = document["~node"];
  const overlay = nodeAt(root, ["profiles", profile]);
  if (overlay?.entries === undefined) return document;
  const entries = new Map(root.entries);
  for (const [key, entry] of overlay.entries) {
    entries.set(key, mergedEntry(entries.get(key), entry, sectionMergers.get(key) ?? merge));
  }
  const { file, path, format, "~text": text } = document;
  return documentOf({ file, path, format, text, node: objectNode(entries, root.start, root.end) });
}

type Merger = (base: TextNode, overlay: TextNode) => TextNode;

const eachBy =
  (mergeMember: Merger): Merger =>
  (base, overlay) =>
    mergeObjects(base, overlay, mergeMember);

/** How the members of a section are merged, where that is not key by key. */
const sectionMergers: ReadonlyMap<string, Merger> = new Map([
  ["agents", eachBy((base, overlay) => merge(longForm(base), longForm(overlay)))],
  ["resources", eachBy(mergeResources)],
]);

function mergeObjects(base: TextNode, overlay: TextNode, mergeMember: Merger): TextNode {
  if (base.entries === undefined || overlay.entries === undefined) return overlay;
  const entries = new Map(base.entries);
  for (const [key, entry] of overlay.entries)
    entries.set(key, mergedEntry(entries.get(key), entry, mergeMember));
  return objectNode(entries, base.start, base.end);
}

/** What is in both has the place where it is written last. */
function mergedEntry(base: TextEntry | undefined, overlay: TextEntry, mergeMember: Merger): TextEntry {
  return base === undefined ? overlay : { ...overlay, node: mergeMember(base.node, overlay.node) };
}

function merge(base: TextNode, overlay: TextNode): TextNode {
  if (isReference(base) || isReference(overlay)) return overlay;
  return mergeObjects(base, overlay, merge);
}

/** A resource of another type is another resource. */
function mergeResources(base: TextNode, overlay: TextNode): TextNode {
  const type = childOf(overlay, "type")?.value;
  return type !== undefined && type !== childOf(base, "type")?.value ? overlay : merge(base, overlay);
}

/** Where a secret is: the one in place of the other, never both. */
function isReference({ entries }: TextNode): boolean {
  return entries?.size === 1 && (entries.has("env") || entries.has("secretFile"));
}

/** `./a.ts#a` is short for `{ use: ./a.ts#a }`. */
function longForm(node: TextNode): TextNode {
  if (typeof node.value !== "string") return node;
  const entry: TextEntry = { keyStart: node.start, keyEnd: node.start, node };
  return objectNode(new Map([["use", entry]]), node.start, node.end);
}
