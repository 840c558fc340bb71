import { isIP } from "node:net";
import { AtomicError, configError } from "@atomic-agents/core";
import { shownHeader } from "../problem/shown-header.ts";
import type { Check } from "../server/service.ts";
import { isLoopback } from "./is-loopback.ts";

/** From where a service may be asked. */
export interface GuardOptions {
  /** Where the service listens. */
  readonly host: string;
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
}

const hostForm =
  /^(?:\[(?<address>[\da-f:.]{2,45})\]|(?<name>[a-z\d_](?:[a-z\d._-]{0,252}[a-z\d_])?)\.?)(?::\d{1,5})?$/i;
const allowedForm = /^(?:\*|(?:\*\.)?[a-z\d_](?:[a-z\d._-]{0,252}[a-z\d_])?|[\da-f:.]{2,45})$/i;

/** How many `Host` headers are remembered as good. */
const maxKnown = 100;

/**
 * Refuses requests that a browser was led to send: those whose `Host` is no name of this service, since whoever owns that
 * name may have it point here and read the answers, and those whose `Origin` is another page.
 *
 * Good hosts are `localhost` and the loopback addresses, the host where the service listens, those of `allowedHosts`, and
 * where the service listens for others any address written in digits, which nobody can have point elsewhere. Ports do
 * not matter: they differ behind a tunnel. Good origins are the host itself and those of `allowedOrigins`.
 *
 * @throws AtomicError `CONFIG` for hosts and origins that make no sense
 */
export function guardCheck(options: GuardOptions): Check {
  const isGoodHost = hostTest(options);
  const origins = originsOf(options);
  const known = new Set<string>();
  return (call) => {
    const { headers } = call.incoming;
    const { host = "" } = headers;
    if (!known.has(host)) {
      if (!isGoodHost(host)) return refused("Host", host);
      if (known.size < maxKnown) known.add(host);
    }
    const { origin } = headers;
    if (origin === undefined || isOwnOrigin(origin, host) || origins.has(origin)) return undefined;
    return refused("Origin", origin);
  };
}

/** What comes from the page of a service itself: of the same host and port. */
function isOwnOrigin(origin: string, host: string): boolean {
  const lower = origin.toLowerCase();
  return lower === `http://${host.toLowerCase()}` || lower === `https://${host.toLowerCase()}`;
}

/** What allows what a header names. */
const allowing = {
  Host: ["allowedHosts", "--allowed-host"],
  Origin: ["allowedOrigins", "--allowed-origin"],
} as const;

function refused(header: "Host" | "Origin", value: string): AtomicError<"FORBIDDEN"> {
  const message = `The request's ${header} header names what this service does not allow: ${shownHeader(value)}`;
  const [option, flag] = allowing[header];
  return new AtomicError("FORBIDDEN", message, {
    details: { needs: header.toLowerCase() },
    hint: `Whoever runs the service can allow it: ${flag} of atomic serve, ${option} of serve.`,
  });
}

function hostTest({ host, allowedHosts = [] }: GuardOptions): (header: string) => boolean {
  const names = checkedTexts("allowedHosts", allowedHosts, (one) => {
    return allowedForm.test(one) && (isIP(one) !== 0 || !one.includes(":"));
  }).map((name) => name.toLowerCase());
  const good = new Set([...names, host.toLowerCase()]);
  const endings = names.filter((name) => name.startsWith("*.")).map((name) => name.slice(1));
  const isForOthers = !isLoopback(host);
  return (header) => {
    const { address, name } = hostForm.exec(header)?.groups ?? {};
    const asked = (address ?? name)?.toLowerCase();
    if (asked === undefined || (address !== undefined && isIP(address) !== 6)) return false;
    if (isLoopback(asked) || good.has(asked) || good.has("*")) return true;
    return (isForOthers && isIP(asked) !== 0) || endings.some((ending) => asked.endsWith(ending));
  };
}

function originsOf({ allowedOrigins = [] }: GuardOptions): ReadonlySet<string> {
  return new Set(checkedTexts("allowedOrigins", allowedOrigins, isOrigin));
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function checkedTexts(
  path: "allowedHosts" | "allowedOrigins",
  given: unknown,
  isGood: (text: string) => boolean,
): readonly string[] {
  if (!Array.isArray(given)) throw configError("serve", path, "an array of texts", given);
  const all: readonly unknown[] = given;
  return all.map((one, index) => {
    if (typeof one === "string" && isGood(one)) return one;
    const expected =
      path === "allowedHosts"
        ? "a host without port, such as api.example.com or *.example.com, or * for any"
        : "an origin, such as https://app.example.com";
    throw configError("serve", `${path}[${index}]`, expected, one);
  });
}
