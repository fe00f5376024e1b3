import { spawn } from "node:child_process"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { execa } from "execa"

/** Files below a folder that hold a text, whatever else is in them. */
export async function filesWith(text: string, folder: string): Promise<string[]> {
  const { stdout, exitCode } = await execa("grep", ["-rlaF", "-D", "skip", "--null", "--exclude=*.img", "--exclude-dir=mnt", "-e", text, "--", folder], { reject: false })
  if (exitCode === undefined || exitCode > 1) throw new Error(`grep could not read all of ${folder}`)
  return stdout.split("\0").filter((path) => path !== "")
}

/** What the sampler finds of a process that has a text where it should not. */
export async function sampled(): Promise<string[]> {
  const careless = spawn("sleep", ["1000"], { env: { SECRET: "c4reless" }, argv0: "c4reless" })
  await once(careless, "spawn")
  const sampler = await startSampler("c4reless")
  const seen = await sampler.stop()
  careless.kill()
  return seen
}

/** Looks at processes. */
export interface Sampler {
  /** Ends it. @returns what it saw */
  stop(): Promise<string[]>
}

/** Looks at the command line and the environment of every process, again and again, for a text. */
export async function startSampler(text: string): Promise<Sampler> {
  const stopped = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(
    `const { readdirSync, readFileSync } = require("node:fs")
    const { workerData: { text, stopped }, parentPort } = require("node:worker_threads")
    const seen = new Set()
    parentPort.postMessage("running")
    do {
      for (const pid of readdirSync("/proc")) {
        if (!/^[0-9]+$/.test(pid)) continue
        for (const file of ["cmdline", "environ"]) {
          try {
            const found = readFileSync("/proc/" + pid + "/" + file, "latin1")
            if (found.includes(text)) seen.add(file + ": " + found.replaceAll("\\0", " "))
          } catch {}
        }
      }
    } while (Atomics.wait(stopped, 0, 0, 2) === "timed-out")
    parentPort.postMessage([...seen])`,
    { eval: true, workerData: { text, stopped } },
  )
  await once(worker, "message")
  const end = once(worker, "message")
  return {
    stop: async () => {
      Atomics.store(stopped, 0, 1)
      return ((await end) as [string[]])[0]
    },
  }
}
