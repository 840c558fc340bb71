/**
 * `node bench/wrapper-cost.ts`: what each wrapper costs a call when it has nothing to do. Each wrapper is measured in
 * processes of its own, beside the agent alone, in slices in turns; the difference between neighbours is what is told.
 */
import { fork } from "node:child_process";
import { versionOf } from "./machine.ts";
import { median, quantile } from "./statistics.ts";
import {
  type Asked,
  agentKinds,
  contendersOf,
  type Kind,
  peerName,
  type Question,
  wrapperNames,
} from "./wrapper-contenders.ts";

/** What a wrapper may cost at most, in nanoseconds of CPU a call. */
const limitsNs: Readonly<Record<string, number>> = {
  "all of these": 600,
  // A cache has something to do in either case: to find and copy, or to keep.
  "withCache, all hits": Number.POSITIVE_INFINITY,
  "withCache, all misses": Number.POSITIVE_INFINITY,
  [peerName]: Number.POSITIVE_INFINITY,
};
const limitNs = 150;

const isQuick = process.argv.includes("--quick");
const processes = isQuick ? 1 : 5;
const slices = isQuick ? 9 : 31;
const callsPerSlice = 16_384;

const questions: readonly Question[] = Array.from({ length: 64 }, (_unused, index) => ({
  text: `question ${index}`,
}));

async function ask(asked: Asked, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await asked(questions[index & 63] as Question);
}

async function nsOf(asked: Asked): Promise<number> {
  // Linux brings the thread's clock up to date when the process's is read.
  process.cpuUsage();
  const before = process.threadCpuUsage();
  await ask(asked, callsPerSlice);
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage(before);
  return ((user + system) * 1_000) / callsPerSlice;
}

interface Measured {
  readonly bareNs: readonly number[];
  readonly extraNs: readonly number[];
}

async function measure(name: string, kind: Kind): Promise<Measured> {
  const { bare, wrapped } = await contendersOf(name, kind);
  for (let turn = 0; turn < 4; turn++) {
    await ask(bare, 20_000);
    await ask(wrapped, 20_000);
  }
  const bareNs: number[] = [];
  const extraNs: number[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const isForward = slice % 2 === 0;
    const first = await nsOf(isForward ? bare : wrapped);
    const second = await nsOf(isForward ? wrapped : bare);
    bareNs.push(isForward ? first : second);
    extraNs.push(isForward ? second - first : first - second);
  }
  return { bareNs, extraNs };
}

function measureApart(name: string, kind: Kind): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [name, kind], { execArgv: ["--no-warnings"], timeout: 120_000 });
    child.once("message", (measured) => resolve(measured as Measured));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${name} (${kind}) ended with ${code} and no figures`)));
  });
}

const [name, kind] = process.argv.slice(2);
if (process.send !== undefined) {
  // Only ever forked below, with both.
  process.send(await measure(name as string, kind as Kind), () => process.exit(0));
} else {
  const hasPeer = versionOf("cockatiel", new URL("./peers/", import.meta.url)) !== undefined;
  const names = hasPeer ? [...wrapperNames, peerName] : wrapperNames;
  const bare: Record<Kind, number[]> = { sync: [], async: [] };
  const extra = new Map<string, number[]>();
  for (let round = 0; round < processes; round++) {
    for (const wrapper of round % 2 === 0 ? names : names.toReversed()) {
      for (const agentKind of agentKinds) {
        const measured = await measureApart(wrapper, agentKind);
        bare[agentKind].push(...measured.bareNs);
        const key = `${wrapper} ${agentKind}`;
        extra.set(key, [...(extra.get(key) ?? []), ...measured.extraNs]);
      }
    }
  }
  const cell = (wrapper: string, agentKind: Kind): string => {
    const values = extra.get(`${wrapper} ${agentKind}`) ?? [];
    return `**${median(values).toFixed(0)}** (${quantile(values, 0.25).toFixed(0)}..${quantile(values, 0.75).toFixed(0)})`;
  };
  console.log(`Nanoseconds of CPU that a wrapper adds to a call while it has nothing to do; median and quartiles of ${processes} processes × ${slices} slices.
The agent alone: ${median(bare.sync).toFixed(0)} ns where it is synchronous, ${median(bare.async).toFixed(0)} ns where it is \`async\`.

| wrapper | around a synchronous agent | around an async agent | at most |
|---|--:|--:|--:|`);
  for (const wrapper of names) {
    const most = limitsNs[wrapper] ?? limitNs;
    const worst = Math.max(
      ...agentKinds.map((agentKind) => median(extra.get(`${wrapper} ${agentKind}`) ?? [])),
    );
    const verdict =
      most === Number.POSITIVE_INFINITY ? "" : `${most}: ${worst <= most ? "held" : "**over**"}`;
    console.log(`| ${wrapper} | ${cell(wrapper, "sync")} | ${cell(wrapper, "async")} | ${verdict} |`);
  }
  if (!hasPeer) console.error("cockatiel is not installed: npm ci --prefix bench/peers");
}
