import type { Call, Connection } from "@veneer/sdk"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { rmSync, writeFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { Worker } from "node:worker_threads"

type Handler = (call: Call & { connection: Connection }) => unknown

/** What the plugin keeps from one call to the next. */
const kept: unknown[] = []

const forEver = async (act: () => unknown): Promise<never> => {
  for (;;) await act()
}

const hoard = (): never => {
  for (;;) kept.push(Buffer.alloc(2 ** 24, 1))
}

/** What uses more than a plugin may. */
export const excesses: Readonly<Record<string, Handler>> = {
  "leaks objects": () => { for (;;) kept.push({ one: [kept.length] }) },
  "leaks text": () => { for (;;) kept.push("x".repeat(2 ** 20) + String(kept.length)) },
  "leaks buffers": hoard,
  "leaks in a timer": () => new Promise(() => setTimeout(hoard, 1)),
  "floods its output": () => { for (;;) console.log("x".repeat(1_000)) },
  "floods its error output": () => forEver(() => new Promise((resolve) => process.stderr.write(`${"x".repeat(1_000)}\n`, resolve))),
  "floods the log": ({ log }) => forEver(() => { log("x".repeat(100_000)); return delay(1) }),
  "floods the progress": ({ progress }) => forEver(() => { progress({ message: "x".repeat(100_000) }); return delay(1) }),
  "asks for too much at once": ({ run, connection }) => Promise.all(Array.from({ length: 65 }, () => run.bash(connection, "sleep 100"))),
  "starts programs": () => forEver(() => once(spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }), "spawn")),
  "starts threads": () => forEver(() => once(new Worker("setInterval(() => {}, 1000)", { eval: true }), "online")),
  "writes a file": () => {
    const file = `/tmp/veneer-rogue-${process.pid}`
    try {
      writeFileSync(file, "x")
    } finally {
      rmSync(file)
    }
  },
  "says too much at once": () => "x".repeat(2 ** 26),
}
