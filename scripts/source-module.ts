/** What a TypeScript module imports and exports, read with a parser, so that comments and strings are not taken for imports. */
import { parseSync, Visitor } from "oxc-parser";

export interface ModuleImport {
  /** What stands between the quotes. */
  readonly specifier: string;
  readonly line: number;
  /** `import type`, `export type … from` or `import("…")` in a type: gone at run time. */
  readonly typeOnly: boolean;
  /** `import("…")` or `require("…")` as an expression: runs when reached, not when the module loads. */
  readonly lazy: boolean;
}

export interface ModuleExport {
  readonly name: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

export interface SourceModule {
  readonly imports: readonly ModuleImport[];
  /** Named exports, and `default` and `*` under those names. */
  readonly exports: readonly ModuleExport[];
}

/** Reads one module. @throws Error when it does not parse. */
export function readModule(path: string, text: string): SourceModule {
  const { module, program, errors } = parseSync(path, text);
  const syntaxError = errors.find(({ severity }) => severity === "Error");
  if (syntaxError !== undefined) throw new Error(`${path} does not parse: ${syntaxError.message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;

  const imports: ModuleImport[] = module.staticImports.map(({ start, moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    line: lineOf(start),
    typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    lazy: false,
  }));
  const exports: ModuleExport[] = [];
  for (const { start, entries } of module.staticExports) {
    const line = lineOf(start);
    const from = entries.find(({ moduleRequest }) => moduleRequest !== null)?.moduleRequest;
    if (from !== undefined && from !== null) {
      const typeOnly = entries.every(({ isType }) => isType);
      imports.push({ specifier: from.value, line, typeOnly, lazy: false });
    }
    for (const { exportName, importName, isType } of entries) {
      const star = importName.kind === "AllButDefault" || importName.kind === "All";
      const name = star ? "*" : exportName.kind === "Default" ? "default" : (exportName.name ?? "*");
      exports.push({ name, line, typeOnly: isType });
    }
  }
  const found = (literal: unknown, start: number, typeOnly: boolean) => {
    if (typeof literal === "string") {
      imports.push({ specifier: literal, line: lineOf(start), typeOnly, lazy: !typeOnly });
    }
  };
  new Visitor({
    ImportExpression: ({ source, start }) => found(literalOf(source), start, false),
    TSImportType: ({ source, start }) => found(source.value, start, true),
    CallExpression: ({ callee, arguments: [first], start }) => {
      if (callee.type === "Identifier" && callee.name === "require") found(literalOf(first), start, false);
    },
  }).visit(program);
  return { imports, exports };
}

function literalOf(node: { readonly type: string; readonly value?: unknown } | undefined): unknown {
  return node?.type === "Literal" ? node.value : undefined;
}

/** The package that a specifier names: `@scope/name/sub` is of `@scope/name`. */
export function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
