import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { Bench, Outcome } from "./bench.ts"
import { cpuOf, enginePid, familyOf, memoryOf, processesIn, residentOf } from "./processes.ts"
import { limited, round } from "./report.ts"

const MB = 1024 ** 2

/** The engine itself: how fast it is ready, and what it takes while it has nothing to do. Ends the one that ran so far. */
export async function engineItself(bench: Bench): Promise<Outcome> {
  const { sizes, home } = bench
  const busy = await enginePid()
  const worked = await residentOf(busy)
  const after = await parts(bench)
  const memory = { engine: await memoryOf(after.engine), plugins: await memoryOf(after.plugins), catalog: await memoryOf(after.catalog) }
  // Nobody watches an idle engine.
  await bench.doorbell.close()
  const idle = await idleCpu(bench)
  const starts: number[] = []
  for (let run = 0; run < sizes.few.runs; run++) {
    await bench.engine.stop()
    bench.signal.throwIfAborted()
    const begun = performance.now()
    bench.engine = await home.start()
    bench.client = bench.engine.client
    await bench.client.showEngine()
    starts.push(performance.now() - begun)
  }
  const pid = await enginePid()
  return {
    figures: [
      limited({ name: "engine-start", unit: "ms", goal: 1000 }, starts),
      limited({ name: "engine-idle-cpu", unit: "%", goal: 0.5 }, [idle.engine + idle.plugins + idle.catalog]),
      limited({ name: "engine-rss", unit: "bytes", goal: 150 * MB }, [worked]),
    ],
    details: {
      "engine-start": { all: starts.map(round), oursIs: "from the process's start to the first answer of its API; its catalog's cluster starts with it" },
      "engine-idle-cpu": { watchedMs: sizes.idleMs, percentOfOneCore: idle },
      "engine-rss": {
        oursIs: "the engine's own process after all of this benchmark", freshlyStarted: await residentOf(pid),
        proportional: memory,
      },
    },
  }
}

/** Percents of one core: the engine's own process, its children, its catalog's cluster. */
async function idleCpu(bench: Bench): Promise<Record<"engine" | "plugins" | "catalog", number>> {
  const used = async () => {
    const { engine, plugins, catalog } = await parts(bench)
    return { engine: await cpuOf(engine), plugins: await cpuOf(plugins), catalog: await cpuOf(catalog) }
  }
  const before = await used()
  const begun = performance.now()
  await delay(bench.sizes.idleMs)
  const passed = performance.now() - begun
  const after = await used()
  const percent = (name: keyof typeof before) => round((100 * (after[name] - before[name])) / passed)
  return { engine: percent("engine"), plugins: percent("plugins"), catalog: percent("catalog") }
}

/** Whose processes they are. The catalog's cluster is the engine's child when this engine started it. */
async function parts({ home }: Bench): Promise<Record<"engine" | "plugins" | "catalog", number[]>> {
  const pid = await enginePid()
  const catalog = await processesIn(join(home.dataDir, "catalog"))
  return { engine: [pid], plugins: (await familyOf(pid)).filter((member) => member !== pid && !catalog.includes(member)), catalog }
}
