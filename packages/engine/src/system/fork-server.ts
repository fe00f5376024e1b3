import { fork, type ChildProcess } from "node:child_process"
import { PassThrough } from "node:stream"
import { shipped } from "../shipped.ts"
import type { Child, ChildOptions, StartChild } from "./child.ts"
import type { FromForkServer, Output, ToForkServer } from "./fork-messages.ts"

/** Starts programs in another process's stead. */
export interface ForkServer {
  start: StartChild
  /** Ends it; what programs under way write is lost. */
  close(): void
}

/**
 * A small process that forks for this one. A fork copies the page tables of the whole process and holds it up meanwhile
 * (fork(2)): many milliseconds for an engine, one for a process that has next to nothing.
 *
 * It starts now, and again when it has died; it ends with this process, however that ends.
 */
export function createForkServer(): ForkServer {
  let life = new Life()
  return {
    start: (options) => {
      if (!life.isAlive) life = new Life()
      return life.start(options)
    },
    close: () => life.close(),
  }
}

/** A program as the process that asked for it sees it. */
interface Asked {
  session: boolean
  pid: number | undefined
  /** It has ended, or never began. */
  over: boolean
  outputs: Record<Output, PassThrough>
  tellStarted(pid: number | undefined): void
  tellExited(code: number | undefined): void
  tellFailed(error: Error): void
}

/** One life of the server's process. */
class Life {
  readonly #process: ChildProcess
  readonly #asked = new Map<number, Asked>()
  #ids = 0
  #isAlive = true

  constructor() {
    this.#process = fork(programPath(), [], { serialization: "advanced", detached: true, execArgv: [], env: {}, stdio: ["ignore", "ignore", "inherit", "ipc"] })
    this.#process.on("message", (message: FromForkServer) => this.#receive(message))
    for (const end of ["error", "exit", "disconnect"]) this.#process.once(end, () => this.#over())
    this.#process.unref()
    this.#keepAwake()
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  start(options: ChildOptions): Child {
    const id = ++this.#ids
    const outputs = { stdout: new PassThrough(), stderr: new PassThrough() }
    const asked: Asked = { session: options.session ?? false, pid: undefined, over: false, outputs, tellStarted() {}, tellExited() {}, tellFailed() {} }
    const started = new Promise<number | undefined>((resolve) => (asked.tellStarted = resolve))
    const exited = new Promise<number | undefined>((resolve, reject) => Object.assign(asked, { tellExited: resolve, tellFailed: reject }))
    // Whoever asks how it ended hears of it.
    exited.catch(() => {})
    this.#asked.set(id, asked)
    this.#keepAwake()
    for (const output of Object.values(outputs)) {
      output.once("close", () => {
        if (!output.readableEnded) this.#send({ type: "release", id })
        this.#forget(id)
      })
    }
    this.#send({ type: "start", id, options })
    return { started, exited, ...outputs }
  }

  close(): void {
    this.#isAlive = false
    if (this.#process.connected) this.#process.disconnect()
  }

  #receive(message: FromForkServer): void {
    const asked = this.#asked.get(message.id)
    if (!asked) return
    switch (message.type) {
      case "started":
        asked.pid = message.pid
        return asked.tellStarted(message.pid)
      case "failed":
        fail(asked, Object.assign(new Error(message.message), { code: message.code }))
        return this.#forget(message.id)
      case "data": return void asked.outputs[message.output].write(message.chunk)
      case "end": return void asked.outputs[message.output].end()
      case "exited":
        asked.over = true
        asked.tellExited(message.code)
        return this.#forget(message.id)
    }
  }

  /** A program has no place here once it and both of its outputs are over. */
  #forget(id: number): void {
    const asked = this.#asked.get(id)
    if (!asked?.over || !asked.outputs.stdout.closed || !asked.outputs.stderr.closed) return
    this.#asked.delete(id)
    this.#keepAwake()
  }

  /** What was under way can't be followed any more, so it is ended. */
  #over(): void {
    this.#isAlive = false
    for (const asked of this.#asked.values()) {
      end(asked)
      fail(asked, new Error("the process that starts the engine's programs has ended"))
    }
  }

  /** Only programs under way keep this process from its end. */
  #keepAwake(): void {
    if (this.#asked.size > 0) this.#process.channel?.ref()
    else this.#process.channel?.unref()
  }

  #send(message: ToForkServer): void {
    // When it has died, its exit tells.
    this.#process.send(message, () => {})
  }
}

function fail(asked: Asked, error: Error): void {
  asked.over = true
  asked.tellStarted(undefined)
  asked.tellFailed(error)
  for (const output of Object.values(asked.outputs)) output.end()
}

function end({ pid, over, session }: Asked): void {
  if (pid === undefined || over) return
  try {
    process.kill(session ? -pid : pid, "SIGKILL")
  } catch {
    // It has ended by itself.
  }
}

const programPath = () => shipped("fork-server.js", "../dist/fork-server.js")
