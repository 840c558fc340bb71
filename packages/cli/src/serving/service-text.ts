import type { AnyAgent } from "@atomic-agents/core";
import { shellWord } from "../output/shell-word.ts";

/** What is told of a service that has begun. */
export interface ServiceFacts {
  readonly url: string;
  readonly agents: readonly AnyAgent[];
  readonly hasTokens: boolean;
  /** An input that the first agent takes; undefined where none was found. */
  readonly example: unknown;
  readonly json: boolean;
}

/** Where a service is and what to try, for people; or one line for programs. */
export function serviceText({ url, agents, hasTokens, example, json }: ServiceFacts): string {
  const placesAt = (base: string) =>
    agents.map(({ name }) => ({ name, url: agentUrl(base, name, agents.length) }));
  if (json) {
    const documents = { docs: `${url}/docs`, openapi: `${url}/openapi.json` };
    return `${JSON.stringify({ url, pid: process.pid, agents: placesAt(url), ...documents })}\n`;
  }
  const near = onThisComputer(url);
  const everywhere = near === url ? "" : ", which is every address of this computer";
  const places = placesAt(near);
  const [first] = places;
  const width = Math.max(...places.map(({ name }) => name.length));
  const listed = places.map((place) => `  ${place.name.padEnd(width)}  ${place.url}\n`).join("");
  const token = hasTokens ? ", with a token in ATOMIC_TOKEN" : "";
  const asked = first === undefined ? "" : `\nTry${token}\n  ${curlLine(first.url, example, hasTokens)}\n`;
  return `Serving at ${url}${everywhere}\n${listed}\nDocumentation, to be tried in a browser\n  ${near}/docs\n${asked}`;
}

/** Of every address that a computer has, the one by which programs on it reach it anywhere. */
function onThisComputer(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

/** A single agent is at the root, too. */
function agentUrl(url: string, name: string, count: number): string {
  return count === 1 ? url : `${url}/agents/${encodeURIComponent(name)}`;
}

function curlLine(url: string, example: unknown, hasTokens: boolean): string {
  // The token is a variable in it: it is to stand in nobody's history.
  const token = hasTokens ? ` -H "authorization: Bearer $ATOMIC_TOKEN"` : "";
  if (example === undefined) return `curl ${shellWord(`${url}/interface`)}${token}`;
  const body = shellWord(JSON.stringify({ input: example }));
  return `curl ${shellWord(`${url}/execute`)} -H 'content-type: application/json'${token} -d ${body}`;
}
