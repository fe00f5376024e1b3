// Keeps a throwaway engine: `node keeper.js <folder> <program> [argument…]`, run in a session of its own. Starts the engine
// in the folder and writes a line when it is ready. When its standard input closes, because the test says so or because
// the test's process is gone, it takes everything down.
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Newcomers } from "../hosts/local/processes.ts"
import { strike } from "./strike.ts"

/** The engine closes its catalog, and lets jobs stop where they are. */
const PATIENCE_MS = 30_000

const [, , root = "", program = "", ...argv] = process.argv
const newcomers = new Newcomers()
const logFile = join(root, "engine.log")
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined)
// Nobody may be left to hear of it.
process.stdout.on("error", () => undefined)
process.stdin.resume()
const told = once(process.stdin, "close")

const log = openSync(logFile, "a")
const engine = spawn(process.execPath, [program, ...argv], { detached: true, cwd: "/", stdio: ["ignore", "pipe", log], env: { ...process.env, VENEER_DATA_DIR: join(root, "engine") } })
closeSync(log)
const gone = new Promise<void>((resolve) => {
  engine.once("exit", () => resolve())
  engine.once("error", () => resolve())
})

process.stdout.write(`${JSON.stringify({ ready: await isReady(engine), log: readFileSync(logFile, "utf8") })}\n`)
await told
engine.kill("SIGTERM")
const timer = setTimeout(() => engine.kill("SIGKILL"), PATIENCE_MS)
await gone
clearTimeout(timer)
await strike(root, newcomers)

function isReady(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    let said = ""
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text
      if (said.includes("Its token is in")) resolve(true)
    })
    void gone.then(() => resolve(false))
    void told.then(() => resolve(false))
  })
}
