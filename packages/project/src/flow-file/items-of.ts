import type { JsonSchema } from "@atomic-agents/contracts";

const maxDepth = 20;

/** The JSON Schema of what is in a list that one describes; undefined where that is not known. */
export function itemsOf(document: JsonSchema | undefined): JsonSchema | undefined {
  if (document === undefined) return undefined;
  const found = optionsOf(document, document, maxDepth);
  if (found === undefined || found.length === 0) return undefined;
  const { $defs } = document;
  const [only] = found;
  const items: JsonSchema = found.length === 1 && only !== undefined ? only : { anyOf: found };
  return $defs === undefined ? items : { ...items, $defs };
}

/** What items may be, each a schema; undefined where one of them may be anything. */
function optionsOf(schema: JsonSchema, root: JsonSchema, depth: number): readonly JsonSchema[] | undefined {
  if (depth === 0) return undefined;
  if (schema.$ref !== undefined) {
    const target = definitionAt(schema.$ref, root);
    return target === undefined ? undefined : optionsOf(target, root, depth - 1);
  }
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) {
    const all: JsonSchema[] = [];
    for (const option of options) {
      const found = typeof option === "boolean" ? undefined : optionsOf(option, root, depth - 1);
      if (found === undefined) return undefined;
      all.push(...found);
    }
    return all;
  }
  if (schema.type !== "array") return undefined;
  const { prefixItems = [], items = true } = schema;
  const listed = [...prefixItems, items].filter((item) => item !== false);
  if (listed.some((item) => item === true)) return undefined;
  // Neither true nor false: schemas.
  return listed as readonly JsonSchema[];
}

function definitionAt(reference: string, root: JsonSchema): JsonSchema | undefined {
  const name = /^#\/\$defs\/(?<name>[^/]+)$/.exec(reference)?.groups?.["name"];
  if (name === undefined) return undefined;
  const definition = root.$defs?.[decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~")];
  return typeof definition === "object" ? definition : undefined;
}
