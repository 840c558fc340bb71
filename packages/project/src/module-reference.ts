import { loadError } from "./load-error.ts";

/** Where an agent is to be found: a file, and the name under which it is exported. */
export interface ModuleReference {
  /** As it was written. */
  readonly path: string;
  /** Undefined when the module shall say: its default export, or its only agent. */
  readonly exportName: string | undefined;
}

/** Ends of the names of files that Node.js imports as modules with code. */
export const moduleExtensions = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"] as const;

const hasExtension = (text: string) => moduleExtensions.some((extension) => text.endsWith(extension));

/** Says whether a text names a module rather than a built-in agent, whose names have neither slash nor dot. */
export function isModuleReference(text: string): boolean {
  return /[/\\#:]/.test(text) || text.startsWith(".") || hasExtension(text);
}

/**
 * Takes `./module.ts#export` apart. What stands after the last `#` is the export.
 *
 * @throws AtomicError `CONFIG` for what is no path to a module: an address, a built-in of Node.js, another extension
 */
export function parseModuleReference(reference: string): ModuleReference {
  const expected = "a path such as ./agents.ts#myAgent";
  // One letter and a colon is a drive on Windows.
  const scheme = /^(?<name>[a-z][a-z0-9+.-]+):/i.exec(reference)?.groups?.["name"];
  if (scheme !== undefined) {
    throw loadError(reference, `"${scheme}:" references are refused; only files are loaded`, {
      expected,
      got: `a "${scheme}:" reference`,
      hint: "Give the path of a file, relative to the current folder.",
    });
  }
  if (reference.includes("\0")) {
    throw loadError(reference, "a path cannot hold the character NUL", { expected, got: "a NUL character" });
  }
  const at = reference.lastIndexOf("#");
  const path = at < 0 ? reference : reference.slice(0, at);
  const exportName = at < 0 ? undefined : reference.slice(at + 1);
  if (path === "") {
    throw loadError(reference, "it has no path", { expected, got: "an empty path" });
  }
  if (exportName === "") {
    throw loadError(reference, 'nothing stands after the "#"', {
      expected,
      got: 'an empty name after "#"',
      hint: 'Leave out the "#" when the module has a default export or only one agent.',
    });
  }
  return { path, exportName };
}
