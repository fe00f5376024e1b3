import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { quote, type Command } from "@veneer/sdk/contract"
import type { ClientChannel } from "ssh2"
import { EngineError } from "../errors.ts"
import { shipped } from "../shipped.ts"
import type { Child } from "../system/child.ts"
import { until } from "../until.ts"
import { Marked } from "./marked.ts"
import type { SshConnection } from "./ssh-connection.ts"
import { refusal } from "./ssh-refusal.ts"

/** A command with everything settled but the connection. */
export interface RemoteCommand {
  argv: Command["argv"]
  /** The environment's name, for messages. */
  host: string
  /** Who logs in, and who it runs as. */
  login: string
  user: string
  engineId: string
  /** Undefined is the user's home. */
  cwd?: string | undefined
  /** The program's standard input. */
  stdin?: string | undefined
  /** Instead, all that is written to the channel is its input. */
  raw?: boolean | undefined
  /** Whether it may take hours. */
  long?: boolean | undefined
}

/** The engine's sign of life to each of its commands. */
const PULSE_MS = 15_000

/** How long a shell's start-up files may take. */
const START_MS = 60_000

/** How long a command has to end once it was asked to: twice as long as its own end waits. */
const END_MS = 12_000

/** After the command's exit its streams are given up when something holds them open: silent for so long, or talking on for so much longer. */
const SILENCE_MS = 1_000
const TALK_MS = 3_000

/** Plain for every shell there is, of whichever family. What it runs comes by standard input: eight digits that tell its length, and the text. */
const START = `bash --noprofile --norc -c 'LC_ALL=C; IFS= read -r -N 8 n && IFS= read -r -N $((n-10000000)) s && eval "$s"'`
const LENGTH_BASE = 10_000_000

let text: string | undefined

/** Starts a command on a host. What it writes before it is marked as the command's own is noise. */
export function startRemote(connection: SshConnection, command: RemoteCommand): Child & { opened: Promise<ClientChannel | undefined> } {
  const mark = randomBytes(12).toString("hex")
  const stdout = new Marked(mark)
  const stderr = new Marked(mark)
  const giveUp = new AbortController()
  const opened = open(connection, command, mark, giveUp.signal)
  const exited = opened.then((channel) => (channel ? followed(channel, { stdout, stderr, command, ending: giveUp.signal }) : undefined))
  exited.catch(() => undefined).finally(() => {
    stdout.end()
    stderr.end()
  })
  return {
    started: Promise.resolve(undefined), exited, stdout, stderr, opened,
    end: async () => {
      giveUp.abort()
      const channel = await opened.catch(() => undefined)
      if (!channel) return
      if (command.raw !== true) channel.write("end\n")
      channel.end()
      let ended = false
      exited.then(() => (ended = true), () => (ended = true))
      if (!(await until(() => ended, { deadlineMs: END_MS }))) channel.destroy()
    },
  }
}

/** @returns undefined when it was given up before */
async function open(connection: SshConnection, command: RemoteCommand, mark: string, signal: AbortSignal): Promise<ClientChannel | undefined> {
  const { login, user, long, stdin } = command
  const line = user === login ? `exec ${START}` : `exec env LC_ALL=C sudo -n -u '${user}' -- ${START}`
  try {
    const channel = await connection.exec(line, { long, signal })
    const sent = Buffer.from(`${variables(command, mark)}${(text ??= program())}`)
    channel.write(Buffer.concat([Buffer.from(String(LENGTH_BASE + sent.length)), sent]))
    if (stdin !== undefined) channel.write(coded(stdin).text)
    return channel
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

const program = () => readFileSync(shipped("remote.sh", "../../../shell/remote.sh"), "utf8")

/** Input as the host's bash can take it. */
const coded = (stdin: string) => (stdin.includes("\0") ? { coding: "base64", text: Buffer.from(stdin).toString("base64") } : { coding: "plain", text: stdin })

function variables({ argv, engineId, user, cwd = "", stdin, raw = false }: RemoteCommand, mark: string): string {
  const { coding, text: input } = stdin === undefined ? { coding: "plain", text: undefined } : coded(stdin)
  const bytes = input === undefined ? (raw ? "raw" : "none") : String(Buffer.byteLength(input))
  try {
    return `NONCE=${mark} ENGINE=${quote(engineId)} OS_USER=${quote(user)} DIRECTORY=${quote(cwd)} INPUT=${bytes} CODING=${coding}\nPROGRAM=(${argv.map(quote).join(" ")})\n`
  } catch (cause) {
    throw new EngineError("program_missing", `${JSON.stringify(argv[0])} can't be started: an argument or its directory holds a NUL character.`, { cause })
  }
}

interface Followed {
  stdout: Marked
  stderr: Marked
  command: RemoteCommand
  /** Aborted when the command was asked to end: then the channel closes when all of it has. */
  ending: AbortSignal
}

/** What came of a channel. */
interface Seen {
  /** Whether it has said something since this was last looked at. */
  heard: boolean
  closed: boolean
  exit?: { code: number | undefined }
}

/** Its exit code, undefined when a signal ended it, once all it wrote has come. */
async function followed(channel: ClientChannel, { stdout, stderr, command, ending }: Followed): Promise<number | undefined> {
  const seen: Seen = { heard: true, closed: false }
  const pulse = setInterval(() => command.raw === true || channel.write("\n"), PULSE_MS).unref()
  const starting = setTimeout(() => channel.destroy(), START_MS)
  stdout.once("word", () => clearTimeout(starting))
  for (const [from, to] of [[channel, stdout], [channel.stderr, stderr]] as const) {
    from.on("error", () => undefined).on("data", (chunk: Buffer) => {
      seen.heard = true
      to.write(chunk)
    })
  }
  await new Promise<void>((resolve) => {
    channel.once("exit", (code: number | null) => {
      seen.exit = { code: code ?? undefined }
      channel.end()
      resolve()
    })
    channel.once("close", () => {
      seen.closed = true
      resolve()
    })
  })
  clearInterval(pulse)
  clearTimeout(starting)
  await silence(seen, ending)
  if (!seen.closed) channel.destroy()
  if (stdout.word === "ok") {
    if (seen.exit) return seen.exit.code
    throw new EngineError("environment_unreachable", `The connection to "${command.host}" broke while ${command.argv[0]} ran.`)
  }
  if (ending.aborted) return undefined
  throw refusal(command, { word: stdout.word, noise: `${stderr.noise}\n${stdout.noise}`.trim(), broke: seen.exit === undefined })
}

/** Waits until a command that has exited has nothing more to say. */
async function silence(seen: Seen, ending: AbortSignal): Promise<void> {
  const end = performance.now() + TALK_MS
  while (!seen.closed && seen.heard && !ending.aborted && performance.now() < end) {
    seen.heard = false
    await until(() => seen.closed || seen.heard || ending.aborted, { deadlineMs: SILENCE_MS })
  }
  if (ending.aborted) await until(() => seen.closed, { deadlineMs: END_MS })
}
