// Resources: agents share a database, take turns at a pool of connections, and give everything back.
// It uses node:sqlite, which Node.js 22 calls experimental: it says so on standard error.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createResources, defineAgent, mapItems, pipeline, resource } from "@atomic-agents/core";
import * as z from "zod";

const folder = mkdtempSync(join(tmpdir(), "atomic-agents-prices-"));
const file = join(folder, "prices.db");
const seen: string[] = [];

/** One connection that all readers share. Agents get to see what they need of it, and no more. */
const prices = resource("prices", {
  create: () => {
    seen.push("open reader");
    return new DatabaseSync(file, { readOnly: true });
  },
  bind: (db) => {
    const find = db.prepare("SELECT cents FROM price WHERE sku = ?");
    return { centsOf: (sku: string) => z.object({ cents: z.int() }).optional().parse(find.get(sku))?.cents };
  },
  dispose: (db) => {
    db.close();
    seen.push("close reader");
  },
});

/** Two connections, each with one attempt at a time: so it can be set up for that attempt, and for its deadline. */
const writers = resource("price-writers", {
  create: () => {
    seen.push("open writer");
    const db = new DatabaseSync(file);
    db.exec("CREATE TABLE IF NOT EXISTS price (sku TEXT PRIMARY KEY, cents INTEGER NOT NULL) STRICT");
    return db;
  },
  bind: (db, ctx) => {
    // Who waits for a lock waits no longer than there is time left.
    const leftMs = ctx.deadline === undefined ? 5_000 : Math.max(0, ctx.deadline - ctx.clock.now());
    db.exec(`PRAGMA busy_timeout = ${Math.floor(leftMs)}`);
    return db;
  },
  dispose: (db) => {
    db.close();
    seen.push("close writer");
  },
  pool: { size: 2, maxWaitMs: 10_000 },
});

const Price = z.object({ sku: z.string(), cents: z.int() });

const setPrice = defineAgent({
  name: "set-price",
  description: "Keeps the price of an article.",
  input: Price,
  output: Price,
  execute: async ({ sku, cents }, ctx) => {
    const db = await ctx.use(writers);
    db.prepare("INSERT OR REPLACE INTO price (sku, cents) VALUES (?, ?)").run(sku, cents);
    return { sku, cents };
  },
});

const lookUp = defineAgent({
  name: "look-up-price",
  description: "Says what an article costs.",
  input: z.object({ sku: z.string() }),
  output: Price,
  execute: async ({ sku }, ctx) => {
    const cents = (await ctx.use(prices)).centsOf(sku);
    if (cents === undefined) throw new Error(`no price for ${sku}`);
    return { sku, cents };
  },
});

try {
  // A set of resources is shared by all runs that it is given to, and closed when they have ended.
  const resources = createResources();
  const list = ["pen", "ink", "paper", "stamp"].map((sku, index) => ({ sku, cents: 100 * (index + 1) }));
  await mapItems(setPrice, { concurrency: 4 }).run(list, { resources });
  console.log(await lookUp.run({ sku: "ink" }, { resources })); // => { sku: 'ink', cents: 200 }
  console.log(await lookUp.run({ sku: "paper" }, { resources })); // => { sku: 'paper', cents: 300 }
  console.log(resources.size, "connections"); // => 3 connections

  // Somebody else holds the lock: the statement gives up in time, and the attempt says why.
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const hurried = pipeline("hurried").stage(setPrice, { timeoutMs: 50 });
  const locked = await hurried.tryRun({ sku: "pen", cents: 1 }, { resources });
  if (!locked.ok) console.log(locked.error.message);
  // => Agent "set-price" at stage "set-price" threw: database is locked
  other.exec("ROLLBACK");
  other.close();

  await resources.close();
  console.log(seen.join(", "));
  // => open writer, open writer, open reader, close reader, close writer, close writer

  // A run that is given no resources has its own, and gives them back before it tells its outcome.
  seen.length = 0;
  await lookUp.run({ sku: "pen" });
  console.log(seen.join(", ")); // => open reader, close reader

  // In a test something else stands in its place: nothing is opened.
  seen.length = 0;
  const fake = createResources({ overrides: [[prices, { centsOf: () => 42 }]] });
  console.log(await lookUp.run({ sku: "anything" }, { resources: fake })); // => { sku: 'anything', cents: 42 }
  console.log(seen.length); // => 0
} finally {
  rmSync(folder, { recursive: true });
}
