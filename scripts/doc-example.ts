/** Finds the examples in doc blocks and makes programs of them; `doc-examples.ts` runs them. */
import { parseSync } from "oxc-parser";
import { readModule } from "./source-module.ts";
import { sourceEntries, type Workspace, type WorkspacePackage } from "./workspace.ts";

export interface DocExample {
  /** File name for the program. */
  readonly name: string;
  /** Where the example stands: `packages/core/src/run.ts:12`. */
  readonly place: string;
  readonly program: string;
}

/** The examples that say what they print. */
export function docExamples(workspace: Workspace): readonly DocExample[] {
  return workspace.packages.flatMap((package_) => {
    const importable = importableNames(workspace, package_);
    // The programs lie in out/doc-examples/<package>/.
    const sources = `../../../packages/${package_.folder}`;
    return [...package_.sources]
      .filter(([path]) => !/\.(test|test-d|bench)\.ts$/.test(path))
      .flatMap(([path, text]) =>
        exampleBlocks(path, text).map(({ line, code }) => {
          const place = `packages/${package_.folder}/${path}:${line}`;
          const name = `${package_.folder}/${path
            .replace(/^src\//, "")
            .replace(/\.ts$/, "")
            .replaceAll("/", "-")}-${line}.ts`;
          return {
            name,
            place,
            program: toProgram(
              place,
              code,
              new Map([...ownNames(`${sources}/${path}`, text), ...importable]),
            ),
          };
        }),
      );
  });
}

interface ExampleBlock {
  readonly line: number;
  readonly code: string;
}

function exampleBlocks(path: string, text: string): readonly ExampleBlock[] {
  return parseSync(path, text).comments.flatMap(({ type, value, start }) => {
    if (type !== "Block" || !value.startsWith("*")) return [];
    const lines = value.split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
    const firstLine = text.slice(0, start).split("\n").length;
    const blocks: ExampleBlock[] = [];
    for (let at = lines.indexOf("@example"); at >= 0; at = lines.indexOf("@example", at + 1)) {
      const open = lines.indexOf("```ts", at);
      const close = lines.indexOf("```", open);
      if (open < 0 || close < 0)
        throw new Error(`${path}:${firstLine + at}: an @example without a block of \`\`\`ts`);
      const code = lines.slice(open + 1, close).join("\n");
      if (code.includes("// =>")) blocks.push({ line: firstLine + at, code });
    }
    return blocks;
  });
}

/** Adds the imports that the example leaves out, and prints the values that it shows unless it prints by itself. */
function toProgram(place: string, code: string, importable: ReadonlyMap<string, string>): string {
  const { program, module, errors } = parseSync(`${place}.ts`, code);
  const error = errors[0];
  if (error !== undefined) throw new Error(`${place}: the example does not parse: ${error.message}`);
  let printing = code;
  for (const { type, start, end } of code.includes("console.log(") ? [] : program.body.toReversed()) {
    const restOfLine = code.slice(end).split("\n", 1)[0] ?? "";
    if (type !== "ExpressionStatement" || !restOfLine.includes("// =>")) continue;
    const shown = `console.log("%O", ${code.slice(start, end).replace(/;$/, "")});`;
    printing = printing.slice(0, start) + shown + printing.slice(end);
  }
  const imported = new Set(
    module.staticImports.flatMap(({ entries }) => entries.map(({ localName }) => localName.value)),
  );
  const declared = (name: string) =>
    imported.has(name) || new RegExp(`\\b(const|let|function|class|interface|type) ${name}\\b`).test(code);
  const missing = [...importable].filter(
    ([name]) => new RegExp(`(?<![.\\w])${name}\\b`).test(code) && !declared(name),
  );
  return [...missing.map(([, statement]) => statement), printing, "export {};", ""].join("\n");
}

/** What the file of an example exports, for examples of what is not public. */
function ownNames(path: string, text: string): ReadonlyMap<string, string> {
  return new Map(
    readModule(path, text).exports.map(({ name, typeOnly }) => [name, importOf(name, typeOnly, path)]),
  );
}

function importOf(name: string, typeOnly: boolean, specifier: string): string {
  return `import { ${typeOnly ? "type " : ""}${name} } from "${specifier}";`;
}

/** Name → import statement, for all that an example may use without importing it; its own package comes first. */
function importableNames({ packages }: Workspace, own: WorkspacePackage): ReadonlyMap<string, string> {
  const names = new Map([["z", 'import * as z from "zod";']]);
  const near = packages.filter(({ folder }) => ["core", "contracts"].includes(folder));
  for (const { manifest, sources } of [own, ...near]) {
    for (const [path, source] of sourceEntries(manifest)) {
      const specifier = manifest.name + path.slice(1);
      for (const { name, typeOnly } of readModule(source, sources.get(source) ?? "").exports) {
        if (!names.has(name)) names.set(name, importOf(name, typeOnly, specifier));
      }
    }
  }
  for (const name of ["clean", "countWords", "classify"]) {
    if (!names.has(name)) names.set(name, importOf(name, false, "../../../scripts/doc-agents.ts"));
  }
  return names;
}
