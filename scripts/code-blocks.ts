/**
 * The code of a Markdown document as files. A ```ts block whose first line is `// file: tour.ts` begins a file, and the
 * ```ts blocks after it continue that file, so that a tour can be told in pieces. Every ```ts block is run; what is only
 * to be looked at says so on its fence: ```ts fragment.
 */
export function codeFiles(document: string, markdown: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let current: string | undefined;
  for (const { line, code } of typeScriptBlocks(document, markdown)) {
    const name = /^\/\/ file: (?<name>[\w./-]+\.ts)$/.exec(code[0] ?? "")?.groups?.["name"];
    if (name !== undefined) {
      if (files.has(name))
        throw new Error(`${document}:${line}: begins ${name} a second time; files have one name each`);
      current = name;
      files.set(name, "");
    }
    if (current === undefined) {
      throw new Error(
        `${document}:${line}: code that belongs to no file; begin it with "// file: NAME.ts", or its fence with "ts fragment"`,
      );
    }
    files.set(current, `${files.get(current) ?? ""}${code.join("\n")}\n`);
  }
  return files;
}

interface CodeBlock {
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly code: readonly string[];
}

function typeScriptBlocks(document: string, markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly line: number; readonly info: string; readonly code: string[] } | undefined;
  for (const [index, text] of markdown.split("\n").entries()) {
    const fence = /^```(?<info>.*)$/.exec(text);
    if (fence === null) open?.code.push(text);
    else if (open === undefined)
      open = { line: index + 1, info: (fence.groups?.["info"] ?? "").trim(), code: [] };
    else {
      if (open.info === "ts") blocks.push({ line: open.line, code: open.code });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${document}:${open.line}: the code block is never closed`);
  return blocks;
}
