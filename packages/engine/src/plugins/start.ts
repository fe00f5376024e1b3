import { spawn, type ChildProcess } from "node:child_process"
import { Duplex } from "node:stream"
import { EngineError } from "../errors.ts"
import { Lines } from "../lines.ts"
import { ENGINE_MARK } from "../marks.ts"
import { shipped } from "../shipped.ts"

/** How a plugin's process is started. */
export interface Start {
  /** The plugin's id, for messages. */
  name: string
  /** The folder of its unpacked artifact. */
  folder: string
  engineId: string
  mode: "serve" | "describe"
  /** Told each line the process prints. */
  print: (line: string) => void
}

/** Starts a plugin's process, with nothing of the engine's environment; `wire` is its end of the channel. */
export function startChild({ name, folder, engineId, mode, print }: Start): { child: ChildProcess; wire: Duplex } {
  const env = { PATH: process.env["PATH"], LANG: "C.UTF-8", [ENGINE_MARK]: engineId }
  const argv = ["--max-old-space-size=256", childPath(), folder, identity(), mode]
  const child = spawn(process.execPath, argv, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe", "pipe"] })
  for (const stream of [child.stdout, child.stderr]) {
    const lines = new Lines((line) => print(line))
    stream?.on("data", (chunk: Buffer) => lines.add(chunk))
    stream?.on("end", () => lines.end())
  }
  const [, , , wire] = child.stdio
  if (!(wire instanceof Duplex)) throw new EngineError("internal", `The process of ${name} has no channel.`)
  return { child, wire }
}

/** Root starts plugins as nobody, `uid:gid`: by number, the same on every Linux. */
const identity = () => (process.getuid?.() === 0 ? "65534:65534" : "-")

const childPath = () => shipped("plugin-process.js", "../dist/plugin-process.js")
