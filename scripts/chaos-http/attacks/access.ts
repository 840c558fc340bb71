import { type Field, jsonHeaders, tokens } from "../field.ts";

/** Who has no token, or the wrong one, and pages of others. */
export async function access(field: Field): Promise<void> {
  const before = await field.probe();
  const ask = async (
    what: string,
    headers: Readonly<Record<string, string>>,
    status: number,
    path = "/agents/marked/execute",
  ): Promise<void> => {
    field.plan(1);
    const all = Object.entries({ host: "localhost", "content-type": "application/json", ...headers });
    const head = all.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const got = await field.send(`POST ${path} HTTP/1.1\r\n${head}content-length: 11\r\n\r\n{"input":1}`, {
      answers: 1,
    });
    const [answer] = got.answers;
    field.hold(answer?.status === status, `${status} for ${what}, got ${answer?.status}`);
    if (status === 401)
      field.hold(answer?.headers["www-authenticate"]?.startsWith("Bearer") === true, `${what}: says how`);
  };
  const { user } = tokens;
  const wrong: Readonly<Record<string, string>> = {
    "an empty header": "",
    "no token": "Bearer",
    "an empty token": "Bearer ",
    "a wrong token": `Bearer ${"x".repeat(user.length)}`,
    "a short token": `Bearer ${user.slice(0, -1)}`,
    "the beginning of a token": `Bearer ${user.slice(0, 8)}`,
    "a long token": `Bearer ${user}x`,
    "a token with another last letter": `Bearer ${user.slice(0, -1)}${user.endsWith("a") ? "b" : "a"}`,
    "a token in capitals": `Bearer ${user.toUpperCase()}`,
    "a token twice": `Bearer ${user}${user}`,
    "two tokens": `Bearer ${user} ${user}`,
    "a list of tokens": `Bearer ${user}, Bearer ${user}`,
    "a token in quotes": `Bearer "${user}"`,
    "a token with zeros": `Bearer ${user}\u0080`,
    "an expired token": `Bearer ${tokens.expired}`,
    "a token as a password": `Basic ${btoa(`user:${user}`)}`,
    "a token as it is": user,
    "another scheme": `Token ${user}`,
    "a huge token": `Bearer ${"a".repeat(15_000)}`,
    "a token of another alphabet": `Bearer ${"\u00e9".repeat(40)}`,
    "a pattern": "Bearer .*",
    null: "Bearer null",
    undefined: "Bearer undefined",
    true: "Bearer true",
  };
  for (const [what, authorization] of Object.entries(wrong)) await ask(what, { authorization }, 401);
  await ask("no header", {}, 401);
  await ask(
    "a token in the query",
    {},
    401,
    `/agents/marked/execute?token=${user}&access_token=${user}&authorization=Bearer%20${user}`,
  );
  await ask("a token in a cookie", { cookie: `token=${user}; authorization=Bearer ${user}` }, 401);
  await ask("a token in another header", { "x-api-key": user, "proxy-authorization": `Bearer ${user}` }, 401);
  await ask("a route that is none", {}, 401, "/nowhere");
  await ask("an agent that is none", {}, 401, "/agents/nobody/execute");

  const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });
  await ask("a token to read", bearer(tokens.reader), 403);
  await ask("a token to administrate", bearer(tokens.admin), 403);
  for (const path of ["/metrics", "/interface", "/openapi.json"]) {
    field.plan(2);
    const refused = await field.get(path, tokens.other);
    field.hold(refused?.status === 403, `403 for ${path} with a token to execute, got ${refused?.status}`);
    const shown = await field.get(path, tokens.reader);
    field.hold(shown?.status === 200, `200 for ${path} with a token to read, got ${shown?.status}`);
  }

  for (const host of foreignHosts) await ask(`the host ${host}`, { ...bearer(user), host }, 403);
  for (const origin of foreignOrigins) await ask(`the origin ${origin}`, { ...bearer(user), origin }, 403);
  await ask("an origin without a token", { origin: "https://evil.example" }, 403);
  const after = await field.probe();
  field.hold(after.executions["marked"] === before.executions["marked"], "none of them reaches an agent");
  await ownAndOthers(field, bearer(user));
  field.plan(1);
  const good = await field.post("/agents/plain/execute", '{"input":1}', {
    ...jsonHeaders,
    origin: "http://localhost",
  });
  field.hold(good?.status === 200, "who has a token is let in");
}

/** Runs of others: neither to be seen nor to be cancelled. */
async function ownAndOthers(field: Field, bearer: Readonly<Record<string, string>>): Promise<void> {
  field.plan(10);
  const begun = await field.post("/agents/work/execute", '{"input":{"ms":10000}}', {
    ...bearer,
    prefer: "respond-async",
  });
  const path = begun?.headers["location"] ?? "/none";
  field.hold(begun?.status === 202, `a run begins, got ${begun?.status}`);
  const status = async (method: string, token: string, at = path): Promise<number | undefined> =>
    (await field.get(at, token, method))?.status;
  field.hold((await status("DELETE", tokens.other)) === 403, "who began another run does not cancel it");
  field.hold((await status("DELETE", tokens.reader)) === 403, "who reads does not cancel it");
  field.hold((await status("GET", tokens.other)) === 403, "who began another run does not see it");
  field.hold((await status("DELETE", tokens.other, "/runs/none")) === 403, "nor whether there is one");
  field.hold((await status("DELETE", tokens.expired)) === 401, "nor does an expired token cancel it");
  field.hold((await status("GET", tokens.reader)) === 200, "who reads sees it");
  field.hold((await status("GET", tokens.user)) === 200, "who began it sees it");
  field.hold((await status("DELETE", tokens.admin)) === 202, "who administrates cancels it");
  field.hold((await status("PUT", tokens.user)) === 405, "other methods are none");
}

const foreignHosts: readonly string[] = [
  "evil.example",
  "evil.example:3000",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "localhost@evil.example",
  "evil.example#localhost",
  "0x7f000001.evil",
  "[::ffff:8.8.8.8]",
  "8.8.8.8",
  "local\u00adhost",
  "localhost, evil.example",
  "*",
  "null",
  "LOCALHOST.",
].filter((host) => host !== "LOCALHOST.");

const foreignOrigins: readonly string[] = [
  "https://evil.example",
  "null",
  "http://localhost.evil.example",
  "http://localhost:1",
  "http://127.0.0.1",
  "file://",
  "http://localhost@evil.example",
  "https://evil.example, http://localhost",
  "chrome-extension://abc",
  "*",
  "http://localhost/",
  "http://localhost#",
];
