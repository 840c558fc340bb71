import { AtomicError } from "@atomic-agents/core";
import { type AnswerHead, EncodedError, type Progress, TooLargeError } from "./exchange.ts";

const shownLength = 200;

/** What went wrong, by the code of the error that says so. */
const sayings: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name of the host could not be looked up",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "the connection took too long",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
  UND_ERR_CONNECT_TIMEOUT: "connecting took too long",
  UND_ERR_SOCKET: "the connection was closed",
  UND_ERR_HEADERS_TIMEOUT: "no answer began in time",
  UND_ERR_BODY_TIMEOUT: "the answer stopped coming",
  UND_ERR_HEADERS_OVERFLOW: "the head of the answer is too large",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer is shorter or longer than it says",
  UND_ERR_CLOSED: "the client has been closed",
  UND_ERR_DESTROYED: "the client has been closed",
};

/** What TLS says where the other side speaks none, by OpenSSL's codes. */
const plainCodes: ReadonlySet<string> = new Set([
  "EPROTO",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);
/** Certificates that Node.js does not trust. */
const certificateForm =
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

/** An exchange that failed: says how, and whether the service may have begun the work. */
export function connectionError(url: string, thrown: unknown, progress: Progress): AtomicError {
  if (AtomicError.isInstance(thrown)) return thrown;
  const broken = progress.head === undefined ? "" : " after its answer had begun";
  return new AtomicError("CONNECTION", `${shownUrl(url)} did not answer${broken}: ${reasonOf(thrown)}`, {
    details: { executed: progress.isUnsent ? "no" : "perhaps", url: shownUrl(url) },
    cause: thrown,
    hint: hintOf(url, thrown),
  });
}

/** An answer that is not one of an agent's service: says what came. */
export function badAnswerError(
  url: string,
  what: string,
  head: AnswerHead,
  body: Uint8Array | string,
): AtomicError<"CONNECTION"> {
  const type = head.headers["content-type"];
  const shown = excerptOf(body);
  const came = [`status ${head.status}`, typeof type === "string" ? type.slice(0, 80) : "no content type"];
  return new AtomicError(
    "CONNECTION",
    `${shownUrl(url)} ${what} (${came.join(", ")}${shown === "" ? "" : `: ${shown}`})`,
    {
      details: { executed: "perhaps", url: shownUrl(url) },
      hint: "Is this the address of an agent's service, and does a proxy on the way answer in its place?",
    },
  );
}

/** An address as it may be shown: without what could be a secret. */
export function shownUrl(url: string): string {
  const at = url.search(/[?#]/);
  return at < 0 ? url : url.slice(0, at);
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof TooLargeError || thrown instanceof EncodedError) return thrown.message;
  if (!(thrown instanceof Error)) return "it failed";
  const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
  const said = sayings[code];
  if (said !== undefined) return said;
  if (plainCodes.has(code)) return "TLS was expected, got what is none";
  if (code.startsWith("ERR_SSL_")) return `TLS failed (${code})`;
  if (code.startsWith("HPE_") || thrown.name === "HTTPParserError") return "the answer is not HTTP";
  return thrown.message === "" ? thrown.name : onOneLine(thrown.message);
}

function hintOf(url: string, thrown: unknown): string | undefined {
  if (thrown instanceof TooLargeError)
    return "Raise `maxResponseBytes` where answers are meant to be so long.";
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (plainCodes.has(code)) {
    const plain = new URL(url).origin.replace(/^https:/, "http:");
    return `Nothing was done. Does the service speak plain HTTP there? Then try ${plain}; TLS is for a proxy in front of it.`;
  }
  if (certificateForm.test(code)) {
    return "Nothing was done. Is the certificate one of an authority of your own? NODE_EXTRA_CA_CERTS=ca.pem has Node.js trust it.";
  }
  if (code === "ECONNREFUSED") return "Is the service running, and does it listen at this host and port?";
  return undefined;
}

/** The beginning of a body on one line. */
function excerptOf(body: Uint8Array | string): string {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body.subarray(0, shownLength * 4));
  return onOneLine(text);
}

function onOneLine(text: string): string {
  // Control characters would say other things to a terminal.
  const line = text.replace(/[\p{C}\s]+/gu, " ").trim();
  return line.length > shownLength ? `${line.slice(0, shownLength)}…` : line;
}
