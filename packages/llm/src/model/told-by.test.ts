import { APICallError } from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { toldBy } from "./told-by.ts";

describe("toldBy", () => {
  it("reads errors in the middle of an answer, by what servers call them", () => {
    const errors: readonly (readonly [object, number])[] = [
      [{ type: "overloaded_error" }, 529],
      [{ type: "rate_limit_error" }, 429],
      [{ code: "rate_limit_exceeded" }, 429],
      [{ code: "insufficient_quota" }, 429],
      [{ type: "authentication_error" }, 401],
      [{ type: "permission_error" }, 401],
      [{ type: "invalid_request_error" }, 400],
      [{ code: "context_length_exceeded" }, 400],
      [{ type: "api_error", code: "server_error" }, 500],
      [{}, 500],
      [{ type: "overloaded_error", statusCode: 503 }, 503],
    ];
    for (const [called, statusCode] of errors) {
      expect(toldBy({ message: "no", ...called })).toMatchObject({ message: "no", statusCode });
    }
  });

  it("finds the status that a package has lost, and keeps the others", () => {
    const call = { message: "no", url: "http://127.0.0.1/v1", requestBodyValues: {} };
    const lost = new APICallError({ ...call, statusCode: 400 });
    // As OpenAI's package throws it, against its type.
    Object.assign(lost, { responseBody: { error: { code: "server_error", message: "no" } } });
    expect(toldBy(lost)).toMatchObject({
      statusCode: 500,
      body: expect.stringContaining("server_error") as string,
    });
    const kept = new APICallError({ ...call, statusCode: 404, responseBody: "not here" });
    expect(toldBy(kept)).toMatchObject({ statusCode: 404, body: "not here" });
    expect(toldBy(new APICallError(call))).toMatchObject({ statusCode: undefined });
  });

  it("tells nothing of what no server said", () => {
    for (const thrown of [new Error("no"), "no", undefined, null, {}, { message: 5 }]) {
      expect(toldBy(thrown)).toBeUndefined();
    }
  });
});
