import { Secret } from "@atomic-agents/core";
import { constants, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { type ProblemParts, problemAt } from "../files/text-document.ts";
import { ProjectError } from "../files/project-error.ts";
import type { PlaceInDocument } from "./project.ts";
import type { SecretReference } from "./secret-reference.ts";

/** What secrets are read from. */
export interface SecretSources {
  /** What paths of secret files are relative to. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const maxBytes = 65_536;

/**
 * What a secret's place holds.
 *
 * @throws ProjectError that says what to set; never the value
 */
export async function readSecret(
  reference: SecretReference,
  place: PlaceInDocument,
  sources: SecretSources,
): Promise<Secret> {
  const problem = missingSecret(reference, sources);
  if (problem !== undefined) throw failure(problem, place);
  if ("env" in reference) {
    // Looked at above.
    return new Secret(sources.environment[reference.env] ?? "", reference.env);
  }
  const path = resolve(sources.directory, reference.secretFile);
  let text: string;
  try {
    // Opened without waiting, should it be a pipe that nobody writes to.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(await handle.readFile());
    } finally {
      await handle.close();
    }
  } catch (error) {
    const isText = error instanceof TypeError;
    throw failure(
      unreadable(reference.secretFile, isText ? "it is not UTF-8" : "it cannot be opened"),
      place,
      error,
    );
  }
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw failure(unreadable(reference.secretFile, "it is empty"), place);
  return new Secret(value, labelOf(reference.secretFile, value));
}

/** What is wrong with a secret's place, as far as can be told without reading it. */
export function missingSecret(reference: SecretReference, sources: SecretSources): ProblemParts | undefined {
  if ("env" in reference) {
    const value = sources.environment[reference.env];
    if (value !== undefined && value !== "") return undefined;
    return {
      code: "secret",
      message: `The environment variable ${reference.env} is ${value === undefined ? "not set" : "empty"}`,
      hint: `Set it before the command: ${reference.env}=… atomic …`,
    };
  }
  const { secretFile } = reference;
  const stats = secretFile.includes("\0")
    ? undefined
    : statSync(resolve(sources.directory, secretFile), { throwIfNoEntry: false });
  if (stats === undefined) return unreadable(secretFile, "it is not there");
  if (!stats.isFile()) return unreadable(secretFile, "it is no ordinary file");
  if (stats.size > maxBytes) return unreadable(secretFile, `it is longer than ${maxBytes} bytes`);
  return undefined;
}

function unreadable(secretFile: string, why: string): ProblemParts {
  return {
    code: "secret",
    message: `The secret file ${JSON.stringify(secretFile)} cannot be used: ${why}`,
    hint: "It holds the secret and nothing else, and is readable by whoever runs the command.",
  };
}

function failure(parts: ProblemParts, { document, path }: PlaceInDocument, cause?: unknown): ProjectError {
  return new ProjectError([problemAt(document, path, parts)], cause);
}

/** A name for the secret that does not tell it. */
function labelOf(path: string, value: string): string | undefined {
  return path.includes(value) || path.length > 100 ? undefined : path;
}
