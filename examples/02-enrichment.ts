// Enrichment: look up what is missing, try a second source when the first fails, and go on with defaults if both do.
import { defineAgent, fallback, mapItems, recover } from "@atomic-agents/core";
import * as z from "zod";

const Order = z.object({ id: z.int(), country: z.string().length(2) });
const Enriched = z.object({ id: z.int(), country: z.string(), currency: z.string(), source: z.string() });

const lookUp = (name: string, table: Readonly<Record<string, string>>) =>
  defineAgent({
    name,
    description: `Finds the currency of a country in ${name}.`,
    input: Order,
    output: Enriched,
    execute: ({ id, country }) => {
      const currency = table[country];
      if (currency === undefined) throw new Error(`${name} does not know the country ${country}`);
      return { id, country, currency, source: name };
    },
  });

const currency = recover(
  fallback([lookUp("europe", { DE: "EUR", FR: "EUR" }), lookUp("world", { JP: "JPY" })]),
  (_error, { id, country }) => ({ id, country, currency: "USD", source: "default" }),
);

const enrich = mapItems(currency, { concurrency: 4 });

const orders = await enrich.run([
  { id: 1, country: "FR" },
  { id: 2, country: "JP" },
  { id: 3, country: "BR" },
]);
for (const order of orders) console.log(`${order.id} ${order.currency} ${order.source}`);
// => 1 EUR europe
// => 2 JPY world
// => 3 USD default
