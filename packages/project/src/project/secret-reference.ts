import type { ProblemParts } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import { isObject } from "../schemas/show.ts";
import type { EnvOfFile, SecretFileOfFile } from "../schemas/project-file.ts";

/** Where a secret is, as a project file says it. */
export type SecretReference = EnvOfFile | SecretFileOfFile;

const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;

/** Whether a value is `{ env: NAME }` or `{ secretFile: path }` and nothing else. */
export function isSecretReference(value: unknown): value is SecretReference {
  if (!isObject(value)) return false;
  const [entry, second] = Object.entries(value);
  if (entry === undefined || second !== undefined) return false;
  const [key, given] = entry;
  if (typeof given !== "string" || given === "") return false;
  return key === "env" ? variableName.test(given) : key === "secretFile";
}

/** All of them in a value, with the ways to them. */
export function secretReferencesIn(
  value: unknown,
  path: TextPath = [],
): readonly { readonly path: TextPath; readonly reference: SecretReference }[] {
  if (isSecretReference(value)) return [{ path, reference: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => secretReferencesIn(item, [...path, index]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, part]) => secretReferencesIn(part, [...path, key]));
}

/** A value with each secret's place filled by what `fill` gives for it. */
export async function withSecrets(
  value: unknown,
  path: TextPath,
  fill: (reference: SecretReference, path: TextPath) => Promise<unknown>,
): Promise<unknown> {
  if (isSecretReference(value)) return fill(value, path);
  if (Array.isArray(value)) {
    return Promise.all(value.map((item, index) => withSecrets(item, [...path, index], fill)));
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(
    async ([key, part]): Promise<[string, unknown]> => [key, await withSecrets(part, [...path, key], fill)],
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** The names in texts such as `${NAME}`, which look as if they were to be filled in, and will not be. */
export function unfilledNamesIn(
  value: unknown,
  path: TextPath = [],
): readonly { readonly path: TextPath; readonly name: string }[] {
  if (typeof value === "string") {
    const name = /\$\{\s*(?<name>[A-Za-z_][A-Za-z0-9_]*)[^}]*\}/.exec(value)?.groups?.["name"];
    return name === undefined ? [] : [{ path, name }];
  }
  if (typeof value !== "object" || value === null) return [];
  const parts: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return parts.flatMap(([key, part]) => unfilledNamesIn(part, [...path, key]));
}

/** What is said of such a name. */
export function unfilled(name: string): ProblemParts {
  return {
    code: "wrong-value",
    message: `Nothing is filled in for \${${name}}: project files hold no templates`,
    hint: `Write { env: ${name} } in place of the whole text.`,
  };
}
