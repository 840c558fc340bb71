/** A value as it stands in a text. */
export interface TextNode {
  /** JSON, frozen. */
  readonly value: unknown;
  /** Offset of its first unit; of an alias, where the alias stands. */
  readonly start: number;
  /** Offset after its last unit; equal to `start` where nothing is written. */
  readonly end: number;
  /** Of an object, in the order of the text. */
  readonly entries?: ReadonlyMap<string, TextEntry>;
  /** Of a list. */
  readonly items?: readonly TextNode[];
  /** How many values there are in it, itself included, each alias counted as what it stands for. */
  readonly size: number;
  /** How many levels of objects and lists there are in it. */
  readonly height: number;
}

/** A key of an object with its value. */
export interface TextEntry {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly node: TextNode;
}

export type TextPath = readonly (string | number)[];

export function scalarNode(value: unknown, start: number, end: number): TextNode {
  return { value, start, end, size: 1, height: 0 };
}

export function listNode(items: readonly TextNode[], start: number, end: number): TextNode {
  const value = Object.freeze(items.map((item) => item.value));
  return { value, start, end, items, ...measure(items) };
}

export function objectNode(entries: ReadonlyMap<string, TextEntry>, start: number, end: number): TextNode {
  const nodes = [...entries.values()].map(({ node }) => node);
  const value = Object.freeze(Object.fromEntries([...entries].map(([key, { node }]) => [key, node.value])));
  return { value, start, end, entries, ...measure(nodes) };
}

function measure(nodes: readonly TextNode[]): { readonly size: number; readonly height: number } {
  let size = 1;
  let height = 0;
  for (const node of nodes) {
    size += node.size;
    height = Math.max(height, node.height);
  }
  return { size, height: height + 1 };
}

/** What stands at a path; undefined when nothing does. */
export function nodeAt(root: TextNode, path: TextPath): TextNode | undefined {
  let node: TextNode | undefined = root;
  for (const step of path) node = childOf(node, step);
  return node;
}

export function childOf(node: TextNode | undefined, step: string | number): TextNode | undefined {
  if (typeof step === "number") return node?.items?.[step];
  return node?.entries?.get(step)?.node;
}
