import type { Secret } from "@atomic-agents/core";
import { ProjectError } from "../files/project-error.ts";
import { problemAt, type TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import type { ValueOfFile } from "../schemas/project-file.ts";
import type { PlaceInDocument } from "./project.ts";
import { readSecret, type SecretSources } from "./read-secret.ts";
import { unfilled, unfilledNamesIn, withSecrets } from "./secret-reference.ts";

/** A value of the project's file with a `Secret` wherever one is named. @throws ProjectError */
export type FillSecrets = (value: unknown, path: TextPath) => Promise<unknown>;

/** @throws ProjectError that says what to set */
export async function readValue(
  value: ValueOfFile,
  place: PlaceInDocument,
  sources: SecretSources,
): Promise<Secret | string> {
  if (typeof value !== "string") return readSecret(value, place, sources);
  const [found] = unfilledNamesIn(value);
  if (found === undefined) return value;
  throw new ProjectError([problemAt(place.document, place.path, unfilled(found.name))]);
}

/** Fills in the secrets of a document. */
export function secretsOf(document: TextDocument, sources: SecretSources): FillSecrets {
  return (value, path) =>
    withSecrets(value, path, (reference, at) => readSecret(reference, { document, path: at }, sources));
}
