import { aboutLoading, loadError } from "./load-error.ts";
import { listOf, loadModule, type LoadOptions } from "./load-module.ts";

/**
 * What a module exports, whatever it is: `./module.ts#export`. Without `#export` it is the default export, or else the
 * only one. The module is imported as by `loadAgent`.
 *
 * @param what what is looked for, for messages: `a schema`
 * @throws AtomicError `CONFIG` that names the module and what is wrong; `CANCELLED` when `signal` aborts
 */
export async function loadExport(
  reference: string,
  options: LoadOptions = {},
  what = "a value",
): Promise<unknown> {
  try {
    const { wanted, exports } = await loadModule(reference, options);
    const { path, exportName } = wanted;
    if (exportName !== undefined) return exports[exportName];
    if (exports["default"] !== undefined) return exports["default"];
    const names = Object.keys(exports);
    const [only] = names;
    if (names.length === 1 && only !== undefined) return exports[only];
    throw loadError(reference, `it has no default export; ${listOf("it exports", names)}`, {
      expected: "a default export, or the name of another",
      got: names.length === 0 ? "no export" : `exports ${names.join(", ")}`,
      hint: names.length === 0 ? undefined : `Name one, such as ${path}#${names[0]}.`,
    });
  } catch (error) {
    throw aboutLoading(what, reference, error);
  }
}
