import {
  type Field,
  forAll,
  inRefusedHeaders,
  jsonHeaders,
  knownToAgents,
  pause,
  sentByCallers,
  tokens,
} from "../field.ts";
import { type RawAnswer } from "../raw.ts";

const linesType = { ...jsonHeaders, "content-type": "application/x-ndjson" };

/**
 * Secrets in the environment, in tokens, in headers and bodies, and in what agents fail with. They are looked for in all that
 * is answered and written, here and by all other attacks.
 */
export async function secrets(field: Field): Promise<void> {
  const [
    inText = "",
    inName = "",
    inMetadata = "",
    inSyntax = "",
    inDepth = "",
    inHeader = "",
    inQuery = "",
    inLine = "",
  ] = sentByCallers;
  const deeds = ["message", "cause", "members", "stack", "aggregate", "output"];
  // A failure that an agent was asked for: it is a 5xx by right.
  const asked = { mayFail: true };
  const seen: (RawAnswer | undefined)[] = [];
  const send = async (
    path: string,
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    field.plan(1);
    seen.push(await field.post(path, body, headers, asked));
  };
  await forAll(deeds, 2, async (deed) => {
    const body = JSON.stringify({ input: { deed } });
    await send("/agents/deeds/execute", body);
    await send("/agents/deeds/stream", body, { connection: "close" });
    await send("/agents/deeds/records", `${JSON.stringify({ deed })}\n`, linesType);
    await send("/agents/deeds/execute", body, { "idempotency-key": `deed-${deed}` });
    await send("/agents/deeds/execute", body, { "idempotency-key": `deed-${deed}` });
    await send("/agents/deeds/execute", body, { prefer: "respond-async" });
  });
  const failed = seen.filter((answer) => answer !== undefined && answer.status >= 500).length;
  field.figure("agentFailures", failed);
  field.hold(failed >= deeds.length, "agents failed with what they know");
  const began = seen.filter((answer) => answer?.status === 202);
  await pause(200);
  for (const answer of began) {
    field.plan(1);
    const run = await field.get(answer?.headers["location"] ?? "/runs/none");
    field.hold(
      run?.status === 200 && run.body.includes('"status":"'),
      `a run that failed can be asked for, got ${run?.status}`,
    );
  }
  const quiet = JSON.stringify({ input: { deed: "nothing", note: inText } });
  await send("/agents/deeds/execute", quiet);
  await send("/agents/deeds/execute", JSON.stringify({ input: { deed: "output", note: inText } }));
  for (const deed of deeds) {
    // What a caller sends comes back to nobody by an error, although no Secret holds it; but the log may have an agent's errors.
    if (deed === "output")
      await send("/agents/deeds/stream", JSON.stringify({ input: { deed, note: inText } }), {
        connection: "close",
      });
  }
  await send(
    "/agents/deeds/execute",
    `{"input":{"deed":"nothing"},"context":{"userId":"${inMetadata}","sessionId":"${inMetadata}","metadata":{"${inName}":"${inMetadata}"}}}`,
  );
  await send("/agents/deeds/execute", `{"input":${inSyntax}}`);
  await send("/agents/deeds/execute", `{"input":"${inSyntax}`);
  await send("/agents/deeds/execute", `{"${inName}":1}`);
  await send("/agents/deeds/execute", `{"input":${"[".repeat(100)}"${inDepth}"${"]".repeat(100)}}`);
  await send("/agents/deeds/execute", `{"input":{"__proto__":"${inDepth}"}}`);
  await send("/agents/deeds/records", `{${inLine}\n"${inLine}\n`, linesType);
  await send(`/agents/deeds/execute?key=${inQuery}&token=${inQuery}`, quiet.replace(inText, "x"));
  await send("/agents/deeds/execute", quiet.replace(inText, "x"), {
    "content-type": `text/${inRefusedHeaders}`,
  });
  for (const name of [
    "x-api-key",
    "cookie",
    "referer",
    "user-agent",
    "traceparent",
    "tracestate",
    "baggage",
    "x-forwarded-for",
    "atomic-timeout-ms",
    "atomic-budget",
    "prefer",
    "expect",
  ]) {
    await send("/agents/deeds/execute", quiet.replace(inText, "x"), { [name]: inHeader });
  }
  await send("/agents/deeds/execute", quiet.replace(inText, "x"), {
    authorization: `Basic ${btoa(inHeader)}`,
  });
  await send("/agents/deeds/execute", quiet.replace(inText, "x"), { authorization: `Bearer ${inHeader}` });
  for (const refused of [
    { host: `${inRefusedHeaders}.example` },
    { origin: `https://${inRefusedHeaders}.example` },
    { "content-encoding": inRefusedHeaders },
  ]) {
    await send("/agents/deeds/execute", quiet.replace(inText, "x"), refused);
  }
  for (const token of Object.values(tokens))
    await send("/agents/deeds/execute", "{}", { authorization: `Bearer ${token}` });
  for (const path of [
    "/metrics",
    "/docs",
    "/interface",
    "/openapi.json",
    "/health",
    "/ready",
    "/agents/deeds/interface",
    "/nowhere",
  ]) {
    field.plan(1);
    const answer = await field.get(path);
    field.hold(answer !== undefined, `${path} is answered`);
    if (path === "/metrics")
      field.hold(answer?.body.includes('agent="deeds"') === true, "the metrics know the agents that failed");
  }
  field.figure("known", Object.keys(knownToAgents).length);
}
