import { expect, test } from "vitest";
import { checkServiceAddress } from "./service-address.ts";

test.each(["http://127.0.0.1:3000", "https://agents.example/prefix", "http://[::1]:3000/agents/a"])(
  "takes %s",
  (url) => expect(() => checkServiceAddress(url)).not.toThrow(),
);

test.each(["127.0.0.1:3000", "localhost:3000", "localhost", "agents.example.com/agents/a"])(
  "says of %s what is missing",
  (url) => {
    const said = { message: `${url} is no address of a service`, hint: `Did you mean http://${url}?` };
    expect(() => checkServiceAddress(url)).toThrow(expect.objectContaining({ where: "<url>", ...said }));
  },
);

test.each(["", "http://", "ftp://canary", "the canary", "http://user:canary@a", "http://canary@a"])(
  "refuses %o, and does not repeat what could be a secret",
  (url) => {
    expect(() => checkServiceAddress(url)).toThrow(expect.objectContaining({ where: "<url>" }));
    expect(() => checkServiceAddress(url)).not.toThrow(/canary/);
  },
);
