import { configError } from "@atomic-agents/core";
import { shownUrl } from "./connection-error.ts";

/** Where a service, or an agent of one, is. */
export interface Endpoint {
  /** `http://host:port`. */
  readonly origin: string;
  /** What comes before `/execute`: nothing, or a path without a slash at its end. */
  readonly basePath: string;
  /** The two together. */
  readonly url: string;
}

/** @throws AtomicError `CONFIG` for what is no address of a service */
export function endpointOf(what: string, given: unknown): Endpoint {
  const text = given instanceof URL ? given.href : given;
  const expected = "an address such as http://127.0.0.1:3000";
  if (typeof text !== "string") throw configError(what, "url", expected, text);
  // An address that holds a secret is not repeated in a message.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") throw notHttp(what, expected, text);
  if (url.username !== "" || url.password !== "") {
    throw configError(
      what,
      "url",
      "an address without credentials",
      url.host,
      "Give the token as an option.",
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw configError(what, "url", "an address without ? and #", shownUrl(url.href));
  }
  return endpoint(url.origin, url.pathname.replace(/\/+$/, ""));
}

function notHttp(what: string, expected: string, text: string): Error {
  const [, scheme] = /^([a-z][a-z\d+.-]*):\/\//i.exec(text) ?? [];
  // Nothing else of it that could be a secret: a host, and a port perhaps.
  const [host] = /^(?:[a-z\d.-]{1,100}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?(?=\/|$)/i.exec(text) ?? [];
  if (host !== undefined && scheme === undefined) {
    return configError(what, "url", expected, host, `Try http://${host}, or https://${host}.`);
  }
  const isHttp = scheme?.toLowerCase() === "http" || scheme?.toLowerCase() === "https";
  const got = text === "" ? "" : scheme === undefined || isHttp ? "what is no address" : `${scheme}://`;
  return configError(what, "url", expected, got, "Give http:// or https://, the host, and the port.");
}

/** The place of one agent of a service. */
export function agentEndpoint({ origin, basePath }: Endpoint, name: string): Endpoint {
  return endpoint(origin, `${basePath}/agents/${encodeURIComponent(name)}`);
}

function endpoint(origin: string, basePath: string): Endpoint {
  return { origin, basePath, url: `${origin}${basePath}` };
}
