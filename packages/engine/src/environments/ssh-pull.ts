import { mkdtemp, rm } from "node:fs/promises"
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Transform } from "node:stream"
import type { Command } from "@veneer/sdk/contract"
import type { ClientChannel } from "ssh2"
import { EngineError } from "../errors.ts"
import { shipped } from "../shipped.ts"
import type { Child } from "../system/child.ts"
import { frame } from "./frames.ts"

/** A command on the host whose standard input is all that is written to its channel. */
export type StartRaw = (argv: Command["argv"]) => Child & { opened: Promise<ClientChannel | undefined> }

/** What rsync is given as its remote shell, and why that failed where it did. */
export interface Bridge {
  shell: Command["argv"]
  failure(): EngineError | undefined
  close(): Promise<void>
}

const PROGRAM_MISSING = 127
const FAILED = 255

/** Opens a way for the program `remote-shell` to the host, on a socket that only this user can reach. */
export async function openBridge(start: StartRaw): Promise<Bridge> {
  const folder = await mkdtemp(join(tmpdir(), "veneer-"))
  const path = join(folder, "s")
  let failure: EngineError | undefined
  const children = new Set<Child>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    serve(socket, (argv) => {
      const child = start(argv)
      children.add(child)
      return child
    }).catch((error: unknown) => {
      failure ??= error instanceof EngineError ? error : new EngineError("internal", String(error), { cause: error })
      socket.end(frame("exit", Buffer.from([failure.code === "program_missing" ? PROGRAM_MISSING : FAILED])))
    })
  })
  server.listen(path)
  await once(server, "listening")
  return {
    shell: [process.execPath, shipped("remote-shell.js", "../dist/remote-shell.js"), path],
    failure: () => failure,
    close: async () => {
      for (const child of children) await child.end?.()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function serve(socket: Socket, start: StartRaw): Promise<void> {
  socket.on("error", () => undefined)
  const child = start(await commandFrom(socket))
  const gone = () => void child.end?.()
  socket.once("close", gone)
  // Its start may fail before anybody waits for its end.
  child.exited.catch(() => undefined)
  const channel = await child.opened
  if (!channel) return void socket.end()
  // What is written before the command has begun waits on the host: nothing of it is lost.
  const told = Promise.all([relay(child, "stdout", "out", socket), relay(child, "stderr", "err", socket)]).catch(() => undefined)
  socket.pipe(channel)
  const exitCode = await child.exited
  await told
  socket.off("close", gone)
  socket.end(frame("exit", Buffer.from([exitCode ?? FAILED])))
}

/** Ends when all of the stream is on its way. */
async function relay(child: Child, stream: "stdout" | "stderr", kind: "out" | "err", socket: Socket): Promise<void> {
  const framed = new Transform({ transform: (chunk: Buffer, _, done) => done(null, frame(kind, chunk)) })
  child[stream].pipe(framed).pipe(socket, { end: false })
  await Promise.race([once(framed, "end"), once(socket, "close")])
}

/** The first line: the argv, as JSON. rsync waits with the rest for an answer, but need not. */
async function commandFrom(socket: Socket): Promise<Command["argv"]> {
  let line = Buffer.alloc(0)
  while (!line.includes("\n")) {
    const chunk: unknown = socket.read()
    if (Buffer.isBuffer(chunk)) line = Buffer.concat([line, chunk])
    else if (socket.readableEnded) throw new EngineError("internal", "rsync's remote shell said nothing.")
    else await once(socket, "readable")
  }
  const end = line.indexOf("\n")
  if (end + 1 < line.length) socket.unshift(line.subarray(end + 1))
  const argv: unknown = JSON.parse(line.toString("utf8", 0, end))
  if (!Array.isArray(argv)) throw new EngineError("internal", "rsync's remote shell named no command.")
  const [file, ...rest] = argv.map(String)
  return [file ?? "", ...rest]
}
