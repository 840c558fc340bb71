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
  if (!URL.canParse(text)) throw configError(what, "url", expected, undefined, "Does it begin with http://?");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw configError(what, "url", expected, url.protocol, "Use http:// or https://.");
  }
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

/** The place of one agent of a service. */
export function agentEndpoint({ origin, basePath }: Endpoint, name: string): Endpoint {
  return endpoint(origin, `${basePath}/agents/${encodeURIComponent(name)}`);
}

function endpoint(origin: string, basePath: string): Endpoint {
  return { origin, basePath, url: `${origin}${basePath}` };
}
