// Measures Veneer against the bare tools on this machine: npm run bench -- [--quick] [--json] [--only FIGURE]…
import { existsSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { parseArgs } from "node:util"
import { createSandbox, type Sandbox } from "../support/sandbox.ts"
import { LACKS } from "../support/server.ts"
import { machine, raise, type Bench, type Outcome } from "./bench.ts"
import { catalogListing } from "./catalog.ts"
import { engineItself } from "./engine.ts"
import { firstSync } from "./first-sync.ts"
import { fleet } from "./fleet.ts"
import { growthInFiles, growthInSize } from "./growth.ts"
import { provision } from "./provision.ts"
import { replacements } from "./replace.ts"
import { endUsersOf, enginePid } from "./processes.ts"
import { FIGURES, toJson, toTable, type FigureName, type Report } from "./report.ts"
import { FULL, QUICK } from "./sizes.ts"
import { syncs } from "./sync.ts"

interface Family {
  names: readonly FigureName[]
  measure: (bench: Bench) => Promise<Outcome>
}

const FAMILIES: readonly Family[] = [
  { names: ["provision"], measure: provision },
  { names: ["provision-growth-size"], measure: growthInSize },
  { names: ["provision-growth-files"], measure: growthInFiles },
  { names: ["rewind", "refresh", "refresh-gap"], measure: replacements },
  { names: ["first-sync"], measure: firstSync },
  { names: ["sync-bytes", "sync-idle"], measure: syncs },
  { names: ["fleet", "idle-disk", "idle-memory"], measure: fleet },
  // Ends the engine that the others before were measured on.
  { names: ["engine-start", "engine-idle-cpu", "engine-rss"], measure: engineItself },
  // Last, since the catalog's own autovacuum has work to do from then on.
  { names: ["catalog-listing"], measure: catalogListing },
]

const ATTEMPTS = 3
/** As a shell tells that SIGINT ended a program. */
const INTERRUPTED = 130
const say = (text: string) => void process.stderr.write(`${String(Math.round(process.uptime())).padStart(5)} s · ${text}\n`)

async function main(): Promise<void> {
  const { quick, json, only } = options()
  const report: Report = { machine: { ...machine(), quick }, figures: [], skipped: [{ name: "ssh-command", why: "there are no SSH environments yet" }], details: {} }
  if (LACKS !== undefined) report.skipped = FIGURES.map((name) => ({ name, why: LACKS ?? "" }))
  else if (!(await measureAll(report, { quick, wanted: only }))) {
    say("interrupted, and everything taken down")
    process.exitCode = INTERRUPTED
    return
  }
  process.stdout.write(json ? toJson(report) : `${toTable(report)}\n${JSON.stringify(report.details, undefined, 1)}\n`)
}

function options(): { quick: boolean; json: boolean; only: string[] } {
  const { values } = parseArgs({
    options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false }, only: { type: "string", multiple: true, default: [] } },
  })
  return { quick: values.quick ?? false, json: values.json ?? false, only: values.only ?? [] }
}

/** Everything is taken down again, also when somebody presses Ctrl-C half way. @returns whether it came to its end */
async function measureAll(report: Report, { quick, wanted }: { quick: boolean; wanted: readonly string[] }): Promise<boolean> {
  const sandbox = await createSandbox("bench")
  const interruption = new AbortController()
  const interrupted = new Promise<false>((resolve) => interruption.signal.addEventListener("abort", () => resolve(false)))
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interruption.abort())
  try {
    const measuring = measure(report, { quick, wanted, sandbox, signal: interruption.signal }).then(() => true)
    // Once it was interrupted, nobody asks any more how it failed.
    measuring.catch(() => undefined)
    return await Promise.race([interrupted, measuring])
  } finally {
    interruption.abort()
    await takeDown(sandbox)
  }
}

/**
 * The engine and what it has just started go first, so that nothing is made any more while all is taken down. What is still
 * in use at the first attempt, since something took its time to die, is not at the second.
 */
async function takeDown(sandbox: Sandbox): Promise<void> {
  for (let attempt = 1; existsSync(sandbox.path); attempt++) {
    try {
      await enginePid().then((pid) => process.kill(pid, "SIGKILL"), () => undefined)
      await endUsersOf(sandbox.path)
      await sandbox.clear()
    } catch (thrown) {
      if (attempt === ATTEMPTS) throw thrown
      await delay(1000)
    }
  }
}

async function measure(report: Report, { quick, wanted, sandbox, signal }: { quick: boolean; wanted: readonly string[]; sandbox: Sandbox; signal: AbortSignal }): Promise<void> {
  const bench = await raise({ sandbox, sizes: quick ? QUICK : FULL, say, signal })
  for (const { names, measure: measureFamily } of FAMILIES) {
    if (wanted.length > 0 && !names.some((name) => wanted.includes(name))) {
      report.skipped.push(...names.map((name) => ({ name, why: "it was not asked for" })))
      continue
    }
    say(names.join(", "))
    try {
      const { figures, details } = await measureFamily(bench)
      report.figures.push(...figures)
      Object.assign(report.details, details)
    } catch (thrown) {
      if (signal.aborted) throw thrown
      process.exitCode = 1
      say(`${names.join(", ")} failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}`)
      report.skipped.push(...names.map((name) => ({ name, why: `it failed: ${thrown instanceof Error ? thrown.message : String(thrown)}` })))
    }
  }
  say("taking everything down")
  await bench.engine.stop()
}

// An engine is forked with these unless told, and its own start is measured: it runs without the loader of this file.
process.execArgv = []
await main()
process.exit()
