import { badRequest } from "../problem/bad-request.ts";
import type { Call } from "../server/call.ts";

/**
 * The bytes of a request's body.
 *
 * @throws AtomicError `BAD_REQUEST` when there are more than the service takes; no more of them is read then
 */
export function readBody(call: Call): Promise<Buffer> {
  const { incoming, service } = call;
  const { maxBodyBytes } = service.options;
  const tooLarge = () =>
    badRequest(413, "too-large", `The body has more than the ${maxBodyBytes} bytes that the service takes`);
  return new Promise((resolve, reject) => {
    if (Number(incoming.headers["content-length"]) > maxBodyBytes) {
      reject(tooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBodyBytes) {
        incoming.pause();
        reject(tooLarge());
        return;
      }
      chunks.push(chunk);
    });
    incoming.once("end", () => resolve(Buffer.concat(chunks)));
    const gone = () => reject(badRequest(400, "cut", "The request broke off"));
    incoming.once("error", gone);
    incoming.once("close", gone);
  });
}
