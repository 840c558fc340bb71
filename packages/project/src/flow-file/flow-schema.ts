import { type AnySchema, ContractError, isSchema, type JsonSchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { linearRegExp } from "../expressions/linear-reg-exp.ts";
import { withExactIntegers } from "./exact-integers.ts";
import { readDocument } from "../files/read-document.ts";
import type { TextDocument } from "../files/text-document.ts";
import { isModuleReference } from "../module-reference.ts";
import type { DocumentPath } from "./flow-report.ts";
import { misspeltKeywords } from "./misspelt-keywords.ts";
import type { PlanContext } from "./plan-stage.ts";

/**
 * The schema that a flow file gives its source: a JSON Schema in the file itself, the path of a file that holds one, or
 * an export of a module. Undefined where it is wrong, which is reported.
 */
export async function loadSchema(
  context: PlanContext,
  given: string | Readonly<Record<string, unknown>>,
  path: DocumentPath,
): Promise<AnySchema | undefined> {
  if (typeof given !== "string") return schemaIn(context, context.report.document, given, path);
  if (isModuleReference(given) && !/\.(?:json|ya?ml)$/i.test(given))
    return schemaOfModule(context, given, path);
  return schemaOfFile(context, given, path);
}

async function schemaOfFile(
  context: PlanContext,
  given: string,
  path: DocumentPath,
): Promise<AnySchema | undefined> {
  const { project, report } = context;
  let file: string;
  try {
    file = project.pathOf(given, "schema");
  } catch (thrown) {
    report.thrown(path, thrown, "path");
    return undefined;
  }
  const { document, problems } = await readDocument(file, { directory: project.directory });
  const missing = problems.find(({ code }) => code === "unreadable");
  if (missing !== undefined) {
    const message = `${JSON.stringify(given)}: ${missing.message.charAt(0).toLowerCase()}${missing.message.slice(1)}`;
    report.error(path, { code: "path", message, hint: missing.hint });
    return undefined;
  }
  report.addAll(problems);
  // An object or a boolean, or else it is refused as any faulty schema.
  return document && schemaIn(context, document, document.value as JsonSchema, []);
}

/** @param document where the JSON Schema stands, at `path` */
function schemaIn(
  { report }: PlanContext,
  document: TextDocument,
  given: JsonSchema,
  path: DocumentPath,
): AnySchema | undefined {
  try {
    // As it is first: what is said of it is to be found in the file.
    fromJsonSchema(given, { compile: "now", regExp: linearRegExp });
    for (const { path: way, name, near } of misspeltKeywords(given)) {
      report.warnIn(document, [...path, ...way], {
        code: "unknown-key",
        message: `${JSON.stringify(name)} is no keyword of JSON Schema, and says nothing`,
        hint: `Did you mean ${JSON.stringify(near)}?`,
        of: "key",
      });
    }
    return fromJsonSchema(withExactIntegers(given), { regExp: linearRegExp });
  } catch (thrown) {
    if (!ContractError.isInstance(thrown)) throw thrown;
    const place = [...path, ...keysOfPointer(thrown.path ?? "", given)];
    report.errorIn(document, place, {
      code: "wrong-value",
      message: thrown.message.replace(/\.$/, ""),
      hint: thrown.hint,
    });
    return undefined;
  }
}

async function schemaOfModule(
  { project, report, moduleOptions }: PlanContext,
  given: string,
  path: DocumentPath,
): Promise<AnySchema | undefined> {
  try {
    const found = await project.load(given, moduleOptions);
    if (isSchema(found)) return found;
    report.error(path, {
      code: "load",
      message: `${given} is no schema`,
      hint: "Export a schema of Zod 4, ArkType or Valibot, or one made by fromJsonSchema.",
    });
  } catch (thrown) {
    report.thrown(path, thrown, "load");
  }
  return undefined;
}

/** `#/properties/a~1b/0` as keys into the schema. */
function keysOfPointer(pointer: string, schema: unknown): DocumentPath {
  let here = schema;
  return pointer
    .split("/")
    .slice(1)
    .map((token) => {
      const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
      const key = Array.isArray(here) ? Number(name) : name;
      here = typeof here === "object" && here !== null ? Reflect.get(here, key) : undefined;
      return key;
    });
}
